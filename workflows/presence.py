"""What pages show of a living instance, told with every step, so that no page ever reads a state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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


def crowds(instance: Any) -> tuple[Crowd, ...]:
    """Return the elements at which more than one token stands.

    Of a multi-instance activity its children count; what only listens does not.
    """
    memos = [(token, token.internal_data) for token in instance.index.values()]
    wholes = {memo.get("of") for _, memo in memos}
    counted = Counter(
        (token.scope.process_id, token.task_spec.name)
        for token, memo in memos
        if token.id not in wholes and "host" not in memo and "listener" not in memo
    )
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
