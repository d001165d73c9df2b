"""A second, small engine, written from chapter 13 of BPMN 2.0.2, not from our code: tokens lie on flows.

It plays what a diagram says where nobody disputes it: tasks, exclusive, parallel and inclusive gateways,
subprocesses, multi-instance, boundary messages and errors, terminating ends. An inclusive gateway waits for
every token that can still arrive (as Camunda does; the standard lets it go on where such a token could as
well come to a flow that has one).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Node:
    """`kind` is start, end, terminate, error (an end), task, sub, xor, and, or, boundary."""

    name: str
    kind: str
    inner: Net | None = None
    times: int = 0
    """Multi-instance where it is not 0."""
    sequential: bool = False
    until: str = ""
    """The variable that ends a multi-instance activity early."""
    host: str = ""
    event: str = ""
    """What a boundary catches: the name of a message, or `error`."""
    interrupts: bool = True


@dataclass(frozen=True)
class Flow:
    source: str
    target: str
    condition: str = ""
    """A variable that must be true."""
    default: bool = False


@dataclass(frozen=True)
class Net:
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    def out(self, name: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == name]

    def into(self, name: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == name]

    def on(self, host: str) -> list[Node]:
        return [node for node in self.nodes if node.kind == "boundary" and node.host == host]


@dataclass(eq=False)
class Scope:
    net: Net
    host: Round | None
    at: tuple[int, ...]
    tokens: Counter[Flow] = field(default_factory=Counter)
    active: list[Activity] = field(default_factory=list)


@dataclass(eq=False)
class Activity:
    """A task or subprocess at work; a multi-instance one goes several rounds."""

    scope: Scope
    node: Node
    started: int = 0
    rounds: list[Round] = field(default_factory=list)


@dataclass(eq=False)
class Round:
    activity: Activity
    at: tuple[int, ...]
    age: int
    inner: Scope | None = None


class Game:
    def __init__(self, net: Net, variables: dict[str, bool]) -> None:
        self.variables = dict(variables)
        self.age = 0
        self.root = Scope(net, None, ())
        self._begin(self.root)
        self._play()

    # what is seen from outside

    @property
    def tasks(self) -> list[tuple[str, tuple[int, ...]]]:
        return sorted((each.activity.node.name, each.at) for each in self._work())

    @property
    def finished(self) -> bool:
        return self._exhausted(self.root)

    def waiting(self, event: str) -> int:
        """Return how many wait for a message."""
        return len(self._hosts(event))

    # what may happen from outside

    def complete(self, name: str, at: tuple[int, ...], variables: dict[str, bool]) -> None:
        """Complete the oldest open task of this name and place."""
        self.variables.update(variables)
        found = [each for each in self._work() if (each.activity.node.name, each.at) == (name, at)]
        self._round_done(min(found, key=lambda each: each.age))
        self._play()

    def message(self, event: str) -> None:
        ((activity, boundary),) = self._hosts(event)
        self._catch(activity, boundary)
        self._play()

    # the rules

    def _play(self) -> None:
        while self._move():
            pass

    def _move(self) -> bool:
        """Do one thing that can be done; inclusive gateways are looked at when nothing else moves."""
        scopes = list(self._scopes(self.root))
        for wanted in (False, True):
            for scope in scopes:
                for node in scope.net.nodes:
                    if (node.kind == "or") == wanted and self._enabled(scope, node):
                        self._fire(scope, node)
                        return True
        for scope in scopes:
            if scope.host is not None and self._exhausted(scope):
                self._round_done(scope.host)
                return True
        return False

    def _enabled(self, scope: Scope, node: Node) -> bool:
        filled = [flow for flow in scope.net.into(node.name) if scope.tokens[flow]]
        if node.kind == "and":
            return bool(filled) and len(filled) == len(scope.net.into(node.name))
        if node.kind == "or":
            return bool(filled) and not self._can_still_arrive(scope, node)
        return bool(filled)

    def _can_still_arrive(self, scope: Scope, join: Node) -> bool:
        """Whether a token can come to a flow that has none, without passing the gateway itself."""
        empty = {flow for flow in scope.net.into(join.name) if not scope.tokens[flow]}
        begin = [flow for flow, count in scope.tokens.items() if count and flow.target != join.name]
        begin += [flow for each in scope.active for flow in self._ways_out(scope.net, each.node.name)]
        seen: set[Flow] = set()
        while begin:
            flow = begin.pop()
            if flow in seen:
                continue
            seen.add(flow)
            if flow.target != join.name:
                begin += self._ways_out(scope.net, flow.target)
        return bool(seen & empty)

    def _ways_out(self, net: Net, name: str) -> list[Flow]:
        return [flow for each in (name, *(b.name for b in net.on(name))) for flow in net.out(each)]

    def _fire(self, scope: Scope, node: Node) -> None:
        filled = [flow for flow in scope.net.into(node.name) if scope.tokens[flow]]
        for flow in filled if node.kind in ("and", "or") else filled[:1]:
            scope.tokens[flow] -= 1
        if node.kind == "terminate":
            scope.tokens.clear()
            scope.active.clear()
        elif node.kind == "error":
            self._throw(scope)
        elif node.kind in ("task", "sub"):
            self._enter(scope, node)
        elif node.kind != "end":
            self._leave(scope, node)

    def _leave(self, scope: Scope, node: Node) -> None:
        flows = scope.net.out(node.name)
        taken = [flow for flow in flows if not flow.default and self._holds(flow)] or [
            flow for flow in flows if flow.default
        ]
        scope.tokens.update(taken[:1] if node.kind == "xor" else taken)

    def _holds(self, flow: Flow) -> bool:
        return not flow.condition or self.variables[flow.condition]

    def _begin(self, scope: Scope) -> None:
        self._leave(scope, next(node for node in scope.net.nodes if node.kind == "start"))

    def _enter(self, scope: Scope, node: Node) -> None:
        activity = Activity(scope, node)
        scope.active.append(activity)
        for _ in range(1 if node.sequential else node.times or 1):
            self._next_round(activity)

    def _next_round(self, activity: Activity) -> None:
        at, node = activity.scope.at, activity.node
        self.age += 1
        one = Round(activity, (*at, activity.started) if node.times else at, self.age)
        activity.started += 1
        activity.rounds.append(one)
        if node.inner is not None:
            one.inner = Scope(node.inner, one, one.at)
            self._begin(one.inner)

    def _round_done(self, one: Round) -> None:
        activity = one.activity
        activity.rounds.remove(one)
        enough = bool(activity.node.until) and self.variables[activity.node.until]
        if activity.started < activity.node.times and not enough:
            self._next_round(activity)
        if enough or not activity.rounds:
            activity.scope.active.remove(activity)
            self._leave(activity.scope, activity.node)

    def _throw(self, scope: Scope) -> None:
        """Let the nearest activity around catch the error."""
        while scope.host is not None:
            activity = scope.host.activity
            scope = activity.scope
            for boundary in scope.net.on(activity.node.name):
                if boundary.event == "error":
                    self._catch(activity, boundary)
                    return
        raise ValueError("an error that nobody catches is beyond this game")

    def _catch(self, activity: Activity, boundary: Node) -> None:
        if boundary.interrupts:
            activity.scope.active.remove(activity)
        self._leave(activity.scope, boundary)

    # looking around

    def _scopes(self, scope: Scope) -> Iterator[Scope]:
        yield scope
        for activity in scope.active:
            for one in activity.rounds:
                if one.inner is not None:
                    yield from self._scopes(one.inner)

    def _work(self) -> list[Round]:
        return [
            one
            for scope in self._scopes(self.root)
            for activity in scope.active
            for one in activity.rounds
            if one.inner is None
        ]

    def _hosts(self, event: str) -> list[tuple[Activity, Node]]:
        return [
            (activity, boundary)
            for scope in self._scopes(self.root)
            for activity in scope.active
            for boundary in scope.net.on(activity.node.name)
            if boundary.event == event
        ]

    def _exhausted(self, scope: Scope) -> bool:
        return not scope.active and not any(scope.tokens.values())
