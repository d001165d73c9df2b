"""What pages show of a living instance, told with every step, so that no page ever reads a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from workflows import clock
from workflows.step import Change, Crowd, WaitingTimer

OUTERMOST = "0"


def remember(instance: Any) -> None:
    """Note the variables that an instance is read with, for `changed` to compare."""
    instance.known = {key: dict(scope.data) for key, scope in _processes(instance)}


def changed(instance: Any) -> tuple[Change, ...]:
    """Return the variables that are new or another since `remember`."""
    found = []
    for key, scope in _processes(instance):
        known = instance.known.get(key, {})
        values = {
            name: value
            for name, value in scope.data.items()
            if name not in known or _differs(known[name], value)
        }
        if values:
            found.append(Change(scope.process_id, key, values))
    return tuple(found)


def _processes(instance: Any) -> Iterator[tuple[str, Any]]:
    """Yield the instance and its called processes; embedded subprocesses have no variables of their own."""
    yield OUTERMOST, instance
    for key, scope in instance.subprocesses.items():
        if scope.is_process:
            yield key, scope


def _differs(before: Any, after: Any) -> bool:
    return before is not after and (type(before) is not type(after) or before != after)


def places(instance: Any) -> dict[tuple[str, str], int]:
    """Return where tokens stand, and how many; what only listens does not stand there.

    Of a repeated activity its rounds count, and itself only where it has none yet.
    """
    counted: dict[tuple[str, str], int] = {}
    wholes: dict[str, tuple[str, str]] = {}
    for token in instance.index.values():
        memo = token.internal_data
        if "host" in memo or "listener" in memo:
            continue
        place = (token.workflow.spec.process_id, token.task_spec.name)
        counted[place] = counted.get(place, 0) + 1
        if "of" in memo:
            wholes[memo["of"]] = place
    for place in wholes.values():
        counted[place] -= 1
    return counted


def crowds(counted: Mapping[tuple[str, str], int]) -> tuple[Crowd, ...]:
    """Return the elements at which more than one token stands."""
    return tuple(Crowd(*place, count) for place, count in counted.items() if count > 1)


def waiting_timers(instance: Any) -> tuple[WaitingTimer, ...]:
    """Return every timer that runs, the earliest first."""
    found = (
        WaitingTimer(
            token.id,
            token.scope.process_id,
            token.task_spec.name,
            datetime.fromtimestamp(token.internal_data["due"], UTC),
            clock.every(token),
        )
        for token in instance.watch["timer"].values()
    )
    return tuple(sorted(found, key=lambda timer: timer.due))
