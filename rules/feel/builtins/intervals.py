"""Built-in functions over ranges and points: Allen's relations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rules.feel.builtins.registry import NoAnswer, Registry
from rules.feel.comparing import order_keys
from rules.feel.evaluation import Evaluation, Place
from rules.feel.ranges import UNDEFINED, Range

INTERVALS: Final = Registry()


@dataclass(frozen=True, slots=True)
class _Span:
    """A range, or a point taken as the range of itself alone."""

    low: Any
    low_closed: bool
    high: Any
    high_closed: bool


def _span(value: Any) -> _Span:
    if type(value) is Range:
        return _Span(value.low, value.low_closed, value.high, value.high_closed)
    return _Span(value, True, value, True)


def _order(left: Any, left_sign: int, right: Any, right_sign: int) -> int:
    """Order two ends; the sign says where an end lies that is not given: -1 below, 1 above all."""
    if left is UNDEFINED or right is UNDEFINED:
        return (left_sign if left is UNDEFINED else 0) - (right_sign if right is UNDEFINED else 0)
    keys = order_keys(left, right)
    if keys is None:
        raise NoAnswer("the ends have no order")
    return bool(keys[0] > keys[1]) - bool(keys[0] < keys[1])


def _lows(a: _Span, b: _Span) -> int:
    return _order(a.low, -1, b.low, -1)


def _highs(a: _Span, b: _Span) -> int:
    return _order(a.high, 1, b.high, 1)


def _high_low(a: _Span, b: _Span) -> int:
    return _order(a.high, 1, b.low, -1)


def _before(a: _Span, b: _Span) -> bool:
    order = _high_low(a, b)
    return order < 0 or (order == 0 and not (a.high_closed and b.low_closed))


def _meets(a: _Span, b: _Span) -> bool:
    return a.high_closed and b.low_closed and _high_low(a, b) == 0


def _overlaps(a: _Span, b: _Span) -> bool:
    return not _before(a, b) and not _before(b, a)


def _starts_sooner(a: _Span, b: _Span) -> bool:
    order = _lows(a, b)
    return order < 0 or (order == 0 and a.low_closed and not b.low_closed)


def _ends_no_later(a: _Span, b: _Span) -> bool:
    order = _highs(a, b)
    return order < 0 or (order == 0 and (not a.high_closed or b.high_closed))


def _overlaps_before(a: _Span, b: _Span) -> bool:
    return _starts_sooner(a, b) and not _before(a, b) and _ends_no_later(a, b)


def _overlaps_after(a: _Span, b: _Span) -> bool:
    return _overlaps_before(b, a)


def _starts_no_sooner(a: _Span, b: _Span) -> bool:
    order = _lows(a, b)
    return order > 0 or (order == 0 and (not a.low_closed or b.low_closed))


def _during(a: _Span, b: _Span) -> bool:
    return _starts_no_sooner(a, b) and _ends_no_later(a, b)


def _finishes(a: _Span, b: _Span) -> bool:
    return _highs(a, b) == 0 and a.high_closed is b.high_closed and _starts_no_sooner(a, b)


def _starts(a: _Span, b: _Span) -> bool:
    return _lows(a, b) == 0 and a.low_closed is b.low_closed and _ends_no_later(a, b)


def _coincides(a: _Span, b: _Span) -> bool:
    closed_alike = (a.low_closed, a.high_closed) == (b.low_closed, b.high_closed)
    return closed_alike and _lows(a, b) == 0 and _highs(a, b) == 0


def _relate(
    name: str, relation: Callable[[_Span, _Span], bool], *signatures: tuple[str, str], swapped: bool = False
) -> None:
    def answer(run: Evaluation, place: Place, left: Any, right: Any) -> bool:
        first, second = _span(left), _span(right)
        return relation(second, first) if swapped else relation(first, second)

    for left, right in signatures:
        INTERVALS.add(name, left, right)(answer)


_POINT_POINT: Final = ("point1:point", "point2:point")
_POINT_RANGE: Final = ("point:point", "range:range")
_RANGE_POINT: Final = ("range:range", "point:point")
_RANGE_RANGE: Final = ("range1:range", "range2:range")
_EVERY: Final = (_POINT_POINT, _POINT_RANGE, _RANGE_POINT, _RANGE_RANGE)

_relate("before", _before, *_EVERY)
_relate("after", _before, *_EVERY, swapped=True)
_relate("meets", _meets, _RANGE_RANGE)
_relate("met by", _meets, _RANGE_RANGE, swapped=True)
_relate("overlaps", _overlaps, _RANGE_RANGE)
_relate("overlaps before", _overlaps_before, _RANGE_RANGE)
_relate("overlaps after", _overlaps_after, _RANGE_RANGE)
_relate("finishes", _finishes, _POINT_RANGE, _RANGE_RANGE)
_relate("finished by", _finishes, _RANGE_POINT, _RANGE_RANGE, swapped=True)
_relate("includes", _during, _RANGE_POINT, _RANGE_RANGE, swapped=True)
_relate("during", _during, _POINT_RANGE, _RANGE_RANGE)
_relate("starts", _starts, _POINT_RANGE, _RANGE_RANGE)
_relate("started by", _starts, _RANGE_POINT, _RANGE_RANGE, swapped=True)
_relate("coincides", _coincides, _POINT_POINT, _RANGE_RANGE)
