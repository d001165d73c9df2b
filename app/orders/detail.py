"""One order whole, as its page and the API show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.customers.models import Customer
from app.database import Transaction
from app.errors import NotFoundError
from app.orders.drafts import lines_of
from app.orders.models import Order, OrderLine, OrderMilestone
from app.orders.pricing import terms_of
from app.orders.standing import ProcessStanding, Waiting, standing_of, waiting_of
from app.orders.submission import totals_of
from app.orders.totals import line_totals
from app.processes.models import Incident


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with its amounts."""

    position: int
    product_id: UUID | None
    sku: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class MilestoneView:
    milestone: str
    at: datetime
    person_name: str | None


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """Everything that an order is, but its timeline and its documents."""

    id: UUID
    number: str
    title: str
    status: str
    customer_id: UUID
    customer_name: str
    requester_id: UUID
    requester_name: str
    need_id: UUID | None
    instance_id: UUID | None
    currency: str
    subtotal: Decimal
    discount: Decimal
    net: Decimal
    tax: Decimal
    total: Decimal
    discount_percent: Decimal
    margin_percent: Decimal
    wanted_on: date | None
    promised_on: date | None
    note: str
    version: int
    created_at: datetime
    submitted_at: datetime | None
    ended_at: datetime | None
    archived_at: datetime | None
    lines: tuple[LineView, ...]
    milestones: tuple[MilestoneView, ...]
    standing: tuple[ProcessStanding, ...]
    waiting: tuple[Waiting, ...]
    open_incidents: int


_SAME = (
    "id",
    "number",
    "title",
    "status",
    "customer_id",
    "requester_id",
    "need_id",
    "instance_id",
    "currency",
    "subtotal",
    "discount",
    "tax",
    "total",
    "wanted_on",
    "promised_on",
    "note",
    "version",
    "created_at",
    "submitted_at",
    "ended_at",
    "archived_at",
)


def get_order(tx: Transaction, order_id: UUID) -> OrderDetail:
    """Return one order; raise NotFoundError for another organisation's."""
    statement = (
        select(Order, Customer.name.label("customer_name"))
        .join(Customer, Customer.id == Order.customer_id)
        .where(Order.id == order_id)
        .execution_options(populate_existing=True)  # its status was written by Core
    )
    found = tx.session.execute(statement).one_or_none()
    if found is None:
        raise NotFoundError("order", order_id)
    order: Order = found.Order
    lines = lines_of(tx, order.id)
    totals = totals_of(lines, order.currency)
    return OrderDetail(
        **{name: getattr(order, name) for name in _SAME},
        customer_name=found.customer_name,
        requester_name=accounts.names_of(tx, [order.requester_id]).get(order.requester_id, ""),
        net=totals.net,
        discount_percent=totals.discount_percent,
        margin_percent=totals.margin_percent,
        lines=tuple(_line(line, order.currency) for line in lines),
        milestones=milestones_of(tx, order.id),
        standing=standing_of(tx, order.instance_id) if order.instance_id else (),
        waiting=tuple(waiting_of(tx, [order.instance_id])) if order.instance_id else (),
        open_incidents=_open_incidents(tx, order),
    )


def milestones_of(tx: Transaction, order_id: UUID) -> tuple[MilestoneView, ...]:
    statement = (
        select(OrderMilestone)
        .where(OrderMilestone.order_id == order_id)
        .order_by(OrderMilestone.revision, OrderMilestone.seq)
    )
    rows = list(tx.session.scalars(statement))
    names = accounts.names_of(tx, [row.person_id for row in rows])
    return tuple(
        MilestoneView(row.milestone, row.at, names.get(row.person_id) if row.person_id else None)
        for row in rows
    )


def _line(line: OrderLine, currency: str) -> LineView:
    return LineView(
        position=line.position,
        product_id=line.product_id,
        sku=line.sku,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=line.tax_percent,
        net=line.net,
        tax=line_totals(terms_of(line), currency).tax,
    )


def _open_incidents(tx: Transaction, order: Order) -> int:
    statement = select(func.count()).select_from(Incident)
    where = (Incident.instance_id == order.instance_id, Incident.resolved_at.is_(None))
    return tx.session.scalar(statement.where(*where)) or 0
