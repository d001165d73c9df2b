"""A running process: SpiffWorkflow's BpmnWorkflow holding live tokens only, and the loop that moves them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from workflows import conditions
from workflows.errors import ElementError
from workflows.scopes import Scope, Subscope
from workflows.scripting import ENGINE
from workflows.starving import starved
from workflows.step import Closed, Event, Incident, Sent
from workflows.tokens import Token

STEPS = 10_000
"""Of one scope between two waits; what repeats a counted number of times is not among them."""
WHOLE = 250_000
"""Elements that may be entered between two waits, in all scopes together."""
DEEPEST = 50
WATCHED = ("timer", "message", "signal", "join", "condition")


class Instance(Scope, BpmnWorkflow):
    """Everything that is true of an instance between two steps, and what happened in this one."""

    def __init__(self, deployment: Any, process: str, now: datetime) -> None:
        self.deployment = deployment
        self.now = now
        self.serial = 0
        self.business_key = ""
        self.index: dict[str, Token] = {}
        self.queue: deque[Token] = deque()
        self.touched: dict[Scope, None] = {}
        self.watch: dict[str, dict[str, Token]] = {kind: {} for kind in WATCHED}
        self.events: list[Event] = []
        self.milestones: list[str] = []
        self.closed: list[Closed] = []
        self.withdrawn: list[str] = []
        self.new_incidents: list[Incident] = []
        self.overtaken: list[str] = []
        self.changes: list[tuple[dict[str, Any], str, str]] = []  # written where, what, how; for conditions
        self.readers: Any = None  # who waits for which of them; `conditions` makes it when it must know
        self.fresh: list[Token] = []  # conditions that were not looked at since their wait began
        self.timed: list[Token] = []  # timers that began to wait
        self.entered = 0
        self.sent: list[Sent] = []
        self.opened: list[Token] = []
        self.called: list[Token] = []
        self.end_event: str | None = None
        self.was_cancelled = False
        self.known: dict[str, dict[str, Any]] = {}  # variables as they were before this step
        super().__init__(
            deployment.specs[process], deployment.specs, script_engine=ENGINE, deserializing=True
        )

    def next_id(self) -> str:
        self.serial += 1
        self.entered += 1
        return str(self.serial)

    def open_scope(self, host: Token, spec: str, deployment: Any, key: str | None = None) -> Subscope:
        """Open the scope of a subprocess or call; raise ElementError where they are nested without end."""
        if host.scope.depth >= DEEPEST:
            raise ElementError(host.task_spec.name, f"calls are nested more than {DEEPEST} deep")
        scope = Subscope(deployment.specs[spec], host, self, deployment, key)
        self.subprocesses[host.id] = scope
        scope.plant(f"{host.id}.0")
        return scope

    def close_scope(self, host: Token) -> None:
        """Cancel what runs inside a cancelled host."""
        inner = self.subprocesses.pop(host.id, None)
        if inner is not None:
            inner.clear()
            inner.completed = True

    # what happened

    def note(self, spec: Any, kind: str, token: Token, **detail: Any) -> None:
        if "of" in token.internal_data:
            detail["loop"] = token.data.get("loopCounter")
        self.events.append(Event(token.scope.process_id, spec.name, kind, self.now, detail))

    def reach(self, spec: Any) -> None:
        milestone = spec.properties.get("milestone")
        if milestone:
            self.milestones.append(milestone)

    @property
    def is_ending(self) -> bool:
        """Whether it is cancelled, and what was done is being undone."""
        return any("ending" in token.internal_data for token in self.tasks.values())

    # the loop

    def advance(self) -> None:
        """Move every token that can move, until all wait or the instance has ended."""
        self._move()
        self._tell_starved()

    def _move(self) -> None:
        self.entered, taken = 0, Counter[Scope]()
        while True:
            if (self.changes or self.fresh) and conditions.fire(self):
                continue
            if self.queue:
                token = self.queue.popleft()
                if token.is_alive and token.state == TaskState.READY:
                    self.guard(token, partial(self._run, token, taken))
            elif not (self.finish_scope() or self.open_join()):
                return

    def _run(self, token: Token, taken: Counter[Scope]) -> None:
        """Let a token do its work; raise ElementError where this would go on for ever.

        What goes round and round does so in a scope; however much is done side by side, each scope takes few
        steps. Whatever else happens is a consequence of a token that ran, so this is the one place to count.
        """
        self.check_room(token)
        if not token.is_counted_round:
            taken[token.scope] += 1
            if taken[token.scope] > STEPS:
                raise ElementError(token.task_spec.name, f"more than {STEPS} steps without waiting")
        token.run()

    def check_room(self, token: Token, more: int = 0) -> None:
        """Raise ElementError where more elements are entered between two waits than anybody means."""
        if self.entered + more > WHOLE:
            raise ElementError(token.task_spec.name, f"more than {WHOLE} elements are entered in one step")

    def _tell_starved(self) -> None:
        for scope in (self, *self.subprocesses.values()):
            while found := starved(scope):
                self.halt(*found)

    def guard(self, token: Token, move: Callable[[], Any]) -> None:
        """Do one thing with a token; what it cannot answer becomes an incident there."""
        try:
            move()
        except ElementError as error:
            self.halt(token, error.why)

    def halt(self, token: Token, why: str) -> None:
        """Leave the token where it is, with an incident that `retry` resolves."""
        if token.state == TaskState.COMPLETED:
            # It did its work and could not leave: trying again must not do the work twice.
            token.internal_data["done"] = True
        token._set_state(TaskState.ERROR)
        token.internal_data["incident"] = why
        seen = dict(token.variables())
        self.new_incidents.append(Incident(token.id, token.task_spec.name, why, token.scope.process_id, seen))
        self.note(token.task_spec, "incident", token, message=why)

    def touch(self, scope: Scope) -> None:
        """Have a scope looked at, the last one first: it may have ended."""
        self.touched.pop(scope, None)
        self.touched[scope] = None

    def finish_scope(self) -> bool:
        """End a scope in which no token is left; False when there is none."""
        while self.touched:
            scope, _ = self.touched.popitem()
            if scope.completed or not scope.is_exhausted:
                continue
            scope.completed = True
            scope.clear()
            if scope is self:
                return False
            self._give_back(scope.host, scope)
            return True
        return False

    def _give_back(self, host: Token, scope: Scope) -> None:
        self.guard(host, lambda: host.task_spec.scope_finished(host, scope))

    def open_join(self) -> bool:
        """Open one inclusive join that waits for no token that can still arrive."""
        for token in list(self.watch["join"].values()):
            if token.task_spec.may_open(token):
                token.task_spec.open(token)
                return True
        return False

    def end_cancelled(self) -> None:
        """End at once, whatever is waited for."""
        self.clear()
        self.completed = True
        self.was_cancelled = True

    def tick(self, now: datetime) -> None:
        """Fire the timers that are due, the earliest first."""
        ahead = self._due(self.watch["timer"].values(), now)
        heapify(ahead)
        left = len(ahead) + STEPS
        while ahead:
            *_, token = heappop(ahead)
            if not self._due([token], now):
                continue  # what fired before has ended its wait, or put it off
            left -= 1
            if left < 0:
                self.unwatch(token)
                self.halt(token, f"more than {STEPS} timers were due at one moment")
                continue
            self.timed.clear()
            self.guard(token, partial(token.task_spec.fire_timer, token))
            self._move()
            for each in self._due(self.timed, now):
                heappush(ahead, each)
        self._tell_starved()

    def _due(self, tokens: Iterable[Token], now: datetime) -> list[tuple[float, int, Token]]:
        """Return those that wait for a moment that has come, as they are to be sorted."""
        moment, waiting = now.timestamp(), self.watch["timer"]
        return [
            (due, int(token.id), token)
            for token in tokens
            if token.id in waiting and (due := token.internal_data["due"]) <= moment
        ]

    def send(self, token: Token, kind: str, name: str, keys: Mapping[str, Any]) -> None:
        """Send a token's own variables as a message or signal."""
        payload, found = dict(token.data), {"business_key": token.scope.business_key}
        self.sent.append(Sent(kind, name, payload, {**found, "keys": keys} if keys else found))

    def close(self, token: Token) -> None:
        """Say that a user task waits no longer, unless nobody was told of it or it is closed already."""
        if token in self.opened:
            self.opened.remove(token)
        elif "incident" not in token.internal_data:
            self.closed.append(Closed(token.id, "cancelled"))

    def withdraw(self, token: Token) -> None:
        if token in self.called:
            self.called.remove(token)
        elif "incident" not in token.internal_data:
            self.withdrawn.append(token.id)

    def overtake(self, token: Token) -> None:
        """Say that nobody need help at a cancelled token, unless nobody was asked to."""
        if "incident" not in token.internal_data:
            return
        told = [incident for incident in self.new_incidents if incident.key != token.id]
        if len(told) == len(self.new_incidents):
            self.overtaken.append(token.id)
        self.new_incidents = told

    def unwatch(self, token: Token) -> None:
        for waiting in self.watch.values():
            waiting.pop(token.id, None)
