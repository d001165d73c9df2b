"""The rows of a file of needs, one after the other, each with the line on which it begins."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

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
    reader = csv.reader(lines, delimiter=shape.separator)
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
            yield Row(begins, (), lines.offset, lines.number, _unreadable(begins, lines.number, error))
            continue
        if any(cell.strip() for cell in cells):
            if shape.sheet:
                cells = [cell.replace("\v", "\n") for cell in cells]
            # Only quotes that are not closed make the reader ask for more than there is.
            odd = _unclosed(begins, lines.number) if lines.ended else _surplus(cells, width)
            yield Row(begins, cells, lines.offset, lines.number, odd)


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
    """Return the cells of the columns that are ours, by the names of our fields."""
    return {name: cell.strip() for name, cell in zip(mapping, cells, strict=False) if name}
