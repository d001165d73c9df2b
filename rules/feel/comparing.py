"""Equality and order between FEEL values: three-valued, and never between different kinds."""

from typing import Any

from rules.feel.evaluation import Evaluation, Place
from rules.feel.functions import Function
from rules.feel.numbers import NUMBER_TYPES
from rules.feel.ranges import Range
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import kind_of


def same(run: Evaluation, left: Any, right: Any) -> bool | None:
    """Say whether two values are equal; None where they are of kinds that cannot be."""
    if left is None or right is None:
        return left is right
    kind, other = type(left), type(right)
    if kind in NUMBER_TYPES and other in NUMBER_TYPES:
        return bool(left == right)
    if kind is not other:
        return None
    if kind is list:
        run.step(len(left))
        return _same_lists(run, left, right)
    if kind is dict:
        run.step(len(left))
        return _same_contexts(run, left, right)
    if kind is Time or kind is DateTime:
        keys = order_keys(left, right)
        return keys is not None and keys[0] == keys[1]
    if kind is Range:
        return _same_ranges(run, left, right)
    if kind is Function:
        return left is right
    return bool(left == right)


def equals(run: Evaluation, place: Place, left: Any, right: Any) -> bool | None:
    answer = same(run, left, right)
    if answer is None:
        run.warn(place, f"{describe(left)} cannot be compared with {describe(right)}")
    return answer


def differs(run: Evaluation, place: Place, left: Any, right: Any) -> bool | None:
    answer = equals(run, place, left, right)
    return None if answer is None else not answer


def less(run: Evaluation, place: Place, left: Any, right: Any) -> bool | None:
    keys = _ordered(run, place, left, right)
    return None if keys is None else keys[0] < keys[1]


def less_or_equal(run: Evaluation, place: Place, left: Any, right: Any) -> bool | None:
    keys = _ordered(run, place, left, right)
    return None if keys is None else keys[0] <= keys[1]


def greater(run: Evaluation, place: Place, left: Any, right: Any) -> bool | None:
    return less(run, place, right, left)


def greater_or_equal(run: Evaluation, place: Place, left: Any, right: Any) -> bool | None:
    return less_or_equal(run, place, right, left)


def order_keys(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Return what Python may order in place of two FEEL values; None where FEEL has no order."""
    kind, other = type(left), type(right)
    if kind in NUMBER_TYPES and other in NUMBER_TYPES:
        return left, right
    if kind is not other or kind in {bool, list, dict, Range, Function, type(None)}:
        return None
    if kind is Time:
        return _time_keys(left, right)
    if kind is DateTime:
        return _date_time_keys(left, right)
    return left, right


def describe(value: Any) -> str:
    """Name a value's kind as a warning does."""
    if value is None:
        return "null"
    name = kind_of(value).name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _ordered(run: Evaluation, place: Place, left: Any, right: Any) -> tuple[Any, Any] | None:
    keys = order_keys(left, right)
    if keys is None:
        run.warn(place, f"{describe(left)} cannot be ordered against {describe(right)}")
    return keys


# The standard's value functions count whole seconds, so a fraction decides neither equality nor order.
def _time_keys(left: Time, right: Time) -> tuple[int, int] | None:
    if left.is_local is not right.is_local:
        return None
    return left.seconds - left.offset_on(0), right.seconds - right.offset_on(0)


def _date_time_keys(left: DateTime, right: DateTime) -> tuple[int, int] | None:
    if left.time.is_local is not right.time.is_local:
        return None
    return left.second, right.second


def _same_lists(run: Evaluation, left: list[Any], right: list[Any]) -> bool | None:
    if len(left) != len(right):
        return False
    return _all_same(run, zip(left, right, strict=True))


def _same_contexts(run: Evaluation, left: dict[str, Any], right: dict[str, Any]) -> bool | None:
    if left.keys() != right.keys():
        return False
    return _all_same(run, ((value, right[name]) for name, value in left.items()))


def _all_same(run: Evaluation, pairs: Any) -> bool | None:
    answer: bool | None = True
    for left, right in pairs:
        found = same(run, left, right)
        if found is False:
            return False
        if found is None:
            answer = None
    return answer


def _same_ranges(run: Evaluation, left: Range, right: Range) -> bool:
    if (left.low_closed, left.high_closed, left.symbol) != (
        right.low_closed,
        right.high_closed,
        right.symbol,
    ):
        return False
    return same(run, left.low, right.low) is True and same(run, left.high, right.high) is True


def is_identical(run: Evaluation, left: Any, right: Any) -> bool:
    """Answer `is(a, b)`: the same kind and the same reading, zone and all."""
    if type(left) is not type(right) and not (type(left) in NUMBER_TYPES and type(right) in NUMBER_TYPES):
        return False
    if isinstance(left, Time | DateTime | Date):
        return bool(left == right)
    return same(run, left, right) is True
