"""What was predicted, kept until what happened is known: the only measure that a model cannot flatter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def erase(tx: Transaction, customer_id: UUID) -> int:
    """Remove what was said of a customer; return how many rows that were."""
    gone = tx.session.execute(delete(SaidPrediction).where(SaidPrediction.customer_id == customer_id))
    return int(gone.rowcount)  # type: ignore[attr-defined] # a delete's result counts its rows


@dataclass(frozen=True, slots=True)
class Week:
    """The mean error of what was settled in a week, from its Monday."""

    starts_on: date
    count: int
    error: float


def latest(tx: Transaction, kind: str, limit: int = 20) -> list[SaidPrediction]:
    """Return what was settled last, the newest first."""
    settled = select(SaidPrediction).where(
        SaidPrediction.kind == kind, SaidPrediction.happened_at.is_not(None)
    )
    return list(tx.session.scalars(settled.order_by(SaidPrediction.happened_at.desc()).limit(limit)))


def weeks(tx: Transaction, kind: str, since: datetime) -> list[Week]:
    """Return the mean error by week, the oldest first."""
    settled = select(SaidPrediction.happened_at, SaidPrediction.error).where(
        SaidPrediction.kind == kind, SaidPrediction.happened_at >= since
    )
    errors: dict[date, list[float]] = {}
    for at, error in tx.session.execute(settled):
        if at is None or error is None:
            continue
        monday = at.date() - timedelta(days=at.weekday())
        errors.setdefault(monday, []).append(error)
    return [Week(on, len(found), sum(found) / len(found)) for on, found in sorted(errors.items())]
