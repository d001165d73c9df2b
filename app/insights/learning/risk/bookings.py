"""Hotel bookings with their outcome, as the public data set has them (Antonio, de Almeida, Nunes, 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from app.insights.learning.errors import MisshapenFileError
from app.insights.learning.risk.cases import Availability, Cases, Column
from app.wording import Wording, worded

_LATER: Final = Availability.LATER
COLUMNS: Final = (
    Column("hotel", "category"),
    Column("lead_time", "number", trend=1),
    Column("stays_in_weekend_nights", "number"),
    Column("stays_in_week_nights", "number"),
    Column("adults", "number"),
    Column("children", "number"),
    Column("babies", "number"),
    Column("meal", "category"),
    Column("market_segment", "category"),
    Column("distribution_channel", "category"),
    Column("is_repeated_guest", "number"),
    Column("previous_cancellations", "number", trend=1),
    Column("previous_bookings_not_canceled", "number", trend=-1),
    Column("reserved_room_type", "category"),
    Column("deposit_type", "category"),
    Column("agent", "category"),
    Column("customer_type", "category"),
    # Written or changed between booking and arrival, or at the desk.
    Column("reservation_status", "category", _LATER),
    Column("reservation_status_date", "category", _LATER),
    Column("assigned_room_type", "category", _LATER),
    Column("booking_changes", "number", _LATER),
    Column("days_in_waiting_list", "number", _LATER),
    Column("required_car_parking_spaces", "number", _LATER),
    Column("total_of_special_requests", "number", _LATER),
    Column("country", "category", _LATER),
)
_ARRIVAL: Final = ("arrival_date_year", "arrival_date_month", "arrival_date_day_of_month")
_NEEDED: Final = ("is_canceled", "reservation_status_date", "lead_time", *_ARRIVAL)
_DATES: Final = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y")
# A time beside the day, as databases write it, is passed over.
_CLOCK: Final = r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$"


def read(file: Path) -> Cases:
    """Read bookings, plain or gzipped; raise MisshapenFileError naming the column that is not as needed.

    Days and outcome are needed; a fact that the file has no column for is not learned from.
    The price is not among the facts: it follows the season, and one year of it teaches nothing of another.
    """
    table = _table(file)
    lacking = [name for name in _NEEDED if name not in table]
    if lacking:
        raise MisshapenFileError(file, worded("the column is not there"), lacking[0])
    columns = tuple(each for each in COLUMNS if each.name in table)
    arrives, lead = _arrival(file, table), _number(file, table, "lead_time")
    parts = [name for name in ("stays_in_weekend_nights", "stays_in_week_nights") if name in table]
    nights = sum((_number(file, table, name).fillna(0) for name in parts), start=0 * lead)
    placed = (
        _day(file, table, "booking_date")
        if "booking_date" in table
        else arrives - pd.to_timedelta(lead, unit="D")
    )
    cases = Cases(
        columns,
        _facts(file, table, columns),
        placed,
        arrives + pd.to_timedelta(nights, unit="D"),
        _day(file, table, "reservation_status_date"),
        _outcome(file, table),
    )
    order = placed.argsort(kind="stable")
    return Cases(columns, *(each.iloc[order].reset_index(drop=True) for each in _parts(cases)))


def _parts(cases: Cases) -> tuple[pd.DataFrame | pd.Series, ...]:
    return cases.facts, cases.placed, cases.due, cases.known, cases.failed


def _table(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    except (OSError, EOFError, UnicodeDecodeError, ValueError) as error:
        raise MisshapenFileError(file, worded("is no CSV file: {why}", why=str(error))) from None
    if table.empty:
        raise MisshapenFileError(file, worded("has no rows"))
    stripped = table.apply(lambda column: column.str.strip())
    return stripped.replace({"NULL": "", "NA": ""})


def _facts(file: Path, table: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    facts = {
        each.name: _number(file, table, each.name) if each.kind == "number" else table[each.name]
        for each in columns
    }
    if "agent" in facts:
        facts["agent"] = facts["agent"].str.removesuffix(".0")
    return pd.DataFrame(facts)


def _outcome(file: Path, table: pd.DataFrame) -> pd.Series:
    outcome = table["is_canceled"]
    _complain(file, table, "is_canceled", ~outcome.isin(["0", "1"]), worded("is neither 0 nor 1"))
    return outcome == "1"


def _number(file: Path, table: pd.DataFrame, name: str) -> pd.Series:
    number = pd.to_numeric(table[name].where(table[name] != ""), errors="coerce")
    _complain(file, table, name, number.isna() & (table[name] != ""), worded("is no number"))
    if name in ("lead_time",):
        _complain(file, table, name, number.isna(), worded("is no number"))
    return number.astype(float)


def _day(file: Path, table: pd.DataFrame, name: str) -> pd.Series:
    """Read days in the one way of writing them that fits most rows."""
    days = table[name].str.strip().str.replace(_CLOCK, "", regex=True)
    read = [pd.to_datetime(days, format=each, errors="coerce") for each in _DATES]
    best = min(read, key=lambda days: int(days.isna().sum()))
    _complain(file, table, name, best.isna(), worded("is no date"))
    return best


def _arrival(file: Path, table: pd.DataFrame) -> pd.Series:
    year, month, day = (table[name] for name in _ARRIVAL)
    days = year + "-" + month + "-" + day
    # By its name, as published, or by its number, as spreadsheets like to have it.
    arrives = pd.to_datetime(days, format="%Y-%B-%d", errors="coerce")
    arrives = arrives.fillna(pd.to_datetime(days, format="%Y-%m-%d", errors="coerce"))
    _complain(file, table, "arrival_date_month", arrives.isna(), worded("makes no date of arrival"))
    return arrives


def _complain(file: Path, table: pd.DataFrame, name: str, bad: pd.Series, problem: Wording) -> None:
    """Name the first line that is wrong (the head is line 1), and how many there are."""
    if bad.any():
        line, value = int(bad.to_numpy().argmax()) + 2, str(table[name][bad].iloc[0])
        told = worded(
            "{problem} in line {line} ({value}) and in {more} more",
            problem=problem,
            line=line,
            value=value,
            more=int(bad.sum()) - 1,
        )
        raise MisshapenFileError(file, told, name)
