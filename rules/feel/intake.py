"""Values from outside: only what FEEL can hold exactly comes in."""

import datetime as python
from decimal import Decimal
from typing import Any, Final

from rules.feel import bounds
from rules.feel.calendar import NANOS, SECONDS_A_DAY
from rules.feel.durations import DayTimeDuration, YearMonthDuration
from rules.feel.errors import FeelLimitError, FeelValueError
from rules.feel.functions import Function
from rules.feel.numbers import Number, fitted
from rules.feel.ranges import Range
from rules.feel.temporal import Date, DateTime, Time

_PLAIN: Final = frozenset(
    {type(None), bool, Date, Time, DateTime, DayTimeDuration, YearMonthDuration, Function, Range}
)


def to_feel(value: Any, depth: int = 0) -> Any:
    """Return the FEEL value that a Python value stands for; refuse what has no exact one."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind in _PLAIN:
        return value
    if kind is int or kind is Decimal:
        return _number(value)
    if depth > bounds.DEPTH:
        raise FeelLimitError(f"a value nested more than {bounds.DEPTH} deep")
    if isinstance(value, list | tuple | dict):
        return _parts_to_feel(value, depth)
    if isinstance(value, python.datetime | python.date | python.time | python.timedelta):
        return _temporal_to_feel(value)
    if isinstance(value, str):
        return _text(str(value))  # a StrEnum, for example
    if isinstance(value, float):
        raise FeelValueError(value, "money and measures are exact here, give a Decimal")
    raise FeelValueError(value, f"{kind.__name__} is not among FEEL's types")


def _text(value: str) -> str:
    """Return a text of whole characters: of half a one no file, no page and no row can be written."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise FeelValueError(value, "it has half a character") from None
    return value


def _number(value: Number) -> Number:
    number = fitted(value)
    if number is None:
        finite = isinstance(value, int) or value.is_finite()
        raise FeelValueError(
            value, "its exponent is beyond those of decimals" if finite else "not a finite number"
        )
    return number


def _parts_to_feel(value: Any, depth: int) -> Any:
    if len(value) > bounds.LIST:
        raise FeelLimitError(f"a value with more than {bounds.LIST:,} parts")
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise FeelValueError(key, "the entries of a context are named by strings")
        return {_text(str(key)): to_feel(part, depth + 1) for key, part in value.items()}
    return [to_feel(part, depth + 1) for part in value]


def _temporal_to_feel(value: Any) -> Any:
    if isinstance(value, python.datetime):
        return DateTime(Date(value.year, value.month, value.day), _time(value))
    if isinstance(value, python.date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, python.time):
        return _time(value)
    seconds = value.days * SECONDS_A_DAY + value.seconds
    return DayTimeDuration(seconds * NANOS + value.microseconds * 1_000)


def _time(value: Any) -> Time:
    shift = value.utcoffset()
    offset = None if shift is None else int(shift.total_seconds())
    zone = getattr(value.tzinfo, "key", None)
    if zone is not None and zone != "UTC":
        return Time(value.hour, value.minute, value.second, value.microsecond * 1_000, None, zone)
    return Time(value.hour, value.minute, value.second, value.microsecond * 1_000, offset)
