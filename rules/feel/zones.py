"""Time zones by name, for years beyond those that the zone database covers."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from rules.feel.calendar import SECONDS_A_DAY, civil_from_days, days_from_civil

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*")


@lru_cache(maxsize=256)
def is_zone(name: str) -> bool:
    if len(name) > 60 or not _NAME.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=4_096)
def offset_at(name: str, days: int, seconds: int) -> int:
    """Return the zone's offset from UTC, in seconds, at a local day and second of the day."""
    return _seconds(_near(days, seconds).replace(tzinfo=ZoneInfo(name)))


@lru_cache(maxsize=4_096)
def offset_at_utc(name: str, days: int, seconds: int) -> int:
    """Return the zone's offset at a moment, which unlike a local reading always happens just once."""
    return _seconds(_near(days, seconds).astimezone(ZoneInfo(name)))


def _near(days: int, seconds: int) -> datetime:
    """Return the reading in UTC; the calendar repeats every 400 years, so a far year borrows a near one."""
    year, month, day = civil_from_days(days)
    if not 1900 <= year <= 2400:
        days = days_from_civil(2000 + year % 400, month, day)
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=days * SECONDS_A_DAY + seconds)


def _seconds(moment: datetime) -> int:
    shift = moment.utcoffset()
    return 0 if shift is None else int(shift.total_seconds())
