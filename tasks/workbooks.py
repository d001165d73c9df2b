"""Rows of text out of an Excel workbook; only workers open one, since it may be made to fill all memory."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal
from itertools import repeat
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from app.errors import PlacetError
from app.needs.imports.cells import UNCOMPUTED
from app.wording import worded

MOST_ROWS = 200_000
MOST_COLUMNS = 500
# What an honest workbook of so many rows unpacks to at most; its shared texts are held in memory.
MOST_UNPACKED = 512 * 1024 * 1024
MOST_SHARED = 64 * 1024 * 1024
MOST_RATIO = 200
MOST_FILES = 2_000
# A formula without a value, as programs write them that compute nothing; an empty text looks alike.
_NO_VALUE = re.compile(rb"(?:</f>|<f\b[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>|</c>)")
_READ_AT_ONCE = 1024 * 1024
_BROKEN = (
    BadZipFile, zlib.error, EOFError, SyntaxError,
    KeyError, ValueError, TypeError, IndexError, AttributeError,
)  # fmt: skip


class WorkbookError(PlacetError):
    """No rows can be made of it; the message says why."""


def unpack(file: IO[bytes], into: IO[bytes]) -> None:
    """Write the first visible sheet as CSV in UTF-8, a line for each row; raise WorkbookError.

    Formulas come with the value that they had when the workbook was saved, or as UNCOMPUTED where none was
    saved; nothing in it is executed.
    """
    refuse_bomb(file)
    text = io.TextIOWrapper(into, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    try:
        for cells in _rows(file):
            writer.writerow(cells)
    except _BROKEN as error:
        raise WorkbookError(worded("cannot be read as a workbook")) from error
    text.detach()


def refuse_bomb(file: IO[bytes]) -> None:
    """Raise WorkbookError for what unpacks to more than a workbook has; unzipping keeps to the sizes said."""
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
    except BadZipFile as error:
        raise WorkbookError(worded("cannot be read as a workbook")) from error
    packed = sum(part.compress_size for part in parts)
    unpacked = sum(part.file_size for part in parts)
    shared = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    is_huge = unpacked > MOST_UNPACKED or shared > MOST_SHARED or len(parts) > MOST_FILES
    if is_huge or unpacked > MOST_RATIO * max(packed, 64 * 1024):
        raise WorkbookError(worded("unpacks to more than can be read; save it as CSV"))
    file.seek(0)


def _rows(file: IO[bytes]) -> Iterator[Sequence[str]]:
    import openpyxl  # only here: it takes numpy along where there is one

    lacks_values = _may_lack_values(file)
    books = [
        openpyxl.load_workbook(file, read_only=True, data_only=data_only, keep_links=False)
        for data_only in (True, False)[: 1 + lacks_values]
    ]
    try:
        sheets = [sheet for sheet in books[0].worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise WorkbookError(worded("has no sheet with rows"))
        both = [book[sheets[0].title] for book in books]
        for sheet in both:
            # What a sheet says of its own size is often wrong.
            sheet.reset_dimensions()
        if lacks_values:
            yield from _with_gaps(_computed(*(sheet.iter_rows() for sheet in both)))
        else:
            yield from _with_gaps(both[0].iter_rows(values_only=True))
    finally:
        for book in books:
            book.close()


def _may_lack_values(file: IO[bytes]) -> bool:
    """Say whether any sheet has what looks like a formula without a value."""
    with ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                before = b""
                with archive.open(name) as part:
                    while content := part.read(_READ_AT_ONCE):
                        if _NO_VALUE.search(before + content):
                            return True
                        before = content[-200:]
    return False


def _computed(shown: Iterable[Sequence[Any]], written: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Yield the values of cells, UNCOMPUTED for a formula that has none; an empty text is a value."""
    for cells, formulas in zip(shown, written, strict=True):
        yield [
            UNCOMPUTED
            if cell.value is None and cell.data_type != "str" and formula.data_type == "f"
            else cell.value
            for cell, formula in zip(cells, formulas, strict=True)
        ]


def _with_gaps(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[str]]:
    """Yield rows as texts; empty ones only where others follow."""
    gaps = 0
    for number, row in enumerate(rows, 1):
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            gaps += 1
            continue
        if number > MOST_ROWS:
            raise WorkbookError(worded("has more than {count} rows; save it as CSV", count=MOST_ROWS))
        if len(cells) > MOST_COLUMNS:
            raise WorkbookError(worded("has more than {most} columns", most=MOST_COLUMNS))
        yield from repeat((), gaps)
        gaps = 0
        yield cells


def _text(value: Any) -> str:
    """Write a value as a person would; a line break becomes a vertical tab, so that a row is a line."""
    if value is None:
        return ""
    if isinstance(value, str):
        plain = value.replace("\v", " ").replace("\r\n", "\n").replace("\r", "\n").strip()
        return plain.replace("\n", "\v").replace("\x00", "\ufffd")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        # Excel itself keeps fifteen digits; the rest is noise.
        return format(Decimal(f"{value:.15g}").normalize(), "f")
    return str(value)
