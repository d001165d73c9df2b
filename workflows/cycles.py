"""Moments that come again and again: from a beginning, or up to an end, so often or for ever."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from workflows import durations
from workflows.durations import Duration

# A zone may hold slashes itself (Europe/Berlin): what follows it begins as a duration or a year does.
_PART = r"[^/@\[]+(?:@\w+(?:/(?!P[\dT]|\d{4}-)[\w+\-]+)*|\[[^\]]*\])?"
_CYCLE = re.compile(rf"R(\d{{0,9}})/({_PART})(?:/({_PART}))?")
_UNREADABLE = "is not an ISO 8601 cycle such as R3/P2D"
_NO_PERIOD = "its period is not longer than nothing"


@dataclass(frozen=True, slots=True)
class Cycle:
    """Its rounds are numbered; round 0 is at `anchor`. None as first or last: no beginning, no end."""

    anchor: datetime
    every: Duration
    zone: tzinfo
    first: int | None
    last: int | None

    def at(self, number: int) -> datetime:
        return self.every.after(self.anchor, self.zone, number)

    def next(self, now: datetime, least: int | None = None) -> int | None:
        """Return the number (`least` or more) of the first round that is later than now, if there is one.

        However short the period and long the time: no counting through the rounds between.
        """
        low = self.first if least is None else least
        if low is None:
            low = -1
            while not self._is_past(low, now):
                low *= 2
        high, stride = low, 1
        while self._is_past(high, now):
            low, high, stride = high + 1, high + stride, 2 * stride
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._is_past(middle, now) else (low, middle)
        return low if (self.last is None or low <= self.last) and self._exists(low) else None

    def _is_past(self, number: int, now: datetime) -> bool:
        try:
            return self.at(number) <= now
        except OverflowError:
            return number < 0

    def _exists(self, number: int) -> bool:
        try:
            self.at(number)
        except OverflowError:
            return False
        return True


def read(text: str, now: datetime) -> Cycle:
    """Read `R`, `R3` with a duration, a start and a duration, a duration and an end, or a start and an end.

    A cycle that names no moment begins now, with its first round one period later. Raises ValueError.
    """
    found = _CYCLE.fullmatch(text)
    if not found:
        raise ValueError(_UNREADABLE)
    count = int(found[1]) if found[1] else None
    if count == 0:
        raise ValueError("never happens")
    begins, ends = found[2], found[3]
    if ends is None:
        return _checked(now, begins, None, 1, count)
    if begins.startswith("P"):
        first = None if count is None else 1 - count
        return _checked(durations.moment(ends), begins, durations.zoned(ends).zone, first, 0)
    start, zone = durations.moment(begins), durations.zoned(begins)
    last = None if count is None else count - 1
    if ends.startswith("P"):
        return _checked(start, ends, zone.zone, 0, last)
    end = durations.moment(ends)
    if end <= start:
        raise ValueError(_NO_PERIOD)
    return Cycle(start, durations.between(start, end, zone.tzinfo), zone.tzinfo, 0, last)


def period(text: str) -> str:
    """Return the duration in a cycle that was read; where it says a start and an end, both."""
    whole = text.partition("/")[2]
    parts = re.findall(_PART, whole)
    return next((part for part in parts if part.startswith("P")), whole)


def _checked(anchor: datetime, period: str, zone: str | None, first: int | None, last: int | None) -> Cycle:
    said = durations.zoned(period)
    every = durations.duration(said.text)
    if not (every.months or every.days or every.rest):
        raise ValueError(_NO_PERIOD)
    zone = said.zone or zone
    return Cycle(anchor, every, durations.Zoned("", zone).tzinfo, first, last)
