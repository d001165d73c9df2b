"""Needs from a CSV file: good rows are kept, bad and doubtful ones named by their line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from app.customers import queries as customers
from app.database import Transaction, transaction
from app.entered import amount
from app.errors import InvalidError, PlacetError
from app.moments import utc_now
from app.needs import commands
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
BATCH = 200
MOST_REMARKS = 1_000
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a row; `line` counts from 1, the header being line 1."""

    line: int
    column: str
    message: str


@dataclass(slots=True)
class ImportReport:
    """How many rows were read and kept; why rows were not (`problems`), and doubts of kept ones (`notices`).

    Of each the first thousand; `bad` and `noticed` count the rows of all.
    """

    read: int = 0
    kept: int = 0
    bad: int = 0
    noticed: int = 0
    problems: list[Remark] = field(default_factory=list)
    notices: list[Remark] = field(default_factory=list)

    def refuse(self, *problems: Remark) -> None:
        self.bad += 1
        self.problems += problems[: MOST_REMARKS - len(self.problems)]

    def keep(self, notice: Remark | None) -> None:
        self.kept += 1
        if notice:
            self.noticed += 1
            if len(self.notices) < MOST_REMARKS:
                self.notices.append(notice)


def import_needs(org_id: UUID, by: UUID | None, stream: IO[bytes], currency: str) -> ImportReport:
    """Keep the needs of a UTF-8 CSV file (comma or semicolon); raise InvalidError for a file that is none."""
    reader, names = _open(stream)
    report = ImportReport()
    batch: list[tuple[int, dict[str, str]]] = []
    for line, found in _rows(reader, names):
        report.read += 1
        if isinstance(found, str):
            report.refuse(Remark(line, "row", found))
            continue
        batch.append((line, found))
        if len(batch) == BATCH:
            _keep(org_id, by, batch, currency, report)
            batch.clear()
    _keep(org_id, by, batch, currency, report)
    return report


def _open(stream: IO[bytes]) -> tuple[Any, list[str | None]]:
    # What is not UTF-8 stays recognisable in its cell, so that it costs its row and not the file.
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="", errors="surrogateescape")
    header = text.readline(LONGEST)
    if _is_foreign(header):
        raise InvalidError("the file was not read", {"file": ["is not UTF-8"]})
    delimiter = ";" if header.count(";") > header.count(",") else ","
    written = next(csv.reader([header], delimiter=delimiter), [])
    names = [_column(name) for name in written]
    wrong = [
        worded("line 1: no column {name}", name=name) for name in ("need_type", "text") if name not in names
    ]
    doubled = [name for name in COLUMNS if names.count(name) > 1]
    wrong += [worded("line 1: two columns are {name}", name=name) for name in doubled]
    if wrong:
        raise InvalidError("the file was not read", {"file": wrong})
    return csv.reader(text, delimiter=delimiter), names


def _is_foreign(text: str) -> bool:
    """Say whether bytes that are no UTF-8 were read into this text."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _column(written: str) -> str | None:
    wanted = written.strip().lower()
    return next((name for name, spellings in COLUMNS.items() if wanted in spellings), None)


def _rows(reader: Any, names: list[str | None]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Yield each row with the line on which it begins; instead of the row what is wrong with its shape."""
    while True:
        line = reader.line_num + 2
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, worded("cannot be read as CSV: {why}", why=str(error))
            continue
        if not any(value.strip() for value in values):
            continue
        if any(value.strip() for value in values[len(names) :]):
            # A separator inside a text would otherwise cut it off without a word.
            yield line, worded("has more cells than the header: put text with separators in quotes")
            continue
        yield line, {name: value.strip() for name, value in zip(names, values, strict=False) if name}


def _keep(
    org_id: UUID,
    by: UUID | None,
    batch: list[tuple[int, dict[str, str]]],
    currency: str,
    report: ImportReport,
) -> None:
    if not batch:
        return
    with transaction(org_id) as tx:
        for line, row in batch:
            try:
                values = _values(row, currency)
                notice = _add_customer(tx, line, row, values)
                with tx.session.begin_nested():
                    commands.add_in(tx, by, values, utc_now())
                report.keep(notice)
            except _CellError as error:
                report.refuse(Remark(line, error.column, error.why))
            except InvalidError as error:
                wrong = [(column, why) for column, reasons in error.fields.items() for why in reasons]
                report.refuse(*(Remark(line, column, why) for column, why in wrong))


class _CellError(PlacetError):
    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column, self.why = column, self.message


def _values(row: dict[str, str], currency: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "need_type": _short(row, "need_type", 80),
        "text": _short(row, "text", LONGEST),
        "channel": _short(row, "channel", 40) or "import",
        "quantity": _decimal(row, "quantity", Decimal(1)),
        "value": _decimal(row, "value", Decimal(0)),
        "currency": (_short(row, "currency", 40) or currency).upper(),
    }
    if created_on := _short(row, "created_on", 40):
        values["created_at"] = _moment(created_on)
    return values


def _add_customer(tx: Transaction, line: int, row: dict[str, str], values: dict[str, Any]) -> Remark | None:
    """Add whose need it is; return what to say where that is not exactly one customer."""
    written = _short(row, "customer", 190)
    if not written:
        return None
    found = customers.customers_called(tx, written)
    if len(found) == 1:
        values |= {"customer_id": found[0].id, "customer_name": found[0].name}
        return None
    values["customer_name"] = written
    if found:
        why = worded("“{name}” names several customers; the need keeps the name as text", name=written)
    else:
        why = worded("“{name}” is not known; the need keeps the name as text", name=written)
    return Remark(line, "customer", why)


def _short(row: dict[str, str], column: str, longest: int) -> str:
    text = row.get(column, "")
    if len(text) > longest:
        raise _CellError(column, worded("has more than {longest} characters", longest=longest))
    if _is_foreign(text):
        raise _CellError(column, "is not UTF-8")
    if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in text):
        raise _CellError(column, "has control characters")
    return text


def _decimal(row: dict[str, str], column: str, default: Decimal) -> Decimal:
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
        raise _CellError(column, why)
    return number


def _moment(text: str) -> datetime:
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text.replace("/", "-")), time(12), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _CellError(
            "created_on", worded("{text} is not a date such as 2026-01-31", text=repr(text))
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
