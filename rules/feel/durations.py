"""Lengths of time, of the two kinds that FEEL keeps apart: exact ones and calendar ones."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from rules.feel.calendar import NANOS, NANOS_A_DAY

_YEAR_MONTH: Final = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?")
_DAY_TIME: Final = re.compile(r"(-)?P(?:(\d+)D)?(T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?")
_DIGITS: Final = 20


@dataclass(frozen=True, slots=True, order=True)
class DayTimeDuration:
    """An exact length of time, in nanoseconds."""

    nanos: int

    @property
    def total_seconds(self) -> Decimal:
        return Decimal(self.nanos) / 1_000_000_000

    def split(self) -> tuple[int, int, int, int, int]:
        """Return days, hours, minutes, seconds and nanoseconds, all without the sign."""
        days, rest = divmod(abs(self.nanos), NANOS_A_DAY)
        hours, rest = divmod(rest, 3600 * NANOS)
        minutes, rest = divmod(rest, 60 * NANOS)
        seconds, nanos = divmod(rest, NANOS)
        return days, hours, minutes, seconds, nanos

    def __str__(self) -> str:
        if not self.nanos:
            return "PT0S"
        days, hours, minutes, seconds, nanos = self.split()
        text = "-P" if self.nanos < 0 else "P"
        text += f"{days}D" if days else ""
        clock = f"{hours}H" if hours else ""
        clock += f"{minutes}M" if minutes else ""
        clock += f"{seconds}{fraction_text(nanos)}S" if seconds or nanos else ""
        return text + ("T" + clock if clock else "")


@dataclass(frozen=True, slots=True, order=True)
class YearMonthDuration:
    """A length of time in months, whose days depend on where it is laid on the calendar."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-P" if self.months < 0 else "P") + (text or "0M")


def fraction_text(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def fraction_nanos(digits: str | None) -> int:
    """Read the digits behind a decimal point; what is finer than a nanosecond falls away."""
    return int((digits or "0")[:9].ljust(9, "0"))


def parse_duration(text: str) -> DayTimeDuration | YearMonthDuration | None:
    if len(text) > 100:
        return None
    return _parse_year_month(text) or _parse_day_time(text)


def _parse_year_month(text: str) -> YearMonthDuration | None:
    match = _YEAR_MONTH.fullmatch(text)
    if not match or match[2] is match[3] is None or _too_long(match):
        return None
    months = int(match[2] or 0) * 12 + int(match[3] or 0)
    return YearMonthDuration(-months if match[1] else months)


def _parse_day_time(text: str) -> DayTimeDuration | None:
    match = _DAY_TIME.fullmatch(text)
    if not match or match[3] == "T" or match[2] is match[3] is None or _too_long(match):
        return None
    days, hours, minutes, seconds = (int(match[group] or 0) for group in (2, 4, 5, 6))
    nanos = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * NANOS + fraction_nanos(match[7])
    return DayTimeDuration(-nanos if match[1] else nanos)


def _too_long(match: re.Match[str]) -> bool:
    return any(group and len(group) > _DIGITS for group in match.groups()[1:3])
