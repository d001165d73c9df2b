"""Carrying a running instance to another version of its diagrams: all of it, or nothing and the reasons.

Nothing moves on by it: no call goes out, no message, no timer fires. What would move at once is refused, so
that the former state can take its place again until the next step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflows import running, state
from workflows.assigning import user_task
from workflows.catalog import Deployment
from workflows.errors import ElementError, MigrationRefusedError, Reason
from workflows.fitting import arrivals, is_awaited
from workflows.instance import Instance
from workflows.plans import Plan
from workflows.starving import bound_to_starve
from workflows.step import Step, UserTask
from workflows.surveying import Survey, key_of

_TIMES = ("due", "cycle", "since", "round", "every", "left", "fresh")
# What a person sees of a user task; where one of these was drawn anew, all is said anew.
_SHOWN = ("title", "documentation", "lane", "attributes", "properties", "inputs_map")


@dataclass(frozen=True, slots=True)
class Moved:
    """An instance on its new version."""

    step: Step
    revised: tuple[UserTask, ...]
    """The user tasks that stay open and are drawn otherwise there: as they now are."""
    elements: Mapping[str, str]
    """By key, the element where each token now stands, where that has another id."""
    former: Mapping[str, str]
    """And the one where it stood."""


def migrate(
    old: Deployment,
    new: Deployment,
    before: bytes,
    plan: Plan,
    now: datetime,
    entered: Mapping[tuple[str, str], datetime] | None = None,
) -> Moved:
    """Carry an instance over by a plan; raise MigrationRefusedError with every reason against it.

    A timer whose text is the same stays due when it was. Another counts from the moment that its element was
    entered (`entered`, by process and element), else from now; one that was drawn in since, from now.
    """
    survey = Survey(state.load(before, old, now), new, plan)
    survey.look()
    survey.refuse_if_any()
    return _Move(survey, dict(entered or {})).go(now)


def verdict(old: Deployment, new: Deployment, before: bytes, plan: Plan, now: datetime) -> tuple[Reason, ...]:
    """Say what keeps an instance from being carried over; nothing where it can be."""
    try:
        migrate(old, new, before, plan, now)
    except MigrationRefusedError as error:
        return error.reasons
    return ()


def restate(deployment: Deployment, before: bytes, now: datetime) -> Step:
    """Say of a state what a step says, without taking one: it is as it was."""
    return running._step(state.load(before, deployment, now))


@dataclass(slots=True)
class _Move:
    """Carries over what a survey found a place for."""

    survey: Survey
    entered: dict[tuple[str, str], datetime]
    spent: set[tuple[str | None, str]] = field(default_factory=set)
    """What fired and listens no more: by the key of its activity, or of the host of its scope."""

    def go(self, now: datetime) -> Moved:
        self._give_up_what_stops()
        self._find_spent()
        self._rename()
        moved = state.load(state.save(self.survey.instance), self.survey.new, now)
        moved.overtaken += self.survey.instance.overtaken
        for token in list(moved.index.values()):
            self._settle(moved, token)
        for scope in (moved, *moved.subprocesses.values()):
            self._listen_in(scope)
        revised = self._revise(moved)
        self._find_what_holds(moved)
        self._refuse_what_halted(moved)
        self._refuse_what_would_starve(moved)
        self.survey.refuse_if_any()
        here, there = self.survey.here, self.survey.there
        renamed = [key for key in there if there[key].name != here[key].name]
        return Moved(
            running._step(moved),
            revised,
            {key: there[key].name for key in renamed},
            {key: here[key].name for key in renamed},
        )

    def _give_up_what_stops(self) -> None:
        for token in list(self.survey.instance.index.values()):
            if token.is_alive and token.id not in self.survey.there:
                token.cancel()

    def _find_spent(self) -> None:
        """What listened once and no longer does has fired: it must not begin again."""
        for token in self.survey.instance.index.values():
            if token.internal_data.get("attached"):
                self._spend(token.scope, token.id, token.task_spec.boundaries, _listeners(token))
        for scope in self.survey.scopes():
            listening = [token for token in scope.tokens() if "listener" in token.internal_data]
            self._spend(scope, key_of(scope), scope.spec.event_subprocesses, listening)

    def _spend(self, scope: Any, key: str | None, names: list[str], listeners: list[Any]) -> None:
        listening = {token.task_spec.name for token in listeners}
        self.spent |= {
            (key, self.survey.name_there(scope, name) or "")
            for name in names
            if scope.spec.task_specs[name].trigger.waits and name not in listening
        }

    def _rename(self) -> None:
        """Let the state name the new version's elements; where it can be read is the new version alone."""
        for scope in self.survey.scopes():
            around = self.survey.counterpart(scope)
            for token in scope.tokens():
                there, memo = self.survey.there[token.id], token.internal_data
                if "arrived" in memo:
                    found = arrivals(token, there, self.survey.names)
                    memo["arrived"] = {found[flow]: times for flow, times in memo["arrived"].items()}
                memo.update(self.survey.kept.get(token.id, {}))
                token.task_spec = there
            scope.spec, scope.ledger = around, self.survey.ledgers[key_of(scope)]

    def _settle(self, moved: Instance, token: Any) -> None:
        """Let a token wait for what its element waits for now."""
        here, memo = self.survey.here[token.id], token.internal_data
        if not token.is_listening:
            was = {"was": here.name} if here.name != token.task_spec.name else {}
            moved.note(token.task_spec, "migrated", token, **was)
        if is_awaited(token) and getattr(here, "trigger", None) != getattr(token.task_spec, "trigger", None):
            self._wait_anew(moved, token)
        if memo.get("attached"):
            self._listen(token)
        if "race" in memo:
            self._race(token)

    def _wait_anew(self, moved: Instance, token: Any) -> None:
        memo, now = token.internal_data, moved.now
        moved.unwatch(token)
        for name in _TIMES:
            memo.pop(name, None)
        moved.now = self._since(token, memo.get("host", token.id), now)
        moved.guard(token, lambda: token.task_spec.wait(token))
        moved.now = now

    def _since(self, token: Any, key: str, now: datetime) -> datetime:
        """Return when an element was entered, as far as that is known."""
        return self.entered.get((token.scope.process_id, self.survey.here[key].name), now)

    def _listen(self, token: Any) -> None:
        """Let the boundary events listen that were drawn at the activity since it was entered."""
        listening = {other.task_spec.name for other in _listeners(token)}
        for name in token.task_spec.boundaries:
            if name not in listening and (token.id, name) not in self.spent:
                token.scope.spec.task_specs[name].listen(token)

    def _listen_in(self, scope: Any) -> None:
        """Let the event subprocesses listen that were drawn in since, unless one has taken the scope over."""
        tokens = scope.tokens()
        listening = {token.task_spec.name for token in tokens if "listener" in token.internal_data}
        if any(_has_taken_over(token) for token in tokens):
            return
        for name in scope.spec.event_subprocesses:
            if name not in listening and (key_of(scope), name) not in self.spent:
                scope.spec.task_specs[name].listen(scope)

    def _race(self, token: Any) -> None:
        """Let the events wait that were drawn behind the gateway since it was passed."""
        racing = [
            other for other in token.scope.tokens() if other.internal_data.get("race") == _race_of(token)
        ]
        waited_for = {other.task_spec.name for other in racing}
        gateways = (spec for spec in token.scope.spec.task_specs.values() if spec.kind == "eventBasedGateway")
        for gateway in gateways:
            if waited_for <= {flow.target for flow in gateway.flows}:
                for flow in gateway.flows:
                    if flow.target not in waited_for:
                        token.scope.spawn(flow.target, via=flow.id, race=_race_of(token))
                return

    def _revise(self, moved: Instance) -> tuple[UserTask, ...]:
        return tuple(self._revised(moved))

    def _revised(self, moved: Instance) -> Iterator[UserTask]:
        for key, here in self.survey.here.items():
            token = moved.index[key]
            there = token.task_spec
            if token.state != TaskState.READY or all(_same(here, there, name) for name in _SHOWN):
                continue
            try:
                if here.inputs_map != there.inputs_map:
                    there.read_inputs(token)
                now, moved.now = moved.now, self._since(token, key, moved.now)
                yield user_task(token)
                moved.now = now
            except ElementError as error:
                self.survey.reasons.append(Reason(token.scope.process_id, here.name, error.why))

    def _refuse_what_halted(self, moved: Instance) -> None:
        for incident in moved.new_incidents:
            process = moved.index[incident.key].scope.process_id
            self.survey.reasons.append(Reason(process, incident.element, incident.message))

    def _find_what_holds(self, moved: Instance) -> None:
        """A condition that is waited for anew and holds already would fire at once."""
        for token in list(moved.watch["condition"].values()):
            if token.internal_data.get("fresh"):
                moved.guard(token, partial(self._look, token))

    def _look(self, token: Any) -> None:
        spec = token.task_spec
        if token.evaluate(spec.trigger.text) not in (None, False):
            raise ElementError(
                spec.name, f"its condition {spec.trigger.text!r} holds already: it would fire at once"
            )

    def _refuse_what_would_starve(self, moved: Instance) -> None:
        for scope in (moved, *moved.subprocesses.values()):
            for name, lacking in bound_to_starve(scope).items():
                if name not in self.survey.doomed:
                    flows = ", ".join(flow.id for flow in lacking)
                    why = f"would wait for {flows}, where nothing can arrive any more"
                    self.survey.reasons.append(Reason(scope.process_id, name, why))


def _has_taken_over(token: Any) -> bool:
    spec = token.task_spec
    return bool(spec.is_event_subprocess and spec.interrupts and not token.is_listening)


def _listeners(host: Any) -> list[Any]:
    return [other for other in host.scope.tokens() if other.internal_data.get("host") == host.id]


def _race_of(token: Any) -> str:
    return str(token.internal_data["race"])


def _same(here: Any, there: Any, name: str) -> bool:
    return bool(getattr(here, name, None) == getattr(there, name, None))
