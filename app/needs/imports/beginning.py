"""What the first rows of a file tell of all of it: how it is written, its columns, its writer's habits."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from app.errors import InvalidError
from app.needs.imports import cells, columns, shape
from app.needs.imports.rows import Row, named, rows_of
from app.needs.imports.shape import SAMPLE_BYTES, Lines, Shape
from app.wording import worded

SAMPLE_ROWS = 200
MOST_COLUMNS = 500
# A column whose cells have so many words on average is likely what was said.
SENTENCE = 4
_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a file is written, what its columns are called, and its first rows; its data begin at `offset`."""

    shape: Shape
    header: list[str]
    offset: int
    line: int
    rows: list[Row]

    def guessed(self) -> list[str]:
        """Return which field of ours each column probably is: by its name, and the text by what it holds."""
        found = columns.guess(self.header)
        if "text" not in found:
            first = columns.given(self.header)
            lengths = {at: self._length(at) for at, name in enumerate(found) if not name and at >= first}
            longest = max(lengths, key=lengths.__getitem__, default=None)
            if longest is not None and lengths[longest] >= SENTENCE:
                found[longest] = "text"
        return found

    def _length(self, at: int) -> float:
        """Return how much a column says in a cell: its words, a character of Chinese counting as one."""
        cells = [row.cells[at] for row in self.rows if not row.error and len(row.cells) > at]
        return sum(len(_WORDS.findall(cell)) for cell in cells) / max(1, len(cells))

    def column(self, mapping: Sequence[str], name: str) -> list[str]:
        """Return what the first rows say in one of our columns."""
        found = (named(row.cells, mapping).get(name, "") for row in self.rows if not row.error)
        return [cell for cell in found if cell]

    def day_order(self, mapping: Sequence[str]) -> str:
        return cells.day_order_of(self.column(mapping, "created_on"))

    def decimal_mark(self, mapping: Sequence[str]) -> str:
        return cells.decimal_mark_of(self.column(mapping, "value") + self.column(mapping, "quantity"))


def read(sample: bytes, encoding: str | None = None, separator: str | None = None) -> Beginning:
    """Read the begin of a file; raise InvalidError where it is no text of ours."""
    return _read(sample, shape.sniff(sample, encoding, separator))


def read_sheet(sample: bytes) -> Beginning:
    """Read the begin of what was made of a workbook."""
    return _read(sample, Shape(shape.UTF_8, ",", sheet=True))


def _read(sample: bytes, written: Shape) -> Beginning:
    lines = Lines(io.BytesIO(sample), written)
    header = shape.header_of(lines, written)
    if len(header.names) > MOST_COLUMNS:
        why = worded("has more than {most} columns", most=MOST_COLUMNS)
        raise InvalidError("the file was not read", {"file": [why]})
    stream = io.BytesIO(sample)
    stream.seek(header.offset)
    found = [
        *islice(rows_of(stream, written, len(header.names), header.offset, header.line), SAMPLE_ROWS + 1)
    ]
    # The last one may be cut in its middle.
    rows = found[:-1] if found and len(sample) >= SAMPLE_BYTES and found[-1].offset == len(sample) else found
    return Beginning(written, header.names, header.offset, header.line, rows[:SAMPLE_ROWS])


def strictly_guessed(header: Sequence[str], line: int) -> list[str]:
    """Return what each column is; raise InvalidError where a field has none or two, and the `line`."""
    found = [columns.field_of(name) or "" for name in header]
    missing = [name for name in columns.REQUIRED if name not in found]
    doubled = [name for name in columns.COLUMNS if found.count(name) > 1]
    wrong = [worded("line {line}: no column {name}", line=line, name=name) for name in missing]
    wrong += [worded("line {line}: two columns are {name}", line=line, name=name) for name in doubled]
    if wrong:
        raise InvalidError("the file was not read", {"file": wrong})
    return found


def ignored(header: Sequence[str], mapping: Sequence[str]) -> list[str]:
    """Return the columns of which nothing is kept, as they are written."""
    return [
        called or worded("column {number}", number=at)
        for at, (called, name) in enumerate(zip(header, mapping, strict=True), 1)
        if not name
    ]


class Rewound(io.RawIOBase):
    """A stream whose begin was looked at, and is read once more; an error comes where it came."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._error: OSError | None = None
        found = bytearray()
        try:
            for part in _parts(stream):
                found += part
                if len(found) >= SAMPLE_BYTES:
                    break
        except OSError as error:
            self._error = error
        self.sample = bytes(found[:SAMPLE_BYTES])
        self._again = io.BytesIO(bytes(found))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        found = self._again.read(len(buffer))
        if not found:
            if self._error:
                raise self._error
            found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _parts(stream: IO[bytes]) -> Iterator[bytes]:
    # What one read of the system gives: an error of a later one costs nothing that came before.
    read = getattr(stream, "read1", stream.read)
    while part := read(SAMPLE_BYTES):
        yield part
