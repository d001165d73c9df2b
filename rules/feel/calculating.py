"""FEEL's arithmetic over numbers, strings, days, times and durations."""

from decimal import DecimalException
from typing import Any, Final

from rules.feel import numbers
from rules.feel.calendar import NANOS, NANOS_A_DAY
from rules.feel.comparing import describe
from rules.feel.durations import DayTimeDuration, YearMonthDuration
from rules.feel.evaluation import Evaluation, Place
from rules.feel.numbers import NUMBER_TYPES, Number
from rules.feel.temporal import Date, DateTime, Time

_MOMENTS: Final = frozenset({Date, DateTime, Time})
_DURATIONS: Final = frozenset({DayTimeDuration, YearMonthDuration})
_LONGEST_MONTHS: Final = 12 * 2_000_000_000
_LONGEST_NANOS: Final = 366 * 2_000_000_000 * NANOS_A_DAY
_SERIES: Final = 40
"""Steps that a root stands for, which is made of a logarithm and an exponential."""
_UTC_MIDNIGHT: Final = Time(0, 0, 0, 0, 0)


def add(run: Evaluation, place: Place, left: Any, right: Any) -> Any:
    kind, other = type(left), type(right)
    if kind in NUMBER_TYPES and other in NUMBER_TYPES:
        return _calculate(run, place, numbers.add, left, right)
    if kind is str and other is str:
        run.check_string(len(left) + len(right))
        return left + right
    if kind in _MOMENTS and other in _DURATIONS:
        return _shift(run, place, left, right, 1)
    if kind in _DURATIONS and other in _MOMENTS:
        return _shift(run, place, right, left, 1)
    if kind is other and kind in _DURATIONS:
        return _duration(run, place, kind, _amount(left) + _amount(right))
    return _refuse(run, place, left, "+", right)


def subtract(run: Evaluation, place: Place, left: Any, right: Any) -> Any:
    kind, other = type(left), type(right)
    if kind in NUMBER_TYPES and other in NUMBER_TYPES:
        return _calculate(run, place, numbers.subtract, left, right)
    if kind in _MOMENTS and other in _DURATIONS:
        return _shift(run, place, left, right, -1)
    if kind is other and kind in _DURATIONS:
        return _duration(run, place, kind, _amount(left) - _amount(right))
    if kind in _MOMENTS and other in _MOMENTS:
        nanos = _distance(left, right)
        if nanos is not None:
            return DayTimeDuration(nanos)
    return _refuse(run, place, left, "-", right)


def multiply(run: Evaluation, place: Place, left: Any, right: Any) -> Any:
    kind, other = type(left), type(right)
    if kind in NUMBER_TYPES and other in NUMBER_TYPES:
        return _calculate(run, place, numbers.multiply, left, right)
    if kind in NUMBER_TYPES and other in _DURATIONS:
        left, right, kind, other = right, left, other, kind
    if kind in _DURATIONS and other in NUMBER_TYPES:
        amount = _calculate(run, place, numbers.multiply, _amount(left), right)
        return None if amount is None else _duration(run, place, kind, numbers.as_int(amount))
    return _refuse(run, place, left, "*", right)


def divide(run: Evaluation, place: Place, left: Any, right: Any) -> Any:
    kind, other = type(left), type(right)
    if kind in NUMBER_TYPES and other in NUMBER_TYPES:
        return _calculate(run, place, numbers.divide, left, right)
    if kind in _DURATIONS and other in NUMBER_TYPES:
        amount = _calculate(run, place, numbers.divide, _amount(left), right)
        return None if amount is None else _duration(run, place, kind, numbers.as_int(amount))
    if kind is other and kind in _DURATIONS:
        return _calculate(run, place, numbers.divide, _amount(left), _amount(right))
    return _refuse(run, place, left, "/", right)


def power(run: Evaluation, place: Place, left: Any, right: Any) -> Any:
    if type(left) in NUMBER_TYPES and type(right) in NUMBER_TYPES:
        if not numbers.is_whole(right):
            run.step(_SERIES)
        return _calculate(run, place, numbers.power, left, right)
    return _refuse(run, place, left, "**", right)


def negate(run: Evaluation, place: Place, value: Any) -> Any:
    kind = type(value)
    if kind in NUMBER_TYPES:
        return numbers.negative(value)
    if kind in _DURATIONS:
        return kind(-_amount(value))
    run.warn(place, f"{describe(value)} has no negative")
    return None


def _calculate(run: Evaluation, place: Place, operation: Any, left: Number, right: Number) -> Number | None:
    try:
        result: Number = operation(left, right)
    except DecimalException as error:
        run.warn(place, f"the calculation has no result ({_fault(error)})")
        return None
    return result


def _fault(error: DecimalException) -> str:
    return {
        "DivisionByZero": "division by zero",
        "DivisionUndefined": "division by zero",
        "Overflow": "the number is too large",
    }.get(type(error).__name__, "not defined for these numbers")


def _shift(run: Evaluation, place: Place, moment: Any, duration: Any, sign: int) -> Any:
    amount = sign * _amount(duration)
    if type(duration) is YearMonthDuration:
        moved = None if type(moment) is Time else moment.plus_months(amount)
    elif type(moment) is Date:
        moved = moment.plus_days(amount // NANOS_A_DAY)
    else:
        moved = moment.plus(amount)
    if moved is None:
        run.warn(place, f"{describe(moment)} cannot be moved by {duration}")
    return moved


def _distance(left: Any, right: Any) -> int | None:
    """Return nanoseconds from right to left; a date counts as its midnight in UTC beside a moment."""
    if type(left) is Time and type(right) is Time:
        if left.is_local is not right.is_local:
            return None
        return (left.nano_of_day - left.offset_on(0) * NANOS) - (
            right.nano_of_day - right.offset_on(0) * NANOS
        )
    if type(left) is Date and type(right) is Date:
        return (left.days - right.days) * NANOS_A_DAY
    left, right = _as_moment(left), _as_moment(right)
    if left is None or right is None or left.time.is_local is not right.time.is_local:
        return None
    return int(left.nano - right.nano)


def _as_moment(value: Any) -> DateTime | None:
    if type(value) is Date:
        return DateTime(value, _UTC_MIDNIGHT)
    return value if type(value) is DateTime else None


def _amount(duration: Any) -> int:
    amount: int = duration.months if type(duration) is YearMonthDuration else duration.nanos
    return amount


def _duration(run: Evaluation, place: Place, kind: Any, amount: int | None) -> Any:
    longest = _LONGEST_MONTHS if kind is YearMonthDuration else _LONGEST_NANOS
    if amount is None or abs(amount) > longest:
        run.warn(place, "the duration is too long")
        return None
    return kind(amount)


def _refuse(run: Evaluation, place: Place, left: Any, symbol: str, right: Any) -> None:
    run.warn(place, f"`{symbol}` does not work on {describe(left)} and {describe(right)}")
