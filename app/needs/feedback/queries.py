"""Feedback that may be a need: low, or with a text, and of a customer who is still with us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from app.customers.models import Customer
from app.database import Transaction
from app.needs.feedback.rules import LOW
from app.needs.origins import NeedOrigin, OriginKind
from app.orders.models import Feedback, Order


@dataclass(frozen=True, slots=True)
class Offered:
    """An answer, the order that it is about, and the need that was made of it if there is one."""

    id: UUID
    order_id: UUID
    order_number: str
    customer_id: UUID
    customer_name: str
    score: int | None
    text: str
    answered_at: datetime
    need_id: UUID | None


def list_offered(
    tx: Transaction, after: tuple[datetime, UUID] | None = None, limit: int = 50, *, waiting: bool = False
) -> list[Offered]:
    """Return the newest; `waiting`: of which no need was made yet."""
    of_it = and_(
        NeedOrigin.org_id == Feedback.org_id,
        NeedOrigin.kind == OriginKind.FEEDBACK,
        NeedOrigin.source_id == Feedback.id,
    )
    statement = (
        select(Feedback, Order.number, Customer.id, Customer.name, NeedOrigin.need_id)
        .join(Order, Order.id == Feedback.order_id)
        .join(Customer, Customer.id == Order.customer_id)
        .outerjoin(NeedOrigin, of_it)
        .where(
            Feedback.answered_at.is_not(None),
            or_(Feedback.score <= LOW, Feedback.text != ""),
            Customer.erased_at.is_(None),
        )
        .order_by(Feedback.answered_at.desc(), Feedback.id.desc())
        .limit(limit)
    )
    if after is not None:
        at, last = after
        statement = statement.where(
            or_(Feedback.answered_at < at, and_(Feedback.answered_at == at, Feedback.id < last))
        )
    if waiting:
        statement = statement.where(NeedOrigin.need_id.is_(None))
    return [
        Offered(
            id=said.id,
            order_id=said.order_id,
            order_number=number,
            customer_id=customer_id,
            customer_name=name,
            score=said.score,
            text=said.text,
            answered_at=said.answered_at,
            need_id=need_id,
        )
        for said, number, customer_id, name, need_id in tx.session.execute(statement)
        if said.answered_at is not None
    ]
