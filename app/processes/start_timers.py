"""When processes begin by themselves: written as they are published, read by the relay."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

import workflows
from app.database import Transaction, transaction_across_organisations
from app.errors import InvalidError
from app.processes.due import LEASE
from app.processes.message_models import StartTimer
from app.wording import worded

_timers = StartTimer.__table__.c
_DUE = (
    select(_timers.org_id, _timers.process, _timers.element)
    .where(_timers.due_at <= bindparam("now"))
    .order_by(_timers.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_WHICH = (
    _timers.org_id == bindparam("b_org_id"),
    _timers.process == bindparam("b_process"),
    _timers.element == bindparam("b_element"),
)
_REMOVE = delete(StartTimer).where(*_WHICH)
_MOVE = update(StartTimer).where(*_WHICH).values(due_at=bindparam("b_due_at"))


@dataclass(frozen=True, slots=True)
class DueStart:
    org_id: UUID
    process: str
    element: str


def register(
    tx: Transaction,
    deployment_id: UUID,
    deployment: workflows.Deployment,
    changed: Collection[str],
    now: datetime,
) -> None:
    """Put the timers of a deployment in place of those before it.

    A process whose file is as it was keeps its own: what has fired has fired, and a cycle keeps its phase.
    Raises InvalidError where a timer cannot be read.
    """
    before = {(row.process, row.element): row for row in tx.session.scalars(select(StartTimer))}
    for process in deployment.processes.values():
        for start in process.starts:
            if start.kind not in workflows.TIMER_KINDS:
                continue
            kept = before.pop((process.id, start.element), None)
            if process.file not in changed:
                if kept is not None:
                    kept.deployment_id = deployment_id
                continue
            _put(tx, deployment_id, process, start, kept, now)
    for row in before.values():
        tx.session.delete(row)
    tx.flush()


def _put(
    tx: Transaction,
    deployment_id: UUID,
    process: workflows.ProcessInfo,
    start: workflows.StartInfo,
    kept: StartTimer | None,
    now: datetime,
) -> None:
    try:
        memo = workflows.first_start(start, now)
    except workflows.ElementError as error:
        said = worded("{element}: {problem}", element=start.element, problem=error.why)
        raise InvalidError("nothing was published", {process.file: [said]}) from error
    if kept is not None:
        tx.session.delete(kept)
        tx.flush()
    if memo is not None:
        row = StartTimer(
            org_id=tx.organisation,
            process=process.id,
            element=start.element,
            deployment_id=deployment_id,
            due_at=workflows.due_of(memo),
            memo=memo,
        )
        tx.session.add(row)


def take_due(now: datetime, most: int) -> list[DueStart]:
    """Return the timers that are due, for this relay alone for a while."""
    with transaction_across_organisations() as tx:
        rows = tx.execute(_DUE, {"now": now, "most": most})
        taken = [DueStart(row.org_id, row.process, row.element) for row in rows]
        for each in taken:
            postpone(tx, each, now + LEASE)
    return taken


def postpone(tx: Transaction, timer: DueStart, until: datetime) -> None:
    row = {"b_org_id": timer.org_id, "b_process": timer.process, "b_element": timer.element}
    tx.execute(_MOVE, {**row, "b_due_at": until})


def lock(tx: Transaction, timer: DueStart, now: datetime) -> StartTimer | None:
    """Lock a timer that is due; None where it fired already, or went with its version."""
    statement = select(StartTimer).where(
        StartTimer.process == timer.process, StartTimer.element == timer.element
    )
    row = tx.session.scalar(statement.with_for_update())
    return row if row is not None and workflows.due_of(row.memo) <= now else None


def go_on(tx: Transaction, row: StartTimer, now: datetime) -> None:
    """Set the next moment of a timer that has fired; one that was the last is removed."""
    memo = workflows.next_start(row.memo, now)
    if memo is None:
        tx.execute(_REMOVE, _key(tx, row))
        return
    row.memo, row.due_at = memo, workflows.due_of(memo)
    tx.flush()


def _key(tx: Transaction, row: StartTimer) -> dict[str, object]:
    return {"b_org_id": tx.organisation, "b_process": row.process, "b_element": row.element}
