"""Civil days for any year FEEL can name: Python's own calendar ends at the years 1 and 9999."""

from typing import Final

SECONDS_A_DAY: Final = 86_400
NANOS: Final = 1_000_000_000
NANOS_A_DAY: Final = SECONDS_A_DAY * NANOS
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else _MONTH_DAYS[month - 1]


def days_from_civil(year: int, month: int, day: int) -> int:
    """Count the days since 1970-01-01; years before it, zero included, count down."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def weekday(days: int) -> int:
    """Monday is 1, Sunday is 7."""
    return (days + 3) % 7 + 1


def add_months(year: int, month: int, day: int, months: int) -> tuple[int, int, int]:
    """Move by whole months; a day that the new month lacks becomes its last."""
    carry, month = divmod(month - 1 + months, 12)
    year, month = year + carry, month + 1
    return year, month, min(day, days_in_month(year, month))
