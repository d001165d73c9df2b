"""What is foreseen of an order: rooms above sign up here to say it, since orders knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.customers.models import Customer
from app.database import Transaction
from app.orders.drafts import lines_of
from app.orders.models import Order
from app.orders.totals import OrderTotals
from app.wording import Wording


@dataclass(frozen=True, slots=True)
class Asked:
    """An order as it is submitted, or only thought of (then without an id); lines as (SKU, net)."""

    customer_id: UUID
    customer_since: datetime
    totals: OrderTotals
    currency: str
    lines: tuple[tuple[str, Decimal], ...]
    wanted_on: date | None
    need_id: UUID | None
    order_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact that raises or lowers the risk, in words."""

    feature: str
    value: Any
    raises: bool
    text: Wording


@dataclass(frozen=True, slots=True)
class Outcome:
    """How likely one way of going wrong is; `learned`: by the model, else it is how often it was so."""

    name: str
    words: Wording
    probability: float
    learned: bool


@dataclass(frozen=True, slots=True)
class Risk:
    """How likely an order does not go well, from 0 to 1.

    Of orders that looked as likely, the true share lies between `low` and `high` in 8 of 10 cases. `level` is
    lower, usual or higher than `usual`, the organisation's own share; usual also where that cannot be told
    apart. Without a `version` nothing was learned: it is the share so far, of `count` orders.
    """

    probability: float
    low: float
    high: float
    level: str
    usual: float
    count: int
    version: int | None = None
    model_id: UUID | None = None
    reasons: tuple[Reason, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The risk; without one, so many orders must end before anything can be said."""

    risk: Risk | None
    lacking: int = 0


# Who assesses an order by a model in use, and who says the share so far where there is none.
ASSESSORS: list[Callable[[Transaction, Asked], Risk | None]] = []
SHARES: list[Callable[[Transaction, datetime], Foreseen]] = []
# Told of what was said of an order in the moment of its submission.
HEARERS: list[Callable[[Transaction, Order, Risk, datetime], None]] = []
NOTHING = Foreseen(None)


def assess(tx: Transaction, asked: Asked) -> Risk | None:
    """Return the risk by the model in use, which is all that a policy is told; None where there is none."""
    return ASSESSORS[0](tx, asked) if ASSESSORS else None


def foresee_order(tx: Transaction, order_id: UUID, now: datetime) -> Foreseen:
    """Return what is foreseen of an order by what was known at its submission; of an ended one nothing."""
    order = tx.session.scalars(select(Order).where(Order.id == order_id)).one()
    if order.ended_at is not None:
        return NOTHING
    customer = tx.session.scalars(select(Customer).where(Customer.id == order.customer_id)).one()
    lines = [(line.sku, line.net) for line in lines_of(tx, order.id)]
    totals = OrderTotals(order.subtotal, order.discount, order.tax, order.cost)
    return told(tx, assess(tx, asked_of(order, customer, totals, lines, order.submitted_at or now)), now)


def told(tx: Transaction, risk: Risk | None, now: datetime) -> Foreseen:
    """Return what people are told: the risk by the model in use, without one the share so far."""
    return Foreseen(risk) if risk is not None or not SHARES else SHARES[0](tx, now)


def asked_of(
    order: Order,
    customer: Customer,
    totals: OrderTotals,
    lines: Iterable[tuple[str, Decimal]],
    at: datetime,
) -> Asked:
    """Return a kept order as it is asked about, with lines and totals that need not be kept yet."""
    return Asked(
        customer_id=customer.id,
        customer_since=customer.created_at,
        totals=totals,
        currency=order.currency,
        lines=tuple(lines),
        wanted_on=order.wanted_on,
        need_id=order.need_id,
        order_id=order.id,
        at=at,
    )


def hear(tx: Transaction, order: Order, risk: Risk | None, now: datetime) -> None:
    """Tell all who signed up what is said of an order that is being submitted; without a model, the share."""
    said = told(tx, risk, now).risk
    if said is not None:
        for each in HEARERS:
            each(tx, order, said, now)
