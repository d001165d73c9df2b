"""How a file of rows is written: its encoding, what separates its cells, and where its rows begin."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from app.errors import InvalidError
from app.needs.imports import headers
from app.wording import worded

UTF_8, GB18030, WINDOWS_1252 = "utf-8", "gb18030", "cp1252"
ENCODINGS = {UTF_8: "UTF-8", GB18030: "GB18030", WINDOWS_1252: "Windows-1252"}
SEPARATORS = (",", ";", "\t", "|")
SAMPLE_BYTES = 128 * 1024
LONGEST_LINE = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Excel's way to say the separator before the header.
_SAID = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_HEADER_WITHIN = 20
# The characters and the punctuation of everyday Chinese, as GB18030 writes them.
_EVERYDAY_CHINESE = re.compile(rb"(?:[\xb0-\xd7\xa1\xa3][\xa1-\xfe])+")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_CHINESE_ENOUGH = 0.7
# So many good signs of UTF-8 for each bad one: the file is UTF-8, and a few of its cells are broken.
_GOOD_PER_BAD = 10


@dataclass(frozen=True, slots=True)
class Shape:
    """How to read a file; `cr` where its lines end as they did on old Macintoshes.

    `sheet`: it was made of a workbook, a line for each row; a line break in a cell is a vertical tab there.
    """

    encoding: str
    separator: str
    cr: bool = False
    sheet: bool = False


class TooLongError(Exception):
    """A line is longer than anybody writes; it was passed over."""


class Lines:
    """The lines of a file as text; `offset` and `number` say what was read, so that it can go on from there.

    `ended` once more was asked for than there is; `last` is the newest line.

    What is not in the encoding stays recognisable in its cell, so that it costs its row and not the file.
    """

    def __init__(self, stream: IO[bytes], shape: Shape, offset: int = 0, number: int = 0) -> None:
        self._stream = io.BufferedReader(_Translated(stream)) if shape.cr else stream
        self._encoding = shape.encoding
        self.offset, self.number, self.ended, self.last = offset, number, False, ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._stream.readline(LONGEST_LINE)
        if not raw:
            self.ended = True
            raise StopIteration
        first, self.number = self.offset == 0, self.number + 1
        self.offset += len(raw)
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            self._pass_over()
            raise TooLongError
        self.last = (raw.removeprefix(_BOM) if first else raw).decode(self._encoding, "surrogateescape")
        return self.last

    def _pass_over(self) -> None:
        while raw := self._stream.readline(LONGEST_LINE):
            self.offset += len(raw)
            if raw.endswith(b"\n"):
                return


class _Translated(io.RawIOBase):
    """Line ends of old Macintoshes as those of today; every byte stays where it was."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._inner = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        found = self._inner.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(found)] = found
        return len(found)


def sniff(sample: bytes, encoding: str | None = None, separator: str | None = None) -> Shape:
    """Find out how a file is written by its first bytes; what a person has said is not guessed.

    Raises InvalidError for a file that cannot be read as rows of text.
    """
    if sample.startswith(_UTF_16) or b"\x00" in sample:
        raise InvalidError(
            "the file was not read", {"file": ["is in no encoding of ours; save it as “CSV UTF-8”"]}
        )
    encoding = encoding or _encoding_of(sample)
    cr = b"\r" in sample and b"\n" not in sample
    text = sample.removeprefix(_BOM).decode(encoding, "replace")
    lines = [*islice(io.StringIO(text.replace("\r", "\n") if cr else text), _HEADER_WITHIN)]
    said = _SAID.fullmatch(lines[0]) if lines else None
    separator = separator or (said[1] if said else max(SEPARATORS, key=lambda each: _fits(lines, each)))
    return Shape(encoding, separator, cr)


def _encoding_of(sample: bytes) -> str:
    """Say UTF-8 where that can be; else what looks like everyday Chinese, or the Western one."""
    text = sample.decode(UTF_8, "surrogateescape")
    if sample.startswith(_BOM):
        return UTF_8
    cut = text[:-4] + text[-4:].rstrip("".join(map(chr, range(0xDC80, 0xDD00))))
    bad = sum("\udc80" <= sign <= "\udcff" for sign in cut)
    good = sum("\x7f" < sign < "\ud800" or sign > "\udfff" for sign in cut)
    if not bad or good >= bad * _GOOD_PER_BAD:
        return UTF_8
    foreign = len(_NOT_ASCII.findall(sample))
    chinese = sum(len(found) for found in _EVERYDAY_CHINESE.findall(sample))
    return GB18030 if chinese >= _CHINESE_ENOUGH * foreign else WINDOWS_1252


def _fits(lines: list[str], separator: str) -> tuple[int, int]:
    """Say how many columns the header has that we know, and how many it has, if this is its separator."""
    rows = [headers.written(_cells(line, separator)) for line in lines]
    rows = [names for names in rows if any(name.strip("\ufeff ") for name in names)]
    names = rows[headers.position(rows)] if rows else []
    return headers.known_in(names), len(names)


def _cells(line: str, separator: str) -> list[str]:
    """Return the cells of a line; none where it cannot be read so, such as by a return within a cell."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


@dataclass(frozen=True, slots=True)
class Header:
    """The names of columns as they are written; the rows begin at `offset`, after `line` lines."""

    names: list[str]
    offset: int
    line: int


def header_of(lines: Lines, shape: Shape) -> Header:
    """Return the header; empty lines before it do not count, nor does a title above it."""
    reader = csv.reader(_unsaid(lines), delimiter=shape.separator)
    found: list[Header] = []
    try:
        for cells in islice(reader, _HEADER_WITHIN):
            if names := headers.written(cells):
                found.append(Header(names, lines.offset, lines.number))
    except (csv.Error, TooLongError) as error:
        # What cannot be read after the first row is told of that row.
        if not found:
            why = worded("its header cannot be read as CSV: {why}", why=str(error))
            raise InvalidError("the file was not read", {"file": [why]}) from error
    if not found:
        return Header([], lines.offset, lines.number)
    return found[headers.position([each.names for each in found])]


def _unsaid(lines: Lines) -> Iterator[str]:
    for line in lines:
        if not (lines.number == 1 and _SAID.fullmatch(line)):
            yield line


def is_foreign(text: str) -> bool:
    """Say whether bytes that are not in the file's encoding were read into this text."""
    return not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)
