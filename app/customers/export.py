"""Customers as a spreadsheet: with names to who works with them, with pseudonyms to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.customers.models import Customer
from app.customers.queries import list_customers
from app.database import Transaction, reading
from app.insights.segments import queries as segments
from app.needs.models import Need
from app.orders.models import Order
from app.spreadsheets import line, safe

# What tells who somebody is: left out with pseudonyms.
NAMING = ("number", "name", "email", "phone", "street", "postcode", "city")
COLUMNS = (
    "pseudonym",
    *NAMING,
    "kind",
    "country",
    "risk",
    "payment_days",
    "profiling",
    "is_active",
    "created_at",
    "segment",
    "needs",
    "orders",
)
AT_ONCE = 1_000


def csv_lines(
    org_id: UUID,
    *,
    search: str = "",
    risk: str | None = None,
    is_active: bool | None = None,
    among: ColumnElement[bool] | None = None,
    pseudonym: Callable[[UUID], str] | None = None,
) -> Iterator[str]:
    """Yield customers line by line in order of name, the header before them.

    With pseudonyms, those of the files of needs and orders, nobody is named, and within each page rows come
    in the order of the pseudonyms, for that of the names would tell.
    """
    yield line(COLUMNS)
    after: tuple[str, UUID] | None = None
    while True:
        with reading(org_id) as tx:
            page = list_customers(
                tx, search=search, risk=risk, is_active=is_active, among=among, after=after, limit=AT_ONCE
            )
            dealings = _dealings(tx, [each.id for each in page])
            rows = [[*_cells(each, pseudonym), *dealings[each.id]] for each in page]
            after = (page[-1].name, page[-1].id) if page else None
        yield from map(line, sorted(rows) if pseudonym else rows)
        if after is None:
            return


def _dealings(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return of each customer segment, number of needs and of orders: merged needs are one, drafts none."""
    if not ids:
        return {}
    told = segments.told(tx)
    needs = _count(Need, Need.merged_into_id.is_(None))
    orders = _count(Order, Order.submitted_at.is_not(None))
    asked = select(Customer.id, told.c.number, needs, orders).where(Customer.id.in_(ids))
    rows = tx.session.execute(asked.outerjoin(told, told.c.subject == Customer.id))
    return {row[0]: ["" if cell is None else str(cell) for cell in row[1:]] for row in rows}


def _count(table: Any, condition: ColumnElement[bool]) -> Any:
    theirs = select(func.count()).select_from(table).where(table.customer_id == Customer.id, condition)
    return theirs.correlate(Customer).scalar_subquery()


def _cells(customer: Customer, pseudonym: Callable[[UUID], str] | None) -> list[str]:
    naming = ["" if pseudonym else safe(getattr(customer, column) or "") for column in NAMING]
    return [
        pseudonym(customer.id) if pseudonym and customer.erased_at is None else "",
        *naming,
        customer.kind,
        customer.country or "",
        customer.risk,
        str(customer.payment_days),
        customer.profiling,
        "yes" if customer.is_active else "no",
        customer.created_at.isoformat(),
    ]
