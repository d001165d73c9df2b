"""Which of a file's first rows names its columns: exports often put a title and a date above it."""

from __future__ import annotations

from collections.abc import Sequence

from app.needs.imports import columns

MOST_TITLES = 3


def position(rows: Sequence[Sequence[str]]) -> int:
    """Return which of the first rows that hold anything is the header.

    The first, unless none of its names is ours and another row has two that are; or unless it has one cell,
    as a title does, where all rows from the second, third or fourth on have more.
    """
    known = [known_in(row) for row in rows]
    if not rows or known[0]:
        return 0
    if max(known) > 1:
        return known.index(max(known))
    titles = next((at for at, row in enumerate(rows) if len(row) > 1), 0)
    below = rows[titles:]
    return titles if titles <= MOST_TITLES and len(below) > 1 and all(len(row) > 1 for row in below) else 0


def known_in(names: Sequence[str]) -> int:
    """Return how many of these are names of columns of ours."""
    return sum(columns.field_of(name) is not None for name in names)


def written(cells: Sequence[str]) -> list[str]:
    """Return names as they are written, without empty ones at the end."""
    names = [cell.replace("\v", " ").strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names
