"""Customers as a spreadsheet: with names to who works with them, with pseudonyms to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import ColumnElement

from app.customers.models import Customer
from app.customers.queries import list_customers
from app.database import reading
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
            rows = [_cells(each, pseudonym) for each in page]
            after = (page[-1].name, page[-1].id) if page else None
        yield from map(line, sorted(rows) if pseudonym else rows)
        if after is None:
            return


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
