"""Counting what instances did into ElementTimes: a few at a time, each step once, beside the hot path.

Each instance has a mark: how far its history is counted, and which visits had not ended there. Whoever counts
locks the marks and the rows that it adds to, so that two relays count nothing twice.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select

import workflows
from app.audit.models import AuditEntry, AuditStream
from app.database import Transaction, across_organisations, transaction
from app.errors import ConflictError
from app.moments import utc_now
from app.operations.heat_durations import added, bucket_of
from app.operations.instances_history import STEP_COLUMNS, StepRow, step_of
from app.operations.instances_visits import Place, Visit, Visits, live_places
from app.processes import deployments
from app.processes.models import ElementMark, ElementTimes, HistoryStep, Instance

AT_ONCE = 200  # instances
BUDGET_SECONDS = 0.5
# A step carries the time at which its command began, and is seen only after the commit.
LONGEST_COMMAND = timedelta(seconds=60)

_UNCOUNTED = (
    select(Instance.id, Instance.deployment_id, Instance.revision, Instance.standing)
    .outerjoin(ElementMark, ElementMark.instance_id == Instance.id)
    .where(or_(ElementMark.revision.is_(None), ElementMark.revision < Instance.revision))
    .order_by(Instance.id)
    .limit(AT_ONCE)
)
_Key = tuple[UUID, str, str, date]


class HeatCounter:
    """Remembers when it looked last, so that organisations in which nothing moved cost nothing."""

    def __init__(self) -> None:
        self._looked_at: dict[UUID, datetime] = {}

    def count(self) -> int:
        """Count what moved in every organisation, as far as the time allows; return how many instances."""
        end = time.monotonic() + BUDGET_SECONDS
        return sum(self._count_in(org_id, end) for org_id in _organisations())

    def _count_in(self, org_id: UUID, end: float) -> int:
        total, began = 0, utc_now()
        while time.monotonic() < end:
            try:
                counted = count_some(org_id, self._looked_at.get(org_id))
            except ConflictError:
                return total  # another relay counted these
            total += counted
            if counted < AT_ONCE:
                self._looked_at[org_id] = began - LONGEST_COMMAND
                break
        return total


def _organisations() -> list[UUID]:
    with across_organisations() as tx:
        return list(tx.session.scalars(select(AuditStream.org_id).distinct()))


def count_some(org_id: UUID, since: datetime | None = None) -> int:
    """Count some instances of an organisation that moved after this moment, or ever; return how many."""
    with transaction(org_id) as tx:
        rows = tx.session.execute(_moved_after(since)).all()
        ids = [row.id for row in rows]
        marks = _locked_marks(tx, ids)
        steps = _uncounted_steps(tx, ids)
        tallies: dict[_Key, _Tally] = {}
        for row in rows:
            _count(tx, row, marks.get(row.id), steps.get(row.id, []), tallies)
        if tallies:
            _add(tx, tallies)
        return len(rows)


def _uncounted_steps(tx: Transaction, instance_ids: Sequence[UUID]) -> dict[UUID, list[StepRow]]:
    statement = (
        select(*STEP_COLUMNS, HistoryStep.instance_id)
        .outerjoin(ElementMark, ElementMark.instance_id == HistoryStep.instance_id)
        .where(
            HistoryStep.instance_id.in_(instance_ids),
            HistoryStep.revision > func.coalesce(ElementMark.revision, 0),
        )
        .order_by(HistoryStep.instance_id, HistoryStep.revision)
    )
    found: dict[UUID, list[StepRow]] = {}
    for row in tx.session.execute(statement):
        found.setdefault(row.instance_id, []).append(step_of(row))
    return found


def _moved_after(since: datetime | None) -> Any:
    if since is None:
        return _UNCOUNTED
    return _UNCOUNTED.where(Instance.id.in_(select(AuditEntry.stream_id).where(AuditEntry.at > since)))


def _locked_marks(tx: Transaction, instance_ids: Sequence[UUID]) -> dict[UUID, ElementMark]:
    statement = (
        select(ElementMark)
        .where(ElementMark.instance_id.in_(instance_ids))
        .order_by(ElementMark.instance_id)
        .with_for_update()
    )
    return {mark.instance_id: mark for mark in tx.session.scalars(statement)}


@dataclass(slots=True)
class _Tally:
    completed: int = 0
    cancelled: int = 0
    buckets: Counter[int] = field(default_factory=Counter)


def _count(
    tx: Transaction,
    row: Row[Any],
    mark: ElementMark | None,
    steps: Iterable[StepRow],
    tallies: dict[_Key, _Tally],
) -> None:
    """Count one instance from its mark on, and move the mark."""
    if mark is None:
        mark = ElementMark(instance_id=row.id, org_id=tx.organisation, revision=0, pending=[])
        tx.session.add(mark)
    reader = Visits(_joins(tx, row.deployment_id), map(_visit_of, mark.pending))
    for step in steps:
        if mark.revision < step.revision <= row.revision:
            for visit in reader.take(step):
                _tally(tallies, row.deployment_id, visit)
    mark.revision = row.revision
    mark.pending = [_kept(visit) for visit in reader.pending(live_places(row.standing))]


def _joins(tx: Transaction, deployment_id: UUID) -> Collection[Place]:
    try:
        return workflows.joins_of(deployments.snapshot(tx, deployment_id).deployment)
    except workflows.RefusedError:
        return ()  # published when more was allowed; only what waited at its joins is told less exactly


def _tally(tallies: dict[_Key, _Tally], deployment_id: UUID, visit: Visit) -> None:
    """What holds the parts of a repeated activity together is no visit of its own here."""
    if visit.is_whole or visit.ended_at is None or visit.seconds is None:
        return
    tally = tallies.setdefault((deployment_id, visit.process, visit.element, visit.ended_at.date()), _Tally())
    if visit.how == "completed":
        tally.completed += 1
        tally.buckets[bucket_of(visit.seconds)] += 1
    else:
        tally.cancelled += 1


def _add(tx: Transaction, tallies: Mapping[_Key, _Tally]) -> None:
    """Add to the rows that are there, in one order for all relays, and make those that are not."""
    known = {
        (row.deployment_id, row.process, row.element, row.day): row
        for row in tx.session.scalars(_rows_around(tallies))
    }
    for key, tally in tallies.items():
        row = known.get(key) or _new(tx, key)
        row.completed += tally.completed
        row.cancelled += tally.cancelled
        row.buckets = added(row.buckets, tally.buckets)


def _rows_around(keys: Iterable[_Key]) -> Any:
    """Return a statement for these rows and some around them: their days, of their processes."""
    deployment_ids, processes, _, days = map(set, zip(*keys, strict=True))
    return (
        select(ElementTimes)
        .where(
            ElementTimes.deployment_id.in_(deployment_ids),
            ElementTimes.process.in_(processes),
            ElementTimes.day.in_(days),
        )
        .order_by(ElementTimes.deployment_id, ElementTimes.process, ElementTimes.element, ElementTimes.day)
        .with_for_update()
    )


def _new(tx: Transaction, key: _Key) -> ElementTimes:
    deployment_id, process, element, day = key
    row = ElementTimes(
        org_id=tx.organisation,
        deployment_id=deployment_id,
        process=process,
        element=element,
        day=day,
        completed=0,
        cancelled=0,
        buckets={},
    )
    tx.session.add(row)
    return row


def _kept(visit: Visit) -> list[Any]:
    return [visit.process, visit.element, visit.loop, visit.entered_at.isoformat()]


def _visit_of(kept: Sequence[Any]) -> Visit:
    process, element, loop, entered_at = kept
    return Visit(process, element, loop, datetime.fromisoformat(entered_at))
