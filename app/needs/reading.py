"""A CSV file of needs: what people write into such files, read strictly, row after row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import IO, Any

from app.entered import amount, plain_text
from app.errors import InvalidError, PlacetError
from app.wording import worded

# Header names as people write them, in both languages.
COLUMNS = {
    "need_type": ("need_type", "type", "需求类型", "类型"),
    "customer": ("customer", "customer_number", "customer_name", "客户", "客户编号", "客户名称"),
    "text": ("text", "description", "need", "需求", "描述", "内容"),
    "channel": ("channel", "渠道"),
    "quantity": ("quantity", "数量"),
    "value": ("value", "amount", "金额", "价值"),
    "currency": ("currency", "币种", "货币"),
    "created_on": ("created_on", "created", "date", "日期", "创建日期"),
}
_SPACES = re.compile(r"[ \u00a0\u202f']")
_GROUPED_BY_COMMA = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_GROUPED_BY_POINT = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+")
_COMMA_FOR_POINT = re.compile(r"-?[0-9]+,[0-9]+")
LONGEST = 4_000


class CellError(PlacetError):
    """What is wrong in a column of a row."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


class NeedsFile:
    """A UTF-8 CSV file (comma or semicolon); raises InvalidError for a file that is none.

    `ignored` are its columns that are none of ours, as they are written.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        # What is not UTF-8 stays recognisable in its cell, so that it costs its row and not the file.
        text = io.TextIOWrapper(stream, "utf-8-sig", newline="", errors="surrogateescape")
        header = text.readline(LONGEST)
        if _is_foreign(header):
            raise InvalidError("the file was not read", {"file": ["is not UTF-8"]})
        delimiter = ";" if header.count(";") > header.count(",") else ","
        written = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        while written and not written[-1]:
            written.pop()
        self._names = [_column(name) for name in written]
        self._refuse_header()
        self.ignored = [
            called or worded("column {number}", number=at)
            for at, (called, name) in enumerate(zip(written, self._names, strict=True), 1)
            if name is None
        ]
        self._reader = csv.reader(text, delimiter=delimiter)

    def _refuse_header(self) -> None:
        missing = [name for name in ("need_type", "text") if name not in self._names]
        doubled = [name for name in COLUMNS if self._names.count(name) > 1]
        wrong = [worded("line 1: no column {name}", name=name) for name in missing]
        wrong += [worded("line 1: two columns are {name}", name=name) for name in doubled]
        if wrong:
            raise InvalidError("the file was not read", {"file": wrong})

    def rows(self) -> Iterator[tuple[int, dict[str, str] | CellError]]:
        """Yield each row with the line on which it begins; instead of it what is wrong with its shape."""
        names = self._names
        while True:
            line = self._reader.line_num + 2
            try:
                values = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, CellError("row", worded("cannot be read as CSV: {why}", why=str(error)))
                continue
            if not any(value.strip() for value in values):
                continue
            if any(value.strip() for value in values[len(names) :]):
                # A separator inside a text would otherwise cut it off without a word.
                why = worded("has more cells than the header: put text with separators in quotes")
                yield line, CellError("row", why)
                continue
            yield line, {name: value.strip() for name, value in zip(names, values, strict=False) if name}


def values_of(row: Mapping[str, str], currency: str) -> dict[str, Any]:
    """Return the values of a need; raise CellError for a cell that cannot be read."""
    values: dict[str, Any] = {
        "need_type": _short(row, "need_type", 80),
        "text": _short(row, "text", LONGEST),
        "channel": _short(row, "channel", 40) or "import",
        "quantity": _decimal(row, "quantity", Decimal(1)),
        "value": _decimal(row, "value", Decimal(0)),
        "currency": (_short(row, "currency", 40) or currency).upper(),
        "customer_name": _short(row, "customer", 190),
    }
    if created_on := _short(row, "created_on", 40):
        values["created_at"] = _moment(created_on)
    return values


def _is_foreign(text: str) -> bool:
    """Say whether bytes that are no UTF-8 were read into this text."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _column(written: str) -> str | None:
    wanted = written.strip().lower()
    return next((name for name, spellings in COLUMNS.items() if wanted in spellings), None)


def _short(row: Mapping[str, str], column: str, longest: int) -> str:
    text = row.get(column, "")
    if len(text) > longest:
        raise CellError(column, worded("has more than {longest} characters", longest=longest))
    if _is_foreign(text):
        raise CellError(column, "is not UTF-8")
    if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in text):
        raise CellError(column, "has control characters")
    return plain_text(text)


def _decimal(row: Mapping[str, str], column: str, default: Decimal) -> Decimal:
    """Read 1310, 1310.50, 1310,50, 1,310.50 or 1.310,50; a lone comma before three digits groups them."""
    text = _SPACES.sub("", _short(row, column, 40))
    if not text:
        return default
    if _GROUPED_BY_COMMA.fullmatch(text):
        plain = text.replace(",", "")
    elif _GROUPED_BY_POINT.fullmatch(text) or _COMMA_FOR_POINT.fullmatch(text):
        plain = text.replace(".", "").replace(",", ".")
    else:
        plain = text
    number = amount(plain)
    if number is None:
        why = worded("{text} is not a number of at most 12 digits and 4 decimals", text=repr(text))
        raise CellError(column, why)
    return number


def _moment(text: str) -> datetime:
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text.replace("/", "-")), time(12), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CellError(
            "created_on", worded("{text} is not a date such as 2026-01-31", text=repr(text))
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
