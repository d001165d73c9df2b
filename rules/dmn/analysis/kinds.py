"""The kinds of values that a column can be cut into: how they are ordered, sampled and written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, Final, TypeAlias

from rules.feel.calendar import NANOS, NANOS_A_DAY
from rules.feel.durations import DayTimeDuration, YearMonthDuration
from rules.feel.numbers import CONTEXT, as_int, is_whole, number_text
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.temporal_text import parse_temporal
from rules.feel.types import BOOLEAN, DATE, DATE_TIME, DAY_TIME, NUMBER, STRING, TIME, YEAR_MONTH, Simple

Key: TypeAlias = int | Decimal
ORDERED: Final = (NUMBER, DATE, TIME, DATE_TIME, DAY_TIME, YEAR_MONTH)
CUTTABLE: Final = (*ORDERED, STRING, BOOLEAN)
LARGEST_NUMBER: Final = Decimal((0, (9,) * CONTEXT.prec, CONTEXT.Etop()))
_LAST_SECOND: Final = 86_399


@dataclass(frozen=True, slots=True)
class Interval:
    """The values strictly between two neighbouring points; an end that is missing is without bound."""

    kind: Simple
    low: Any | None
    high: Any | None

    @property
    def is_empty(self) -> bool:
        """Say whether nothing lies between: days, seconds and months come one after the other."""
        if self.kind is NUMBER:
            return False
        low, high = self._keys()
        return low is not None and high is not None and high - low <= 1

    def sample(self) -> Any:
        """Return a value from inside, as round as a person would choose it."""
        if self.kind is NUMBER:
            return _round_number(self.low, self.high)
        if self.low is None:
            return _SOMEWHERE[self.kind] if self.high is None else _moved(self.high, -1)
        low, high = self._keys()
        return _moved(self.low, 1 if high is None or low is None else max((high - low) // 2, 1))

    def probes(self) -> Iterator[Any]:
        """Go through some values from inside: a formula of few parts is told by them from another."""
        middle = self.sample()
        yield middle
        above = Interval(self.kind, middle, self.high)
        for part in (above, Interval(self.kind, self.low, middle)):
            if not part.is_empty:
                yield part.sample()
        if not above.is_empty:
            further = Interval(self.kind, above.sample(), self.high)
            if not further.is_empty:
                yield further.sample()

    def _keys(self) -> tuple[Any, Any]:
        """Return the ends as keys, a time of day always having both."""
        low = None if self.low is None else key_of(self.low)
        high = None if self.high is None else key_of(self.high)
        if self.kind is TIME and all(end is None or end.is_local for end in (self.low, self.high)):
            return -1 if low is None else low, _LAST_SECOND + 1 if high is None else high
        return low, high


def key_of(value: Any) -> Any:
    """Return what orders a value among those of its kind, as FEEL's comparisons do.

    FEEL compares times by whole seconds (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.6).
    """
    match value:
        case Date():
            return value.days
        case Time():
            return value.seconds - value.offset_on(0)
        case DateTime():
            return value.second
        case DayTimeDuration():
            return value.nanos
        case YearMonthDuration():
            return value.months
    return value


def comparable(values: Sequence[Any]) -> bool:
    """Say whether all of a column's points have one order: local times have none with those of a zone."""
    local = {
        value.is_local if isinstance(value, Time) else value.time.is_local
        for value in values
        if isinstance(value, Time | DateTime)
    }
    return len(local) < 2


def literal(value: Any) -> str:
    """Write a value as FEEL reads it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return number_text(value)
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case Date():
            return f'date("{value}")'
        case Time():
            return f'time("{value}")'
        case DateTime():
            return f'date and time("{value}")'
    return f'duration("{value}")'


def _moved(value: Any, steps: int) -> Any:
    """Return the value so many of its kind's keys on."""
    match value:
        case Date():
            return value.plus_days(steps)
        case Time() | DateTime():
            return value.plus(steps * NANOS)
        case DayTimeDuration():
            return DayTimeDuration(value.nanos + (steps * NANOS_A_DAY if abs(steps) == 1 else steps))
    return YearMonthDuration(value.months + steps)


def _round_number(low: Any, high: Any) -> Key:
    # Two numbers of 34 digits may lie closer than the 28 of Python's own context can tell.
    with localcontext(prec=100):
        if low is None:
            return 0 if high is None or high > 0 else _plain(-_above(-Decimal(high)))
        if high is None:
            return 0 if low < 0 else _plain(_above(Decimal(low)))
        return _plain(_between(Decimal(low), Decimal(high)))


def _above(low: Decimal) -> Decimal:
    """Return a number above one from 0 up; itself where FEEL knows no larger one."""
    found = low + _unit(low)
    if found <= LARGEST_NUMBER:
        return found
    return _between(low, LARGEST_NUMBER) if low < LARGEST_NUMBER else low


def _between(low: Decimal, high: Decimal) -> Decimal:
    """Return the number of fewest digits that lies nearest the middle."""
    middle = (low + high) / 2
    exponent = (high - low).adjusted() + 1
    while True:
        unit = Decimal(1).scaleb(exponent)
        candidate = (middle / unit).to_integral_value() * unit
        if low < candidate < high:
            return candidate
        exponent -= 1


def _unit(value: Any) -> Decimal:
    """Return one in the place of the last digit that is not zero: 1000 for 5000, 0.01 for 0.15."""
    shown = Decimal(value).normalize()
    exponent = shown.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if shown and isinstance(exponent, int) else Decimal(1)


def _plain(value: Decimal) -> Key:
    whole = as_int(value) if is_whole(value) else None
    return value.normalize() if whole is None else whole


_SOMEWHERE: Final[Mapping[Simple, Any]] = {
    DATE: parse_temporal("2026-01-01"),
    TIME: parse_temporal("12:00:00"),
    DATE_TIME: parse_temporal("2026-01-01T12:00:00"),
    DAY_TIME: parse_temporal("P1D"),
    YEAR_MONTH: parse_temporal("P1Y"),
}
"""A value of each kind, for columns that name none."""
