"""ISO texts to days and times, exactly as strict as FEEL's `date()`, `time()` and `@"…"` are."""

import re
from typing import Final, TypeAlias

from rules.feel import zones
from rules.feel.durations import DayTimeDuration, YearMonthDuration, fraction_nanos, parse_duration
from rules.feel.temporal import Date, DateTime, Time, make_date, make_time

Temporal: TypeAlias = Date | Time | DateTime | DayTimeDuration | YearMonthDuration

_DATE: Final = re.compile(r"(-?)([1-9]\d{4,8}|\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME: Final = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([zZ])|([+-])(\d\d):(\d\d)(?::(\d\d))?|@(.+))?", re.ASCII
)


def parse_date(text: str) -> Date | None:
    match = _DATE.fullmatch(text)
    if not match:
        return None
    year = int(match[2])
    return make_date(-year if match[1] else year, int(match[3]), int(match[4]))


def parse_time(text: str) -> Time | None:
    parsed = _parse_clock(text)
    return None if parsed is None or parsed[1] else parsed[0]


def parse_date_time(text: str) -> DateTime | None:
    """Read a date and time; a bare date is its midnight, and 24:00:00 is the next day's."""
    day, separator, clock = text.partition("T")
    date = parse_date(day)
    if date is None:
        return None
    if not separator:
        return DateTime(date, Time(0, 0, 0))
    parsed = _parse_clock(clock)
    if parsed is None:
        return None
    time, ends_the_day = parsed
    next_day = date.plus_days(1) if ends_the_day else date
    return None if next_day is None else DateTime(next_day, time)


def parse_temporal(text: str) -> Temporal | None:
    """Read what stands behind `@`: the text itself tells which kind it is."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    if "T" in text.partition("@")[0]:
        return parse_date_time(text)
    return parse_date(text) or parse_time(text)


def _parse_clock(text: str) -> tuple[Time, bool] | None:
    match = _TIME.fullmatch(text) if len(text) <= 100 else None
    if not match or (match[10] is not None and not zones.is_zone(match[10])):
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nanos = fraction_nanos(match[4])
    ends_the_day = (hour, minute, second, nanos) == (24, 0, 0, 0)
    time = make_time(0 if ends_the_day else hour, minute, second, nanos, _offset(match), match[10])
    return None if time is None else (time, ends_the_day)


def _offset(match: re.Match[str]) -> int | None:
    if match[5]:
        return 0
    if not match[6]:
        return None
    minutes, seconds = int(match[8]), int(match[9] or 0)
    if minutes > 59 or seconds > 59:
        return 19 * 3600  # out of range on purpose: make_time refuses it
    offset = int(match[7]) * 3600 + minutes * 60 + seconds
    return -offset if match[6] == "-" else offset
