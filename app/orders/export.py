"""Orders as a spreadsheet that cannot be made to run anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.currencies import exact
from app.orders.queries import OrderRow
from app.spreadsheets import line, safe

COLUMNS = (
    "number",
    "title",
    "status",
    "customer_name",
    "requester_name",
    "currency",
    "subtotal",
    "discount",
    "tax",
    "total",
    "created_at",
    "submitted_at",
    "ended_at",
)


def csv_lines(
    rows: Iterable[OrderRow],
    pseudonym: Callable[[UUID], str] | None = None,
    erased: Collection[UUID] = (),
) -> Iterator[str]:
    """Yield the export line by line, its header first; with pseudonyms no name and no free text is in it.

    Who was erased has no pseudonym, so that nothing leads to them from a file of before.
    """
    yield line(COLUMNS)
    for row in rows:
        hidden = _hidden(row, pseudonym, erased) if pseudonym else {}
        yield line(hidden.get(column, _cell(getattr(row, column), row.currency)) for column in COLUMNS)


def _hidden(row: OrderRow, pseudonym: Callable[[UUID], str], erased: Collection[UUID]) -> dict[str, str]:
    return {
        "title": "",
        "customer_name": "" if row.customer_id in erased else pseudonym(row.customer_id),
        "requester_name": pseudonym(row.requester_id),
    }


def _cell(value: Any, currency: str) -> str:
    """Write a value; text that begins like a formula is kept text by an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return exact(value, currency)
    if not isinstance(value, str):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    return safe(value)
