"""The steps of an instance as rows: read past the ORM's objects, for a story may have thousands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from app.database import Transaction
from app.processes.models import HistoryStep

STEP_COLUMNS = (
    HistoryStep.revision,
    HistoryStep.at,
    HistoryStep.person_id,
    HistoryStep.cause,
    HistoryStep.events,
    HistoryStep.changed,
)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One advance of an instance: its events, and the variables that it changed."""

    revision: int
    at: datetime
    person_id: UUID | None
    cause: str
    events: list[Any]
    changed: list[Any]


def steps_of(
    tx: Transaction, instance_id: UUID, after: int = 0, until: int | None = None
) -> Iterator[StepRow]:
    """Yield the steps of an instance in their order, those after a revision and up to another one."""
    statement = select(*STEP_COLUMNS).where(
        HistoryStep.instance_id == instance_id, HistoryStep.revision > after
    )
    if until is not None:
        statement = statement.where(HistoryStep.revision <= until)
    for row in tx.session.execute(statement.order_by(HistoryStep.revision)):
        yield step_of(row)


def step_of(row: Row[Any]) -> StepRow:
    """Read a row of STEP_COLUMNS."""
    return StepRow(row.revision, row.at, row.person_id, row.cause, row.events, row.changed or [])
