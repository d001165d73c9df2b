"""Needs as a spreadsheet: with names to who works with customers, with pseudonyms and no words to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from app.accounts.queries import names_of
from app.currencies import exact
from app.customers.queries import customers_erased
from app.database import reading
from app.needs.models import Need
from app.needs.queries import Filter, list_needs
from app.spreadsheets import line, safe

COLUMNS = (
    "number",
    "need_type",
    "status",
    "customer",
    "text",
    "channel",
    "quantity",
    "value",
    "currency",
    "owner",
    "next_step",
    "due_on",
    "lost_reason",
    "created_at",
    "closed_at",
)
AT_ONCE = 1_000


def csv_lines(org_id: UUID, wanted: Filter, pseudonym: Callable[[UUID], str] | None = None) -> Iterator[str]:
    """Yield all needs of a filter line by line, the newest first, the header before them.

    With pseudonyms nobody is named, and what was written freely is left out; who was erased has none, so that
    nothing leads to them from a file of before. Each page is read by itself, so
    that a million needs hold no transaction and little memory.
    """
    yield line(COLUMNS)
    after: tuple[datetime, UUID] | None = None
    while True:
        with reading(org_id) as tx:
            page = list_needs(tx, wanted, after=after, limit=AT_ONCE)
            owners = {} if pseudonym else names_of(tx, {need.owner_id for need in page})
            erased = customers_erased(tx) if pseudonym else frozenset()
            lines = [line(_cells(need, owners, erased, pseudonym)) for need in page]
            after = (page[-1].created_at, page[-1].id) if page else None
        yield from lines
        if after is None:
            return


def _cells(
    need: Need, owners: dict[UUID, str], erased: frozenset[UUID], pseudonym: Callable[[UUID], str] | None
) -> list[str]:
    def person(person_id: UUID | None, name: str) -> str:
        if pseudonym is None:
            return safe(name)
        return pseudonym(person_id) if person_id and person_id not in erased else ""

    def words(text: str) -> str:
        return safe(text) if pseudonym is None else ""

    return [
        need.number,
        safe(need.need_type),
        need.status,
        person(need.customer_id, need.customer_name),
        words(need.text),
        safe(need.channel),
        f"{need.quantity.normalize():f}",
        exact(need.value, need.currency),
        need.currency,
        person(need.owner_id, owners.get(need.owner_id, "") if need.owner_id else ""),
        words(need.next_step),
        need.due_on.isoformat() if need.due_on else "",
        words(need.lost_reason),
        need.created_at.isoformat(),
        need.closed_at.isoformat() if need.closed_at else "",
    ]
