"""Rows to daily series without holes, and which of them are long enough to be forecast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from app.insights.trained import Row

ALL = ""
MOST_SERIES = 40
LEAST_DAYS = 84
LEAST_EVENTS = 60


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by day from `first` on; `measure` is needs or orders, `name` a type or "" for all of them."""

    measure: str
    name: str
    first: date
    counts: np.ndarray

    @property
    def key(self) -> str:
        return f"{self.measure}/{self.name}"

    @property
    def label(self) -> str:
        return f"{self.measure}: {self.name}" if self.name else self.measure

    @property
    def days(self) -> int:
        return len(self.counts)


def series_of(rows: Iterable[Row], last: date) -> list[Series]:
    """Make series of (measure, type, day, count), each up to `last`; the largest first, all types ahead."""
    found: dict[tuple[str, str], Counter[date]] = {}
    for measure, name, day, count in rows:
        for each in {ALL, name}:
            found.setdefault((measure, each), Counter())[day] += count
    ordered = sorted(found.items(), key=lambda item: (item[0][1] != ALL, -item[1].total(), item[0]))
    return [_filled(*key, counts, last) for key, counts in ordered]


def _filled(measure: str, name: str, counts: Counter[date], last: date) -> Series:
    first = min(counts)
    days = max((last - first).days + 1, 1)
    values = np.array([counts[first + timedelta(days=at)] for at in range(days)], dtype=float)
    return Series(measure, name, first, values)


def is_long_enough(series: Series) -> bool:
    return series.days >= LEAST_DAYS and series.counts.sum() >= LEAST_EVENTS
