"""What became of a need: its order, how that stands, what was invoiced, and what the customer said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from app.database import Transaction
from app.needs.models import Need
from app.orders.models import Feedback, Invoice, Order


@dataclass(frozen=True, slots=True)
class Invoiced:
    number: str
    currency: str
    total: Decimal
    due_on: date
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The order of a need; `score` is the customer's, from 1 to 5, None while there is none."""

    order_id: UUID
    number: str
    status: str
    currency: str
    total: Decimal
    invoices: tuple[Invoiced, ...]
    score: int | None


def of(tx: Transaction, need: Need) -> Outcome | None:
    """Return what became of a need; None while no order was made of it."""
    order = tx.session.get(Order, need.order_id) if need.order_id else None
    if order is None:
        return None
    invoices = select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.issued_on, Invoice.id)
    answered = (
        select(Feedback.score)
        .where(Feedback.order_id == order.id, Feedback.answered_at.is_not(None))
        .order_by(Feedback.answered_at.desc())
        .limit(1)
    )
    return Outcome(
        order_id=order.id,
        number=order.number,
        status=order.status,
        currency=order.currency,
        total=order.total,
        invoices=tuple(
            Invoiced(each.number, each.currency, each.total, each.due_on, each.paid_at)
            for each in tx.session.scalars(invoices)
        ),
        score=tx.session.scalar(answered),
    )
