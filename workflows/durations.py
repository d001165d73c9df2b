"""Moments and durations in ISO 8601, counted in the calendar of a zone, right across its changes."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_N = r"(?:(\d{1,9})"
_DURATION = re.compile(
    rf"P(?=.){_N}Y)?{_N}M)?{_N}W)?{_N}D)?(?:T(?=\d){_N}H)?{_N}M)?(?:(\d{{1,9}}(?:\.\d{{1,9}})?)S)?)?"
)
_TOO_LATE = "is later than the year 9999"


@dataclass(frozen=True, slots=True)
class Duration:
    """Months and days are the calendar's; the rest is time that passes, whatever the clocks do."""

    months: int
    days: int
    rest: timedelta

    def after(self, moment: datetime, zone: tzinfo = UTC, times: int = 1) -> datetime:
        """Add this so many times (back, where negative); raise OverflowError beyond the calendar.

        A time of day that a zone leaves out is as much later; of one that comes twice it is the first.
        """
        if (self.months or self.days) and times:
            local = _months_on(moment.astimezone(zone).replace(tzinfo=None), self.months * times)
            moment = (local + timedelta(days=self.days * times)).replace(tzinfo=zone).astimezone(UTC)
        return moment + self.rest * times


@dataclass(frozen=True, slots=True)
class Zoned:
    """A text with the zone that it names after `@` or in brackets, if it does."""

    text: str
    zone: str | None

    @property
    def tzinfo(self) -> tzinfo:
        return UTC if self.zone is None else _zone(self.zone)


def zoned(text: str) -> Zoned:
    plain, _, zone = text.removesuffix("]").replace("[", "@").partition("@")
    return Zoned(plain, zone or None)


def duration(text: str) -> Duration:
    """Read a duration without a zone; raise ValueError."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError("is not an ISO 8601 duration such as P2D")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    rest = timedelta(hours=hours, minutes=minutes, seconds=float(found[7] or 0))
    return Duration(12 * years + months, 7 * weeks + days, rest)


def after(text: str, now: datetime) -> datetime:
    """Add a duration, in the calendar of the zone that it may name, to a moment. Raises ValueError."""
    said = zoned(text)
    try:
        return duration(said.text).after(now, said.tzinfo)
    except OverflowError:
        raise ValueError(_TOO_LATE) from None


def between(start: datetime, end: datetime, zone: tzinfo) -> Duration:
    """Return the whole days of a zone's calendar from one moment to a later one, and the time beyond."""
    days = (end.astimezone(zone).replace(tzinfo=None) - start.astimezone(zone).replace(tzinfo=None)).days
    if Duration(0, days, timedelta()).after(start, zone) > end:
        days -= 1
    return Duration(0, days, end - Duration(0, days, timedelta()).after(start, zone))


def moment(text: str) -> datetime:
    """Read a moment with an offset or a zone; raise ValueError."""
    said = zoned(text)
    found = datetime.fromisoformat(said.text)
    if found.tzinfo is None and said.zone:
        found = found.replace(tzinfo=said.tzinfo)
    if found.tzinfo is None:
        raise ValueError("a moment needs an offset, such as 2026-01-31T09:00:00+01:00")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(_TOO_LATE) from None


def _months_on(moment: datetime, months: int) -> datetime:
    """Keep the day of the month, or take the last one of a shorter month."""
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"{name!r} is no time zone") from None
