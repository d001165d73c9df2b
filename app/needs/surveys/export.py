"""Whom a survey asks as a spreadsheet: with names to who works with customers, with pseudonyms to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from app.needs.surveys.queries import Asked
from app.spreadsheets import line, safe

COLUMNS = ("pseudonym", "customer_id", "name", "email", "phone", "group", "answer")


def csv_lines(rows: Sequence[Asked], pseudonym: Callable[[UUID], str] | None) -> Iterator[str]:
    """Yield the sample line by line in order of name, or of the pseudonyms: names would be told by it."""
    yield "\ufeff" + line(COLUMNS)
    cells = [_cells(row, pseudonym) for row in rows]
    yield from map(line, sorted(cells) if pseudonym else cells)


def _cells(row: Asked, pseudonym: Callable[[UUID], str] | None) -> list[str]:
    naming = (str(row.customer_id), row.name, row.email or "", row.phone or "")
    return [
        pseudonym(row.customer_id) if pseudonym else "",
        *("" if pseudonym else safe(text) for text in naming),
        safe(row.stratum),
        "" if row.answer is None else f"{row.answer.normalize():f}",
    ]
