"""What was predicted, kept until what happened is known: the only measure that a model cannot flatter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from app.columns import new_id
from app.database import Transaction
from app.insights.models import SaidPrediction

Said = Mapping[str, Any]


def say(
    tx: Transaction,
    kind: str,
    subject: str,
    said: Said,
    now: datetime,
    *,
    model_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> None:
    """Keep what was said of a subject, such as an order's number; without a model it was the baseline."""
    row = SaidPrediction(id=new_id(), org_id=tx.organisation, kind=kind, subject=subject[:120])
    row.model_id, row.customer_id, row.said, row.said_at = model_id, customer_id, dict(said), now
    tx.session.add(row)


def settle(
    tx: Transaction,
    kind: str,
    subject: str,
    happened: Said,
    error_of: Callable[[Said], float],
    now: datetime,
) -> int:
    """Write what happened beside all that was said of a subject; return how many sayings that settles."""
    open_ = select(SaidPrediction).where(
        SaidPrediction.kind == kind,
        SaidPrediction.subject == subject[:120],
        SaidPrediction.happened_at.is_(None),
    )
    rows = tx.session.scalars(open_).all()
    for row in rows:
        row.happened, row.happened_at, row.error = dict(happened), now, error_of(row.said)
    return len(rows)


def erase(tx: Transaction, customer_id: UUID, kind: str | None = None) -> int:
    """Remove what was said of a customer, by one kind or all; return how many rows that were."""
    theirs = delete(SaidPrediction).where(SaidPrediction.customer_id == customer_id)
    gone = tx.session.execute(theirs if kind is None else theirs.where(SaidPrediction.kind == kind))
    return int(gone.rowcount)  # type: ignore[attr-defined] # a delete's result counts its rows


@dataclass(frozen=True, slots=True)
class Week:
    """What was settled in a week, from its Monday: how much, and the mean errors of models and baseline.

    None where one of them said nothing.
    """

    starts_on: date
    count: int
    error: float | None
    baseline_error: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Mean errors of models and of the baseline where both spoke of one subject, and of how many."""

    count: int
    error: float
    baseline_error: float


def latest(tx: Transaction, kind: str, limit: int = 20) -> list[SaidPrediction]:
    """Return what was settled last, the newest first."""
    settled = select(SaidPrediction).where(
        SaidPrediction.kind == kind, SaidPrediction.happened_at.is_not(None)
    )
    return list(tx.session.scalars(settled.order_by(SaidPrediction.happened_at.desc()).limit(limit)))


def weeks(tx: Transaction, kind: str, since: datetime) -> list[Week]:
    """Return the mean errors by week, the oldest first."""
    errors: dict[date, tuple[list[float], list[float]]] = {}
    for row in _settled(tx, kind, since):
        monday = row.happened_at.date() - timedelta(days=row.happened_at.weekday())
        errors.setdefault(monday, ([], []))[row.model_id is None].append(row.error)
    return [
        Week(on, max(len(mine), len(base)), _mean(mine), _mean(base))
        for on, (mine, base) in sorted(errors.items())
    ]


def compared(tx: Transaction, kind: str, since: datetime) -> Compared | None:
    """Compare models and baseline on what both spoke of; None where there is no such thing."""
    errors: dict[str, dict[bool, float]] = {}
    for row in _settled(tx, kind, since):
        errors.setdefault(row.subject, {})[row.model_id is None] = row.error
    both = [each for each in errors.values() if len(each) > 1]
    if not both:
        return None
    count = len(both)
    return Compared(
        count, sum(each[False] for each in both) / count, sum(each[True] for each in both) / count
    )


def _settled(tx: Transaction, kind: str, since: datetime) -> Sequence[Any]:
    return tx.session.execute(
        select(
            SaidPrediction.subject,
            SaidPrediction.model_id,
            SaidPrediction.happened_at,
            SaidPrediction.error,
        ).where(
            SaidPrediction.kind == kind,
            SaidPrediction.happened_at >= since,
            SaidPrediction.error.is_not(None),
        )
    ).all()


def _mean(errors: Sequence[float]) -> float | None:
    return sum(errors) / len(errors) if errors else None
