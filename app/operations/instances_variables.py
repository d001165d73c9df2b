"""The variables of an instance as a tree, and who changed which when: read from its history."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.operations.instances_history import StepRow
from rules import feel

MOST_CHANGES = 50  # of one variable are told, the newest
OUTERMOST = "0"


@dataclass(frozen=True, slots=True)
class Node:
    """A value as a tree: `kind` is text, number, boolean, null, list, context or another type of FEEL's."""

    name: str
    kind: str
    text: str
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """A variable got a value of FEEL: when, in which step, by whom and why.

    `length` is of a value that was too long to keep, in characters; the value is then null.
    """

    value: Any
    length: int | None
    at: datetime
    revision: int
    cause: str
    person_id: UUID | None


@dataclass(slots=True)
class Variable:
    """A variable and its changes, the newest first; `count` says how many there were."""

    process: str
    scope: str
    name: str
    count: int = 0
    changes: list[Changed] = field(default_factory=list)

    @property
    def now(self) -> Changed:
        return self.changes[0]

    @property
    def is_of_call(self) -> bool:
        return self.scope != OUTERMOST


def variables_of(steps: Iterable[StepRow]) -> list[Variable]:
    """Return the variables of the instance itself, then those of the processes that it called, by name.

    What steps changed before Placet kept it is not among them.
    """
    found: dict[tuple[str, str], Variable] = {}
    newest: dict[tuple[str, str], deque[tuple[StepRow, Any, int | None]]] = {}
    for step in steps:
        for process, scope, name, kept, length in _changes(step):
            key = (scope, name)
            if key not in found:
                found[key] = Variable(process, scope, name)
                newest[key] = deque(maxlen=MOST_CHANGES)
            found[key].count += 1
            newest[key].appendleft((step, kept, length))
    for key, variable in found.items():
        variable.changes = [_changed(*each) for each in newest[key]]
    return sorted(found.values(), key=lambda each: (int(each.scope), each.name))


def _changes(step: StepRow) -> Iterator[tuple[str, str, str, Any, int | None]]:
    """Yield values as they are kept: most of a long story's are never shown."""
    for change in step.changed:
        for name, kept in change["set"].items():
            yield change["process"], change["scope"], name, kept, None
        for name, length in change.get("long", {}).items():
            yield change["process"], change["scope"], name, None, length


def _changed(step: StepRow, kept: Any, length: int | None) -> Changed:
    value = feel.from_typed_json(kept) if length is None else None
    return Changed(value, length, step.at, step.revision, step.cause, step.person_id)


def node_of(name: str, value: Any) -> Node:
    """Return a value of FEEL as a tree."""
    if isinstance(value, dict):
        inside = tuple(node_of(key, each) for key, each in value.items())
        return Node(name, "context", "", inside)
    if isinstance(value, list):
        inside = tuple(node_of(str(at), each) for at, each in enumerate(value, 1))
        return Node(name, "list", "", inside)
    return Node(name, _kind(value), _text(value))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds: Mapping[type, str] = {str: "text", bool: "boolean", int: "number"}
    return kinds.get(type(value), type(value).__name__.lower())


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(feel.to_plain_json(value))
