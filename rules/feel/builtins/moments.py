"""Built-in functions that make and ask days, times and durations; the clock is the evaluation's."""

from typing import Any, Final

from rules.feel.builtins.registry import NoAnswer, Registry
from rules.feel.calendar import NANOS, civil_from_days, days_from_civil, weekday
from rules.feel.durations import DayTimeDuration, YearMonthDuration, parse_duration
from rules.feel.evaluation import Evaluation, Place
from rules.feel.numbers import LARGEST_INT, Number, as_int, multiply
from rules.feel.temporal import Date, DateTime, Time, make_date, make_time
from rules.feel.temporal_text import parse_date, parse_date_time, parse_time

MOMENTS: Final = Registry()
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


@MOMENTS.add("now")
def now(run: Evaluation, place: Place) -> DateTime:
    if run.now is None:
        raise NoAnswer("this evaluation was given no clock")
    return run.now


@MOMENTS.add("today")
def today(run: Evaluation, place: Place) -> Date:
    return now(run, place).date


@MOMENTS.add("date", "from:string|date|moment")
def date_from(run: Evaluation, place: Place, value: Any) -> Date:
    if type(value) is DateTime:
        return value.date
    date: Date = value if type(value) is Date else _parsed(parse_date(value), value, "date")
    return date


@MOMENTS.add("date", "year:number", "month:number", "day:number")
def date_of(run: Evaluation, place: Place, year: Number, month: Number, day: Number) -> Date:
    date = make_date(_part(year), _part(month), _part(day))
    if date is None:
        raise NoAnswer("there is no such day")
    return date


@MOMENTS.add("time", "from:string|time|moment|date")
def time_from(run: Evaluation, place: Place, value: Any) -> Time:
    if type(value) is DateTime:
        return value.time
    if type(value) is Date:
        return Time(0, 0, 0, 0, 0)
    return value if type(value) is Time else _parsed(parse_time(value), value, "time")


@MOMENTS.add("time", "hour:number", "minute:number", "second:number", "offset:days?=")
def time_of(
    run: Evaluation,
    place: Place,
    hour: Number,
    minute: Number,
    second: Number,
    offset: DayTimeDuration | None = None,
) -> Time:
    nanos = int(multiply(second, NANOS)) if 0 <= second < 60 else -1
    seconds = None if offset is None else abs(offset.nanos) // NANOS * (-1 if offset.nanos < 0 else 1)
    time = make_time(_part(hour), _part(minute), nanos // NANOS, nanos % NANOS, seconds)
    if time is None:
        raise NoAnswer("there is no such time of day")
    return time


@MOMENTS.add("date and time", "from:string|date|moment")
def moment_from(run: Evaluation, place: Place, value: Any) -> DateTime:
    if type(value) is Date:
        return DateTime(value, Time(0, 0, 0, 0, 0))
    return value if type(value) is DateTime else _parsed(parse_date_time(value), value, "date and time")


@MOMENTS.add("date and time", "date:date|moment", "time:time")
def moment_of(run: Evaluation, place: Place, date: Any, time: Time) -> DateTime:
    return DateTime(date.date if type(date) is DateTime else date, time)


@MOMENTS.add("duration", "from:string|days|months")
def duration_from(run: Evaluation, place: Place, value: Any) -> Any:
    return _parsed(parse_duration(value), value, "duration") if type(value) is str else value


@MOMENTS.add("years and months duration", "from:date|moment", "to:date|moment")
def whole_months(run: Evaluation, place: Place, start: Any, end: Any) -> YearMonthDuration:
    """Count the whole months between two days; a part of a month falls away on either side of zero."""
    first = start.date if type(start) is DateTime else start
    last = end.date if type(end) is DateTime else end
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearMonthDuration(months)


@MOMENTS.add("day of year", "date:date|moment")
def day_of_year(run: Evaluation, place: Place, value: Any) -> int:
    date = _date(value)
    return date.days - days_from_civil(date.year, 1, 1) + 1


@MOMENTS.add("day of week", "date:date|moment")
def day_of_week(run: Evaluation, place: Place, value: Any) -> str:
    return _WEEKDAYS[weekday(_date(value).days) - 1]


@MOMENTS.add("month of year", "date:date|moment")
def month_of_year(run: Evaluation, place: Place, value: Any) -> str:
    return _MONTHS[_date(value).month - 1]


@MOMENTS.add("week of year", "date:date|moment")
def week_of_year(run: Evaluation, place: Place, value: Any) -> int:
    """Number the week as ISO 8601 does: it belongs to the year of its Thursday."""
    days = _date(value).days
    thursday = days - weekday(days) + 4
    return (thursday - days_from_civil(civil_from_days(thursday)[0], 1, 1)) // 7 + 1


def _part(number: Number) -> int:
    """Cut to a whole number; what is out of every bound stays so."""
    whole = as_int(number)
    return LARGEST_INT if whole is None else whole


def _date(value: Any) -> Date:
    date: Date = value.date if type(value) is DateTime else value
    return date


def _parsed(value: Any, text: str, kind: str) -> Any:
    if value is None:
        raise NoAnswer(f"{text!r} is no {kind}")
    return value
