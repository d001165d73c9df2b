"""Looking back on an order: how its execution went, and putting it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import update

from app.database import transaction
from app.orders import locking
from app.orders.drafts import lines_of
from app.orders.fulfilment import is_complete
from app.orders.models import Evaluation, Order
from app.orders.submission import totals_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the closing policy asks about the execution."""

    on_time: bool
    complete: bool
    margin_percent: Decimal
    days_late: int


def evaluate(
    org_id: UUID, order_id: UUID, promised_on: date | None, delivered_on: date | None, now: datetime
) -> Verdict:
    """Judge the execution of an order. Done again, the newer judgement replaces the older.

    Without a promise nothing is late.
    """
    with transaction(org_id) as tx:
        order = locking.lock_alone(tx, order_id)
        late = (delivered_on - promised_on).days if promised_on and delivered_on else 0
        verdict = Verdict(
            on_time=late <= 0,
            complete=delivered_on is not None and is_complete(tx, order),
            margin_percent=totals_of(lines_of(tx, order.id), order.currency).margin_percent,
            days_late=max(late, 0),
        )
        order.promised_on = promised_on
        kept = tx.session.get(Evaluation, order.id) or Evaluation(org_id=org_id, order_id=order.id)
        kept.on_time, kept.complete = verdict.on_time, verdict.complete
        kept.margin_percent, kept.days_late = verdict.margin_percent, verdict.days_late
        kept.at = now
        tx.session.add(kept)
        return verdict


def archive(org_id: UUID, order_id: UUID, now: datetime) -> None:
    """Put an order away; the first time counts."""
    with transaction(org_id) as tx:
        locking.find(tx, order_id)
        tx.session.execute(
            update(Order).where(Order.id == order_id, Order.archived_at.is_(None)).values(archived_at=now)
        )
