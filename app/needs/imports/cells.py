"""What a cell says: texts, numbers and dates as people in both languages write them, read strictly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from app.entered import amount, plain_text
from app.errors import PlacetError
from app.needs.imports.shape import ENCODINGS, UTF_8, is_foreign
from app.wording import worded

LONGEST = 4_000
FIRST_YEAR, LAST_YEAR = 1900, 2100
DAY_ORDERS = ("dmy", "mdy")
DECIMAL_MARKS = (".", ",")
_SPACES = re.compile(r"[ \u00a0\u2009\u202f'’]")  # the Swiss group digits by it
_GROUPED_BY_COMMA = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_GROUPED_BY_POINT = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+")
_POINTS_ALONE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+")
_COMMA_FOR_POINT = re.compile(r"-?[0-9]+,[0-9]+")
# A number by the mark that its file has; digits are grouped so that three are last (in India two before).
_BY_MARK = {
    ",": re.compile(r"-?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?"),
    ".": re.compile(r"-?([0-9]+|[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3})(\.[0-9]+)?"),
}
_SIGNED = re.compile(
    r"(-?)([€£$¥元]|CNY|RMB|EUR|USD|GBP|JPY)?(-?[0-9.,]+)([万亿]?)([€£$¥元]|CNY|RMB|EUR|USD|GBP|JPY)?"
)
# A sign beside an amount must not contradict the row's currency.
_SIGNS = {
    "€": ("EUR",), "£": ("GBP",), "¥": ("CNY", "JPY"), "元": ("CNY", "TWD", "HKD"), "RMB": ("CNY",),
    "$": ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN"),
}  # fmt: skip
_TIMES = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
# What stands for a formula of a workbook whose value was never computed.
UNCOMPUTED = "#FORMULA!"
_SPREADSHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
_CLOCK = r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _CLOCK)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _CLOCK)
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})" + _CLOCK)
_DAY_MONTH = re.compile(r"(\d{1,2})\.?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})" + _CLOCK)
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})" + _CLOCK)
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


class CellError(PlacetError):
    """What is wrong in a column of a row."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


@dataclass(frozen=True, slots=True)
class Habits:
    """What a file leaves unsaid: `need_type` for rows that name none, and how its numbers and days are meant.

    `day_order` is dmy, mdy, or empty where nobody said it: then a day that could be either is refused.
    `decimal_mark` is a point, a comma, or empty: then each number is read by its own form.
    """

    currency: str
    need_type: str = ""
    channel: str = "import"
    day_order: str = ""
    decimal_mark: str = ""
    encoding: str = UTF_8


def values_of(row: Mapping[str, str], habits: Habits) -> dict[str, Any]:
    """Return the values of a need; raise CellError for a cell that cannot be read."""
    currency = (_short(row, "currency", 40, habits) or habits.currency).upper()
    values: dict[str, Any] = {
        "need_type": _short(row, "need_type", 80, habits) or habits.need_type,
        "text": _short(row, "text", LONGEST, habits),
        "channel": _short(row, "channel", 40, habits) or habits.channel,
        "quantity": _decimal(row, "quantity", Decimal(1), currency, habits),
        "value": _decimal(row, "value", Decimal(0), currency, habits),
        "currency": "CNY" if currency in ("RMB", "人民币") else currency,
        "customer_name": _short(row, "customer", 190, habits),
    }
    if created_on := _short(row, "created_on", 40, habits):
        values["created_at"] = _moment(created_on, habits.day_order)
    return values


def _short(row: Mapping[str, str], column: str, longest: int, habits: Habits) -> str:
    text = row.get(column, "")
    if len(text) > longest:
        raise CellError(column, worded("has more than {longest} characters", longest=longest))
    if is_foreign(text):
        raise CellError(column, worded("is not {encoding}", encoding=ENCODINGS[habits.encoding]))
    if not text.isprintable() and any(ord(sign) < 32 and sign not in "\n\r\t" for sign in text):
        raise CellError(column, "has control characters")
    if text == UNCOMPUTED:
        why = worded("is a formula without its value: open the workbook in a spreadsheet and save it")
        raise CellError(column, why)
    if text in _SPREADSHEET_ERRORS:
        raise CellError(column, worded("{text} is an error of the spreadsheet", text=text))
    return plain_text(text)


def _decimal(row: Mapping[str, str], column: str, default: Decimal, currency: str, habits: Habits) -> Decimal:
    """Read 1310, 1310.50, 1310,50, 1,310.50, 1.310,50, ¥1310 or 1.2万.

    Unless the file's decimal mark is said, a lone comma before three digits groups them.
    """
    written = _short(row, column, 40, habits)
    if not written:
        return default
    text = written if written.isascii() else unicodedata.normalize("NFKC", written)
    text = _SPACES.sub("", text)
    times = Decimal(1)
    if not text.isascii() or not text[-1:].isdigit() or not text[:1].isdigit():
        found = _SIGNED.fullmatch(text.upper())
        if found:
            _refuse_other_currency(column, written, found[2] or found[5], currency)
            text, times = found[1] + found[3], _TIMES[found[4]]
    number = amount(_plain(text, habits.decimal_mark))
    if number is not None:
        number = amount(str(number * times)) if times != 1 else number
    if number is None:
        why = worded("{text} is not a number of at most 12 digits and 4 decimals", text=repr(written))
        raise CellError(column, why)
    return number


