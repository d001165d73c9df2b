"""Orders that were submitted, with what came of them: for the learner, and of one customer for the web."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from app.customers.models import Customer
from app.database import Transaction
from app.insights.order_facts import DIRECT, OUTCOMES, Past, Placed
from app.needs.models import Need
from app.orders.models import (
    Comment,
    Evaluation,
    Feedback,
    Invoice,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    Purchase,
    Shipment,
)
from app.orders.totals import OrderTotals

# Of these it is known whether they went well; a rejected or expired one never came to it.
ENDED = (OrderStatus.CLOSED, OrderStatus.CANCELLED)
# So many of a customer's orders tell about the next.
MOST_OF_A_CUSTOMER = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """An order as the tables tell it today: how it was placed, what came of it, and what was added later."""

    number: str
    customer_id: UUID
    is_over: bool
    placed: Placed
    past: Past
    later: Mapping[str, Any]


def outcomes() -> Select[Any]:
    """Select how orders went that were submitted, those submitted last first."""
    return (
        select(
            Order.status,
            Order.ended_at,
            Evaluation.days_late,
            _refunds().label("refunds"),
            _count(Shipment).where(Shipment.delivered_at.is_not(None)).scalar_subquery().label("delivered"),
            _of(Invoice, func.min(Invoice.due_on)).label("due_on"),
            _of(Invoice, func.max(Invoice.paid_at)).label("paid_at"),
        )
        .join(Customer, Customer.id == Order.customer_id)
        .outerjoin(Evaluation, Evaluation.order_id == Order.id)
        .where(Order.submitted_at.is_not(None), Customer.erased_at.is_(None))
        .order_by(Order.submitted_at.desc(), Order.id.desc())
    )


def statement() -> Select[Any]:
    """Select also how they were placed."""
    more = (
        Order.id,
        Order.number,
        Order.customer_id,
        Order.total,
        Order.subtotal,
        Order.discount,
        Order.tax,
        Order.cost,
        Order.wanted_on,
        Order.promised_on,
        Order.created_at,
        Order.submitted_at,
        Need.channel,
        Customer.created_at.label("customer_since"),
    )
    return outcomes().add_columns(*more).outerjoin(Need, Need.id == Order.need_id)


def with_later(asked: Select[Any]) -> Select[Any]:
    """Select also what is known only later, for the leak check to find."""
    return asked.add_columns(
        Customer.risk,
        Customer.credit_limit,
        _count(Shipment).scalar_subquery().label("shipments"),
        _count(Purchase).scalar_subquery().label("purchases"),
        _count(Comment).scalar_subquery().label("comments"),
        _of(Feedback, func.max(Feedback.score)).label("feedback"),
    )


def _count(model: Any) -> Select[Any]:
    return select(func.count()).select_from(model).where(model.order_id == Order.id).correlate(Order)


def _of(model: Any, what: Any) -> Any:
    return select(what).where(model.order_id == Order.id).correlate(Order).scalar_subquery()


def _refunds() -> Any:
    mine = (Payment.order_id == Order.id, Payment.amount < 0)
    return select(func.count()).select_from(Payment).where(*mine).correlate(Order).scalar_subquery()


def read(tx: Transaction, asked: Select[Any], now: datetime) -> list[Kept]:
    """Return what is selected, the oldest first."""
    rows = list(reversed(tx.session.execute(asked).all()))
    lines = _lines(tx, asked)
    return [_kept(row, lines.get(row.id, ()), now) for row in rows]


def _lines(tx: Transaction, asked: Select[Any]) -> dict[UUID, list[tuple[str, Decimal]]]:
    ids = asked.with_only_columns(Order.id).subquery()
    found: dict[UUID, list[tuple[str, Decimal]]] = {}
    listed = select(OrderLine.order_id, OrderLine.sku, OrderLine.net).join(
        ids, ids.c.id == OrderLine.order_id
    )
    for row in tx.session.execute(listed.order_by(OrderLine.order_id, OrderLine.position)):
        found.setdefault(row.order_id, []).append((row.sku, row.net))
    return found


def _kept(row: Any, lines: Sequence[tuple[str, Decimal]], now: datetime) -> Kept:
    at = row.submitted_at
    totals = OrderTotals(row.subtotal, row.discount, row.tax, row.cost)
    placed = Placed(
        at=at,
        amount=row.total,
        discount_percent=totals.discount_percent,
        margin_percent=totals.margin_percent,
        lines=lines,
        wanted_on=row.wanted_on,
        channel=row.channel or DIRECT,
        customer_since=row.customer_since,
    )
    return Kept(
        number=row.number,
        customer_id=row.customer_id,
        is_over=row.status in ENDED and row.ended_at is not None,
        placed=placed,
        past=_past(row, now),
        later=_later(row, at, now) if "comments" in row._fields else {},
    )


def outcomes_of(row: Any, now: datetime) -> Iterator[str]:
    """Yield in which ways an order of `outcomes` went wrong; of one that has not ended nothing."""
    if row.ended_at is None:
        return
    happened = {
        "cancelled": row.status == OrderStatus.CANCELLED,
        "returned": bool(row.refunds and row.delivered),
        "late": bool(row.days_late),
        "unpaid": row.due_on is not None and (row.paid_at or now).date() > row.due_on,
    }
    yield from (name for name in OUTCOMES if happened[name])


def _later(row: Any, at: datetime, now: datetime) -> dict[str, Any]:
    promised = (row.promised_on - at.date()).days * 1.0 if row.promised_on else None
    return {
        "customer_risk": row.risk,
        "credit_limit": float(row.credit_limit),
        "promised_days": promised,
        "days_open": ((row.ended_at or now) - at).total_seconds() / 86_400,
        "days_late": None if row.days_late is None else float(row.days_late),
        "shipments": float(row.shipments),
        "purchases": float(row.purchases),
        "comments": float(row.comments),
        "feedback": None if row.feedback is None else float(row.feedback),
    }


def past_of(tx: Transaction, customer_id: UUID, but: UUID | None, now: datetime) -> list[Past]:
    """Return a customer's other orders, the oldest first."""
    asked = outcomes().add_columns(Order.submitted_at, Order.total).where(Order.customer_id == customer_id)
    if but is not None:
        asked = asked.where(Order.id != but)
    rows = tx.session.execute(asked.limit(MOST_OF_A_CUSTOMER)).all()
    return [_past(row, now) for row in reversed(rows)]


def _past(row: Any, now: datetime) -> Past:
    return Past(row.submitted_at, row.ended_at, row.total, frozenset(outcomes_of(row, now)))
