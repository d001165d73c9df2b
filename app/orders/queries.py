"""Lists of orders: searched, filtered, paged by key, and told apart by what they wait for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from app.accounts.models import Person
from app.customers.models import Customer
from app.database import Transaction
from app.orders.models import Order
from app.orders.standing import Waiting, waiting_of

EXPORTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; what is None or empty does not narrow. The period counts days of entering, in UTC."""

    search: str = ""
    statuses: tuple[str, ...] = ()
    customer_id: UUID | None = None
    requester_id: UUID | None = None
    entered_from: date | None = None
    entered_to: date | None = None
    total_from: Decimal | None = None
    total_to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of the list."""

    id: UUID
    number: str
    title: str
    status: str
    customer_id: UUID
    customer_name: str
    requester_id: UUID
    requester_name: str
    instance_id: UUID | None
    currency: str
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    created_at: datetime
    submitted_at: datetime | None
    ended_at: datetime | None
    waiting: tuple[Waiting, ...] = ()


_COLUMNS = (
    Order.id,
    Order.number,
    Order.title,
    Order.status,
    Order.customer_id,
    Customer.name.label("customer_name"),
    Order.requester_id,
    Person.name.label("requester_name"),
    Order.instance_id,
    Order.currency,
    Order.subtotal,
    Order.discount,
    Order.tax,
    Order.total,
    Order.created_at,
    Order.submitted_at,
    Order.ended_at,
)


def list_orders(
    tx: Transaction, wanted: OrderFilter, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[OrderRow]:
    """Return a page of orders, the newest first."""
    rows = _rows(tx, wanted, after, limit)
    waiting = waiting_of(tx, [row.instance_id for row in rows if row.instance_id])
    by_instance: dict[UUID, list[Waiting]] = {}
    for item in waiting:
        by_instance.setdefault(item.instance_id, []).append(item)
    return [
        replace(row, waiting=tuple(by_instance.get(row.instance_id, ()))) if row.instance_id else row
        for row in rows
    ]


def every_order(tx: Transaction, wanted: OrderFilter) -> Iterator[OrderRow]:
    """Go through all that match, page by page, so that an export needs little memory."""
    after: tuple[datetime, UUID] | None = None
    while page := _rows(tx, wanted, after, EXPORTED_AT_ONCE):
        yield from page
        after = cursor_of(page[-1])


def cursor_of(row: OrderRow) -> tuple[datetime, UUID]:
    return row.created_at, row.id


def _rows(
    tx: Transaction, wanted: OrderFilter, after: tuple[datetime, UUID] | None, limit: int
) -> list[OrderRow]:
    conditions = _conditions(wanted)
    if after is not None:
        at, order_id = after
        conditions.append(or_(Order.created_at < at, and_(Order.created_at == at, Order.id < order_id)))
    statement = (
        select(*_COLUMNS)
        .join(Customer, Customer.id == Order.customer_id)
        .join(Person, Person.id == Order.requester_id)
        .where(*conditions)
        .order_by(Order.created_at.desc(), Order.id.desc())
        .limit(limit)
    )
    return [OrderRow(**row._asdict()) for row in tx.session.execute(statement)]


def _conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.search:
        pattern = f"%{_escaped(wanted.search)}%"
        columns = (Order.number, Order.title, Customer.name)
        found.append(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
    if wanted.statuses:
        found.append(Order.status.in_(wanted.statuses))
    if wanted.customer_id is not None:
        found.append(Order.customer_id == wanted.customer_id)
    if wanted.requester_id is not None:
        found.append(Order.requester_id == wanted.requester_id)
    if wanted.entered_from is not None:
        found.append(Order.created_at >= datetime.combine(wanted.entered_from, time.min, UTC))
    if wanted.entered_to is not None:
        found.append(Order.created_at <= datetime.combine(wanted.entered_to, time.max, UTC))
    if wanted.total_from is not None:
        found.append(Order.total >= wanted.total_from)
    if wanted.total_to is not None:
        found.append(Order.total <= wanted.total_to)
    return found


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
