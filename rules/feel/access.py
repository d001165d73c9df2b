"""Reaching into values: entries, properties, items, filters, membership."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from rules.feel.calendar import NANOS, weekday
from rules.feel.comparing import describe, differs, equals, less, less_or_equal, same
from rules.feel.durations import DayTimeDuration, YearMonthDuration
from rules.feel.evaluation import Evaluation, Place
from rules.feel.numbers import NUMBER_TYPES, as_int
from rules.feel.ranges import UNDEFINED, Range
from rules.feel.temporal import Date, DateTime, Time

NO_ENTRIES: Final[Mapping[str, Any]] = {}


def member(run: Evaluation, place: Place, value: Any, name: str) -> Any:
    """Answer `value.name`; of a list, the list of its items' answers."""
    kind = type(value)
    if kind is dict:
        if name in value:
            return value[name]
        run.warn(place, f"the context has no entry {name!r}{run.suggest(name, value)}")
        return None
    if kind is list:
        run.step(len(value))
        return [member(run, place, item, name) for item in value]
    properties = _PROPERTIES.get(kind, {})
    if name in properties:
        return properties[name](value)
    run.warn(place, f"{describe(value)} has no property {name!r}")
    return None


def entries_of(value: Any) -> Mapping[str, Any]:
    """Return the names that an item brings into a filter."""
    return value if type(value) is dict else NO_ENTRIES


def filtered(run: Evaluation, place: Place, value: Any, condition: Callable[[Any, Any], Any]) -> Any:
    """Answer `value[condition]`: an item where the condition is a number, else the items that fit."""
    items = value if type(value) is list else [] if value is None else [value]
    run.check_list(len(items))
    first = condition(items[0], entries_of(items[0])) if items else condition(None, NO_ENTRIES)
    if type(first) in NUMBER_TYPES:
        return item_at(run, place, items, first)
    kept = []
    for position, item in enumerate(items):
        answer = first if position == 0 else condition(item, entries_of(item))
        if answer is True:
            kept.append(item)
        elif answer is not False and answer is not None:
            run.warn(place, f"a filter wants a condition or a position, not {describe(answer)}")
            return None
    return kept


def item_at(run: Evaluation, place: Place, items: list[Any], position: Any) -> Any:
    index = as_int(position)
    if index is None or index != position or not 1 <= abs(index) <= len(items):
        run.warn(place, f"the list has {len(items)} items, none at {position}")
        return None
    return items[index - 1 if index > 0 else index]


def within(
    run: Evaluation, place: Place, value: Any, low: Any, low_closed: bool, high: Any, high_closed: bool
) -> bool | None:
    """Say whether a value lies between two ends; a null end leaves it open what is true."""
    above = True if low is UNDEFINED else _reaches(run, place, low, value, low_closed)
    if above is False:
        return False
    below = True if high is UNDEFINED else _reaches(run, place, value, high, high_closed)
    return below if above else None if below is not False else False


def in_range(run: Evaluation, place: Place, value: Any, interval: Range) -> bool | None:
    if interval.symbol == "=":
        return equals(run, place, value, interval.low)
    if interval.symbol == "!=":
        return differs(run, place, value, interval.low)
    return within(run, place, value, interval.low, interval.low_closed, interval.high, interval.high_closed)


def passes(run: Evaluation, place: Place, value: Any, test: Any) -> bool | None:
    """Answer `value in test` for a test that is a value: a range, a list of tests or the value itself."""
    if type(test) is Range and type(value) is not Range:
        return in_range(run, place, value, test)
    if type(test) is list:
        run.step(len(test))
        if type(value) is list and same(run, value, test):
            return True
        return any_test([_passes_item(run, place, value, item) for item in test])
    return equals(run, place, value, test)


def _passes_item(run: Evaluation, place: Place, value: Any, test: Any) -> bool | None:
    if type(test) is Range and type(value) is not Range:
        return in_range(run, place, value, test)
    if type(test) is list and type(value) is not list:
        return any(same(run, value, item) is True for item in test)
    # Items of several kinds may stand in one list: those of another kind just do not fit.
    return same(run, value, test) is True


def answers(run: Evaluation, place: Place, value: Any, test: Any) -> bool | None:
    """Judge a cell's test that is no comparison: true, or a value that the input fits."""
    if test is True and type(value) is not bool:
        return True
    return passes(run, place, value, test)


def any_test(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _reaches(run: Evaluation, place: Place, low: Any, high: Any, closed: bool) -> bool | None:
    return less_or_equal(run, place, low, high) if closed else less(run, place, low, high)


def _weekday(value: Any) -> int:
    return weekday(value.days if type(value) is Date else value.date.days)


def _offset_of(time: Time, days: int) -> DayTimeDuration | None:
    return None if time.is_local else DayTimeDuration(time.offset_on(days) * NANOS)


def _end(end: Any) -> Any:
    return None if end is UNDEFINED else end


def _signed(value: DayTimeDuration, part: int) -> int:
    amount = value.split()[part]
    return -amount if value.nanos < 0 else amount


def _signed_months(value: YearMonthDuration, part: int) -> int:
    amount = divmod(abs(value.months), 12)[part]
    return -amount if value.months < 0 else amount


_DATE_PROPERTIES: Final[dict[str, Callable[[Any], Any]]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": _weekday,
}
_TIME_PROPERTIES: Final[dict[str, Callable[[Any], Any]]] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
    "time offset": lambda value: _offset_of(value, 0),
    "timezone": lambda value: value.zone,
}
_PROPERTIES: Final[dict[type, dict[str, Callable[[Any], Any]]]] = {
    Date: _DATE_PROPERTIES,
    Time: _TIME_PROPERTIES,
    DateTime: {
        "year": lambda value: value.date.year,
        "month": lambda value: value.date.month,
        "day": lambda value: value.date.day,
        "weekday": _weekday,
        "hour": lambda value: value.time.hour,
        "minute": lambda value: value.time.minute,
        "second": lambda value: value.time.second,
        "time offset": lambda value: _offset_of(value.time, value.date.days),
        "timezone": lambda value: value.time.zone,
    },
    DayTimeDuration: {
        "days": lambda value: _signed(value, 0),
        "hours": lambda value: _signed(value, 1),
        "minutes": lambda value: _signed(value, 2),
        "seconds": lambda value: _signed(value, 3),
    },
    YearMonthDuration: {
        "years": lambda value: _signed_months(value, 0),
        "months": lambda value: _signed_months(value, 1),
    },
    Range: {
        "start": lambda value: _end(value.low),
        "end": lambda value: _end(value.high),
        "start included": lambda value: value.low_closed,
        "end included": lambda value: value.high_closed,
    },
}
