"""The rows of a file of needs, one after the other, each with the line on which it begins."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from app import spreadsheets
from app.needs.imports.cells import CellError
from app.needs.imports.shape import Lines, Shape, TooLongError
from app.wording import worded


@dataclass(frozen=True, slots=True)
class Row:
    """What is written in a row, and what is wrong with its shape; `offset` is where the next row begins."""

    line: int
    cells: Sequence[str]
    offset: int
    next_line: int
    error: CellError | None = None


def rows_of(stream: IO[bytes], shape: Shape, width: int, offset: int, line: int) -> Iterator[Row]:
    """Yield the rows from `offset`, to which the stream is wound; `line` lines stand before it."""
    lines = Lines(stream, shape, offset, line)
    # Strictly: what follows a closing quote tells that another was not closed, lines before.
    reader = csv.reader(lines, delimiter=shape.separator, strict=True)
    while True:
        begins = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except TooLongError:
            wrong = CellError("row", "is longer than anything that is read")
            yield Row(begins, (), lines.offset, lines.number, wrong)
            continue
        except csv.Error as error:
            found = _of_one_line(lines.last, shape.separator) if lines.number == begins else None
            if found is None:
                yield Row(begins, (), lines.offset, lines.number, _unreadable(begins, lines.number, error))
                continue
            cells = found
        if any(cell.strip() for cell in cells):
            if shape.sheet:
                cells = [cell.replace("\v", "\n") for cell in cells]
            # Only quotes that are not closed make the reader ask for more than there is.
            odd = _unclosed(begins, lines.number) if lines.ended else _surplus(cells, width)
            yield Row(begins, cells, lines.offset, lines.number, odd)


def _of_one_line(line: str, separator: str) -> list[str] | None:
    """Return the cells of a line that says more after a closing quote; None where it is no CSV at all."""
    try:
        return next(csv.reader([line], delimiter=separator))
    except csv.Error:
        return None


def _unreadable(first: int, last: int, error: csv.Error) -> CellError:
    if first == last:
        return CellError("row", worded("cannot be read as CSV: {why}", why=str(error)))
    return _unclosed(first, last)


def _unclosed(first: int, last: int) -> CellError:
    why = worded(
        "lines {first} to {last} are one cell, whose quotes were not closed; none of them was kept",
        first=first,
        last=last,
    )
    return CellError("row", why)


def _surplus(cells: Sequence[str], width: int) -> CellError | None:
    """A separator inside a text would otherwise cut it off without a word."""
    if any(cell.strip() for cell in cells[width:]):
        return CellError("row", "has more cells than the header: put text with separators in quotes")
    return None


def named(cells: Sequence[str], mapping: Sequence[str]) -> dict[str, str]:
    """Return the cells of the columns that are ours, by the names of our fields.

    The apostrophe goes that keeps a formula text in files of ours, such as that of refused rows.
    """
    return {
        name: spreadsheets.meant(cell.strip()) for name, cell in zip(mapping, cells, strict=False) if name
    }
