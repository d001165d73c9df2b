"""Values on their way out: JSON that keeps every type for the engine's state, plain JSON for the API."""

import datetime as python
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from math import isinf
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from rules.feel.builtins.conversions import text_of
from rules.feel.durations import DayTimeDuration, YearMonthDuration, parse_duration
from rules.feel.errors import FeelValueError
from rules.feel.numbers import as_int, is_far, is_whole
from rules.feel.ranges import UNDEFINED, Range
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.temporal_text import parse_date, parse_date_time, parse_time

_TAG: Final = "$feel"
_JSON: Final = frozenset({type(None), bool, int, str})
"""These are the same in JSON."""


def _parse_number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": _parse_number,
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}
_TAGS: Final[Mapping[type, str]] = {
    Decimal: "number",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DayTimeDuration: "duration",
    YearMonthDuration: "duration",
}


def to_typed_json(value: Any) -> Any:
    """Return JSON that `from_typed_json` reads back without loss: tagged where JSON has no such type."""
    kind = type(value)
    if kind in _JSON:
        return value
    if kind is list:
        return [part if type(part) in _JSON else to_typed_json(part) for part in value]
    if kind is dict:
        parts = {name: part if type(part) in _JSON else to_typed_json(part) for name, part in value.items()}
        return {_TAG: "context", "entries": parts} if _TAG in value else parts
    if kind is Range:
        return {_TAG: "range", "text": _range_parts(value)}
    if kind in _TAGS:
        return {_TAG: _TAGS[kind], "text": str(value)}
    raise FeelValueError(value, "it cannot be kept")


def _range_parts(value: Range) -> list[Any]:
    ends = [None if end is UNDEFINED else [to_typed_json(end)] for end in (value.low, value.high)]
    return [ends[0], value.low_closed, ends[1], value.high_closed, value.symbol]


def from_typed_json(value: Any) -> Any:
    """Read back what `to_typed_json` wrote."""
    kind = type(value)
    if kind is list:
        return [part if type(part) in _JSON else from_typed_json(part) for part in value]
    if kind is dict:
        if _TAG in value:
            return _untagged(value)
        return {name: part if type(part) in _JSON else from_typed_json(part) for name, part in value.items()}
    if kind in _JSON:
        return value
    raise FeelValueError(value, "a number of the state is an int or tagged")


def _untagged(value: Any) -> Any:
    match value:
        case {"$feel": "context", "entries": dict(entries)}:
            return {name: from_typed_json(part) for name, part in entries.items()}
        case {"$feel": "range", "text": [low, bool(low_closed), high, bool(high_closed), str(symbol)]}:
            ends = [UNDEFINED if end is None else from_typed_json(end[0]) for end in (low, high)]
            return Range(ends[0], low_closed, ends[1], high_closed, _symbol(symbol))
        case {"$feel": str(tag), "text": str(text)} if tag in _PARSERS:
            parsed = _PARSERS[tag](text)
            if parsed is not None:
                return parsed
    raise FeelValueError(value, "no such tagged value")


def _symbol(text: str) -> Literal["", "=", "!="]:
    if text in {"=", "!="}:
        return "=" if text == "=" else "!="
    return ""


def to_python(value: Any) -> Any:
    """Return Python's own date, time, datetime or timedelta for one of FEEL's; other values as they are."""
    try:
        match value:
            case Date(year, month, day):
                return python.date(year, month, day)
            case Time(hour, minute, second, nanos):
                return python.time(hour, minute, second, nanos // 1_000, _zone(value))
            case DateTime(date, time):
                return python.datetime.combine(to_python(date), to_python(time))
            case DayTimeDuration(nanos):
                return python.timedelta(microseconds=nanos // 1_000)
    except (ValueError, OverflowError):
        raise FeelValueError(value, "Python's calendar does not reach so far") from None
    return value


def _zone(time: Time) -> python.tzinfo | None:
    if time.zone is not None:
        return ZoneInfo(time.zone)
    if time.offset == 0:
        return python.UTC
    return None if time.offset is None else python.timezone(python.timedelta(seconds=time.offset))


def to_plain_json(value: Any, *, numbers: Literal["text", "json"] = "text") -> Any:
    """Return JSON for the API: temporals as ISO texts, numbers as decimal texts or JSON numbers.

    JSON numbers lose digits beyond what a float holds, so money keeps the default.
    """
    kind = type(value)
    if value is None or kind in {bool, str}:
        return value
    if kind is list:
        return [to_plain_json(item, numbers=numbers) for item in value]
    if kind is dict:
        return {name: to_plain_json(part, numbers=numbers) for name, part in value.items()}
    if kind is int or kind is Decimal:
        return _plain_number(value, numbers)
    return text_of(value)


def _plain_number(value: Any, numbers: str) -> Any:
    if numbers == "text":
        return str(value) if isinstance(value, int) or is_far(value) else format(value, "f")
    whole = as_int(value) if is_whole(value) else None
    if whole is not None:
        return whole
    number = float(value)
    if isinf(number):
        raise FeelValueError(value, "JSON numbers do not reach so far")
    return number
