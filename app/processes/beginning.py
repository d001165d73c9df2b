"""Instances that begin by an event: a message that nobody awaits, a signal, a moment that has come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import workflows
from app.columns import new_id
from app.database import Transaction, transaction
from app.errors import ConflictError, NotFoundError
from app.moments import utc_now
from app.processes import advance, deployments, reasons, start_timers
from app.processes.loaded import Loaded
from app.processes.matching import Message
from app.processes.start_timers import DueStart
from app.wording import worded

Start = tuple[workflows.ProcessInfo, workflows.StartInfo]


def by_message(tx: Transaction, message: Message, by: UUID | None, now: datetime) -> Loaded | None:
    """Begin the process of the newest deployment that starts with a message; None where none does.

    Raises ConflictError where several do and the sender does not name the start event.
    """
    found = [
        start for start in _starts(tx, "message", message.name) if message.element in (None, start[1].element)
    ]
    if not found:
        return None
    if len(found) > 1:
        elements = ", ".join(sorted(start.element for _, start in found))
        several = worded(
            "{count} processes begin with the message {name}, at {elements}: name the start event",
            count=len(found),
            name=message.name,
            elements=elements,
        )
        raise ConflictError(several)
    return _begin(tx, found[0], message.payload, by, now, message.business_key)


def by_signal(
    tx: Transaction, name: str, values: Mapping[str, Any], by: UUID | None, now: datetime
) -> list[Loaded]:
    """Begin every process of the newest deployment that starts with a signal."""
    return [_begin(tx, start, values, by, now) for start in _starts(tx, "signal", name)]


def by_condition(
    tx: Transaction, values: Mapping[str, Any], business_key: str | None, by: UUID | None, now: datetime
) -> list[Loaded]:
    """Begin every process of the newest deployment whose start event's condition holds for these variables.

    Raises ConflictError for a condition that gives anything but true, false and null.
    """
    try:
        met = [start for start in _starts(tx, "condition") if workflows.is_met(start[1], values, now)]
    except workflows.ElementError as error:
        raise ConflictError(reasons.find(str(error))) from error
    return [_begin(tx, start, values, by, now, business_key) for start in met]


def by_timer(timer: DueStart) -> bool:
    """Begin a process whose moment has come; False where it has begun already. For the relay.

    Moments that were missed count once; the next is at its own time.
    """
    now = utc_now()
    with transaction(timer.org_id) as tx:
        row = start_timers.lock(tx, timer, now)
        if row is None:
            return False
        due = workflows.due_of(row.memo)
        process = deployments.snapshot(tx, row.deployment_id).deployment.processes[timer.process]
        start = next(each for each in process.starts if each.element == timer.element)
        start_timers.go_on(tx, row, now)
        _begin(tx, (process, start), {}, None, now, due.isoformat())
    return True


def postpone(timer: DueStart, until: datetime) -> None:
    """Try a timer that could not fire again later."""
    with transaction(timer.org_id) as tx:
        start_timers.postpone(tx, timer, until)


def _starts(tx: Transaction, kind: str, name: str | None = None) -> Iterator[Start]:
    try:
        processes = deployments.current(tx).deployment.processes
    except NotFoundError:
        return  # nothing was published yet
    for process in processes.values():
        for start in process.starts:
            if start.kind == kind and name in (None, start.text):
                yield process, start


def _begin(
    tx: Transaction,
    start: Start,
    values: Mapping[str, Any],
    by: UUID | None,
    now: datetime,
    business_key: str | None = None,
) -> Loaded:
    process, event = start
    return advance.begin(
        tx,
        process=process.id,
        variables=values,
        business_key=business_key or str(new_id()),
        title=process.name or process.id,
        subject_id=None,
        requester_id=None,
        by=by,
        now=now,
        at=event.element,
    )
