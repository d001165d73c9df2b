"""Days and times of day as FEEL has them: any year, nanoseconds, an offset or a named zone."""

from dataclasses import dataclass

from rules.feel import bounds, zones
from rules.feel.calendar import (
    NANOS,
    NANOS_A_DAY,
    SECONDS_A_DAY,
    add_months,
    civil_from_days,
    days_from_civil,
    days_in_month,
)
from rules.feel.durations import fraction_text


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day of the calendar, anywhere."""

    year: int
    month: int
    day: int

    @property
    def days(self) -> int:
        return days_from_civil(self.year, self.month, self.day)

    def plus_days(self, days: int) -> "Date | None":
        """Return the day so many days on; nothing beyond the last year that FEEL has."""
        if abs(days) > 366 * 2 * bounds.YEAR:
            return None
        return make_date(*civil_from_days(self.days + days))

    def plus_months(self, months: int) -> "Date | None":
        return make_date(*add_months(self.year, self.month, self.day, months))

    def __str__(self) -> str:
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day; `offset` is seconds east of UTC, `zone` a name; at most one is given."""

    hour: int
    minute: int
    second: int
    nanos: int = 0
    offset: int | None = None
    zone: str | None = None

    @property
    def is_local(self) -> bool:
        return self.offset is None and self.zone is None

    @property
    def seconds(self) -> int:
        return self.hour * 3600 + self.minute * 60 + self.second

    @property
    def nano_of_day(self) -> int:
        return self.seconds * NANOS + self.nanos

    def offset_on(self, days: int) -> int:
        """Return the seconds east of UTC on a given day; zero for a local time."""
        if self.zone is not None:
            return zones.offset_at(self.zone, days, self.seconds)
        return self.offset or 0

    def at_nano(self, nano_of_day: int) -> "Time":
        seconds, nanos = divmod(nano_of_day, NANOS)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        return Time(hour, minute, second, nanos, self.offset, self.zone)

    def plus(self, nanos: int) -> "Time":
        return self.at_nano((self.nano_of_day + nanos) % NANOS_A_DAY)

    def __str__(self) -> str:
        text = f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{fraction_text(self.nanos)}"
        if self.zone is not None:
            return f"{text}@{self.zone}"
        return text if self.offset is None else text + _offset_text(self.offset)


@dataclass(frozen=True, slots=True)
class DateTime:
    """A day with a time: a moment if the time has an offset or a zone, else a local reading."""

    date: Date
    time: Time

    @property
    def nano(self) -> int:
        """Nanoseconds since 1970 in UTC; a local reading counts as if it were UTC."""
        days = self.date.days
        return (days * SECONDS_A_DAY - self.time.offset_on(days)) * NANOS + self.time.nano_of_day

    @property
    def second(self) -> int:
        """Whole seconds since 1970, counted as `nano` is."""
        return self.nano // NANOS

    def plus(self, nanos: int) -> "DateTime | None":
        """Return the moment so many nanoseconds on; in a named zone, across its changes of clocks."""
        if self.time.zone is not None:
            days, rest = divmod((self.nano + nanos) // NANOS, SECONDS_A_DAY)
            before = self.time.offset_on(self.date.days)
            nanos += (zones.offset_at_utc(self.time.zone, days, rest) - before) * NANOS
        return self._plus_local(nanos)

    def _plus_local(self, nanos: int) -> "DateTime | None":
        days, nano_of_day = divmod(self.time.nano_of_day + nanos, NANOS_A_DAY)
        date = self.date.plus_days(days)
        return None if date is None else DateTime(date, self.time.at_nano(nano_of_day))

    def plus_months(self, months: int) -> "DateTime | None":
        date = self.date.plus_months(months)
        return None if date is None else DateTime(date, self.time)

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


def make_date(year: int, month: int, day: int) -> Date | None:
    if abs(year) > bounds.YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        return None
    return Date(year, month, day)


def make_time(
    hour: int, minute: int, second: int, nanos: int = 0, offset: int | None = None, zone: str | None = None
) -> Time | None:
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        return None
    if offset is not None and abs(offset) > 18 * 3600:
        return None
    return Time(hour, minute, second, nanos, offset, zone)


def _offset_text(offset: int) -> str:
    if not offset:
        return "Z"
    minutes, seconds = divmod(abs(offset), 60)
    text = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text
