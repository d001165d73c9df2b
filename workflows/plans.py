"""Which element of one version stands for which of another: by id, else by name, work or place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from workflows.catalog import Deployment
from workflows.errors import UnknownElementError, UnknownProcessError

# Whoever does it, a person says when it is done.
BY_PEOPLE = frozenset({"userTask", "manualTask"})


class Why(StrEnum):
    """What says that two elements are the same; a pair that somebody chose needs no other reason."""

    ID = "id"
    NAME = "name"
    WORK = "work"  # the only two that call this handler, await this message, ask this table ...
    PLACE = "place"  # the only two between these neighbours
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Pair:
    """An element of the old version and the one that stands for it in the new."""

    process: str
    old: str
    new: str
    why: Why

    @property
    def is_sure(self) -> bool:
        """False for what was guessed: somebody should look at it."""
        return self.why in (Why.ID, Why.CHOSEN)


@dataclass(frozen=True, slots=True)
class Place:
    """An element of one version."""

    process: str
    element: str
    kind: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How instances of a process, and of those it calls, are carried from one version to another."""

    process: str
    pairs: tuple[Pair, ...]
    before: tuple[Place, ...]
    after: tuple[Place, ...]

    @property
    def gone(self) -> tuple[Place, ...]:
        """The elements that only the old version has."""
        paired = {(pair.process, pair.old) for pair in self.pairs}
        return tuple(each for each in self.before if (each.process, each.element) not in paired)

    @property
    def added(self) -> tuple[Place, ...]:
        """The elements that only the new version has."""
        paired = {(pair.process, pair.new) for pair in self.pairs}
        return tuple(each for each in self.after if (each.process, each.element) not in paired)

    @property
    def changed(self) -> tuple[Place, ...]:
        """The elements of the new version that have the id of another kind of element in the old."""
        kinds = {(each.process, each.element): each.kind for each in self.before}
        same = {(pair.process, pair.new) for pair in self.pairs}
        return tuple(
            each
            for each in self.after
            if (each.process, each.element) in kinds and (each.process, each.element) not in same
        )

    def choose(self, process: str, old: str, new: str | None) -> Plan:
        """Let another element stand for an old one, or none; raise UnknownElementError."""
        _known(self.before, process, old)
        others = tuple(pair for pair in self.pairs if (pair.process, pair.old) != (process, old))
        if new is None:
            return replace(self, pairs=others)
        _known(self.after, process, new)
        return replace(self, pairs=(*others, Pair(process, old, new, Why.CHOSEN)))


def _known(places: Iterable[Place], process: str, element: str) -> None:
    if not any((each.process, each.element) == (process, element) for each in places):
        raise UnknownElementError(process, element)


def plan(old: Deployment, new: Deployment, process: str) -> Plan:
    """Propose how instances of a process go from one version to another; raise UnknownProcessError."""
    for deployment in (old, new):
        if process not in deployment.processes:
            raise UnknownProcessError(process)
    pairs: list[Pair] = []
    before: list[Place] = []
    after: list[Place] = []
    for each in dict.fromkeys([*_called(old, process), *_called(new, process)]):
        matching = _Matching(_elements(old, each), _elements(new, each))
        pairs += [Pair(each, one, other, why) for one, (other, why) in matching.run().items()]
        before += [Place(each, name, found.spec.kind) for name, found in matching.old.items()]
        after += [Place(each, name, found.spec.kind) for name, found in matching.new.items()]
    return Plan(process, tuple(pairs), tuple(before), tuple(after))


def _called(deployment: Deployment, process: str) -> Iterator[str]:
    """Name a process and those that it may call, each once."""
    seen: set[str] = set()
    ahead = [process]
    while ahead:
        each = ahead.pop(0)
        if each in seen or each not in deployment.processes:
            continue
        seen.add(each)
        yield each
        for found in _elements(deployment, each).values():
            # A call that chooses its process as it runs may have chosen any.
            if found.calls:
                ahead += (
                    [found.spec.spec] if found.spec.spec in deployment.processes else deployment.processes
                )