def _refuse_other_currency(column: str, written: str, sign: str | None, currency: str) -> None:
    if sign and column == "value" and currency not in _SIGNS.get(sign, (sign,)) and currency != sign:
        why = worded(
            "{text} is not in {currency}, the currency of its row", text=repr(written), currency=currency
        )
        raise CellError(column, why)


def _plain(text: str, mark: str) -> str:
    if mark:
        whole, _, part = text.partition(mark)
        grouped = "." if mark == "," else ","
        plain = whole.replace(grouped, "") + (part and f".{part}")
        return plain if _BY_MARK[mark].fullmatch(text) else ""
    if _GROUPED_BY_COMMA.fullmatch(text):
        return text.replace(",", "")
    if _GROUPED_BY_POINT.fullmatch(text) or _COMMA_FOR_POINT.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if text.count(".") > 1 and _POINTS_ALONE.fullmatch(text):
        return text.replace(".", "")
    return text


def _moment(text: str, day_order: str) -> datetime:
    """Read a day (noon in UTC) or a moment (UTC unless it says its zone)."""
    written = text if text.isascii() else unicodedata.normalize("NFKC", text)
    try:
        if len(written) > 10 and written[4:5] == "-":
            moment = datetime.fromisoformat(written)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        else:
            moment = _in_words(written.strip(), day_order)
    except (ValueError, StopIteration):
        example = "2026-01-31"
        raise CellError(
            "created_on", worded("{text} is not a date such as {example}", text=repr(text), example=example)
        ) from None
    # Programs write 0001-01-01 or 9999-12-31 for a day that they do not know.
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        why = worded(
            "{text} is not in the years {first} to {last}", text=repr(text), first=FIRST_YEAR, last=LAST_YEAR
        )
        raise CellError("created_on", why)
    return moment


def _in_words(text: str, day_order: str) -> datetime:
    if found := _YEAR_FIRST.fullmatch(text) or _TOGETHER.fullmatch(text):
        return _at(int(found[1]), int(found[2]), int(found[3]), found.groups()[3:])
    if found := _YEAR_LAST.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        day, month = _ordered(first, second, "dmy" if found[2] == "." else day_order, text)
        return _at(int(found[4]), month, day, found.groups()[4:])
    if found := _DAY_MONTH.fullmatch(text):
        return _at(int(found[3]), _month(found[2]), int(found[1]), found.groups()[3:])
    if found := _MONTH_DAY.fullmatch(text):
        return _at(int(found[3]), _month(found[1]), int(found[2]), found.groups()[3:])
    raise ValueError(text)


def _ordered(first: int, second: int, day_order: str, text: str) -> tuple[int, int]:
    """Return day and month; raise CellError where either may be meant."""
    if day_order == "mdy" or (not day_order and second > 12):
        return second, first
    if day_order == "dmy" or first > 12 or first == second:
        return first, second
    why = worded("{text} may be two days: say whether the day or the month comes first", text=repr(text))
    raise CellError("created_on", why)


def _month(word: str) -> int:
    lowered = word.lower()
    return next(at for at, name in enumerate(_MONTHS, 1) if name.startswith(lowered) or lowered == name[:4])


def _at(year: int, month: int, day: int, clock: tuple[Any, ...]) -> datetime:
    if clock[0] is None:
        return datetime.combine(date(year, month, day), time(12), UTC)
    return datetime(year, month, day, int(clock[0]), int(clock[1]), int(clock[2] or 0), tzinfo=UTC)


def day_order_of(samples: list[str]) -> str:
    """Return the order that days of this file can only have; empty where they could have either."""
    firsts, seconds = set(), set()
    for sample in samples:
        if found := _YEAR_LAST.fullmatch(sample.strip()):
            firsts.add(int(found[1]) > 12)
            seconds.add(int(found[3]) > 12)
    if True in firsts and True not in seconds:
        return "dmy"
    return "mdy" if True in seconds and True not in firsts else ""


def decimal_mark_of(samples: list[str]) -> str:
    """Return the decimal mark that these numbers show; empty where they show none, or both."""
    shown = set()
    for sample in samples:
        text = _SPACES.sub("", sample).strip("€£$¥元-")
        if _GROUPED_BY_POINT.fullmatch(text) or re.fullmatch(r"[0-9]+,([0-9]{1,2}|[0-9]{4})", text):
            shown.add(",")
        elif re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[0-9]+\.([0-9]{1,2}|[0-9]{4})", text):
            shown.add(".")
    return shown.pop() if len(shown) == 1 else ""