@dataclass(frozen=True, slots=True)
class _Element:
    spec: Any
    around: str | None  # the subprocess that it lies in

    @property
    def calls(self) -> bool:
        return bool(self.spec.calls_process)


def _elements(deployment: Deployment, process: str) -> dict[str, _Element]:
    found = {}
    for scope in deployment.specs.values():
        if scope.process_id == process:
            around = None if scope.name == process else scope.name.removeprefix(f"{process}/")
            found.update({name: _Element(spec, around) for name, spec in scope.task_specs.items()})
    return found


def are_alike(one: Any, other: Any) -> bool:
    """Whether a token on the one element can stand on the other."""
    if one.is_event_subprocess != other.is_event_subprocess:
        return False
    return one.kind == other.kind or {one.kind, other.kind} <= BY_PEOPLE


class _Matching:
    def __init__(self, old: Mapping[str, _Element], new: Mapping[str, _Element]) -> None:
        self.old, self.new = old, new
        self.found: dict[str, tuple[str, Why]] = {}

    def run(self) -> dict[str, tuple[str, Why]]:
        for name, one in self.old.items():
            if name in self.new and are_alike(one.spec, self.new[name].spec):
                self.found[name] = (name, Why.ID)
        ways: tuple[tuple[Why, Callable[[Any, bool], Hashable]], ...] = (
            (Why.NAME, lambda spec, _: spec.title or None),
            (Why.WORK, lambda spec, _: _work(spec)),
            (Why.PLACE, self._between),
        )
        # What one pair says of its neighbours may decide another.
        while any(self._pair(why, way) for why, way in ways):
            pass
        return self.found

    def _pair(self, why: Why, way: Callable[[Any, bool], Hashable]) -> bool:
        """Pair what is alike in this way, and only once on either side."""
        taken = {new for new, _ in self.found.values()}
        olds = self._sorted(way, {name: one for name, one in self.old.items() if name not in self.found})
        news = self._sorted(way, {name: one for name, one in self.new.items() if name not in taken}, True)
        alike = {
            olds[key][0]: (news[key][0], why)
            for key in olds
            if len(olds[key]) == 1 and len(news.get(key, ())) == 1
        }
        self.found.update(alike)
        return bool(alike)

    def _sorted(
        self, way: Callable[[Any, bool], Hashable], those: Mapping[str, _Element], is_new: bool = False
    ) -> dict[Hashable, list[str]]:
        found: dict[Hashable, list[str]] = {}
        for name, each in those.items():
            told = way(each.spec, is_new)
            around = self._known_as(each.around, is_new) if each.around else ""
            host = self._known_as(each.spec.attached_to, is_new) if each.spec.kind == "boundaryEvent" else ""
            if None not in (told, around, host):
                kind = (each.spec.kind, each.spec.is_event_subprocess)
                found.setdefault((kind, around, host, told), []).append(name)
        return found

    def _known_as(self, name: str, is_new: bool) -> str | None:
        """Name an element as the new version does; None for one that has no pair yet."""
        return name if is_new else self.found.get(name, (None,))[0]

    def _between(self, spec: Any, is_new: bool) -> Hashable:
        ends = (
            tuple(self._known_as(flow.source, is_new) for flow in spec.incoming),
            tuple(self._known_as(flow.target, is_new) for flow in spec.flows),
        )
        if not all(ends) or None in (*ends[0], *ends[1]):
            return None
        return tuple(frozenset(each) for each in ends)


def _work(spec: Any) -> Hashable:
    """Say what an element does, where that tells it from others."""
    trigger = getattr(spec, "trigger", None)
    if trigger is not None:
        return (trigger.kind, trigger.text) if trigger.text else None
    told = ("handler", "decision", "message", "script", "spec")
    done = tuple(getattr(spec, name, None) or None for name in told if name != "spec" or spec.calls_process)
    form = spec.attributes.get("formKey") if spec.kind == "userTask" else None
    return (*done, form) if any((*done, form)) else None
