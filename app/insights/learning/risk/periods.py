"""Which cases can be learned from: what is known of open ones, and across gaps, is bad news only.

A booking for June that is known in March is a cancelled one: those that will be kept are not known yet.
Learned from as they are, late cases would all be failures. So a case counts only where its outcome would be
known either way: it is due within a period in which outcomes were written down. One that was placed before
the period began is there only because it had not failed until then (left truncation, as in survival
analysis). By the share of failures that usually come later than that, one of them stands for the missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.insights.learning.risk.cases import Cases

# So many days without a single outcome are a gap in what was written down.
GAP = np.timedelta64(21, "D")
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Period:
    """Days in which outcomes were written down, both included."""

    first: np.datetime64
    last: np.datetime64


def periods_of(known: pd.Series, most: np.datetime64 | None = None) -> list[Period]:
    """Return the periods without a gap; `most` ends the last one, where nothing later was known."""
    days = np.unique(known.to_numpy())
    if most is not None:
        days = days[days <= most]
    if not len(days):
        return []
    starts = np.flatnonzero(np.diff(days) > GAP) + 1
    return [Period(part[0], part[-1]) for part in np.split(days, starts)]


def unseen_days(cases: Cases, periods: list[Period]) -> np.ndarray:
    """Return how many days each case lived before it would have been seen; NaN where it is of no use.

    0 means that whatever became of it is known.
    """
    unseen = np.full(len(cases), np.nan)
    placed, due, known = cases.placed.to_numpy(), cases.due.to_numpy(), cases.known.to_numpy()
    for period in periods:
        inside = (due >= period.first) & (due <= period.last) & (known <= period.last)
        unseen[inside] = np.maximum((period.first - placed[inside]) / DAY, 0)
    return unseen


def share_to_come(cases: Cases, unseen: np.ndarray) -> np.ndarray:
    """Return which share of failures comes later than the days in which a case was not seen; 0 of no use.

    When failures come, as a part of the time from placing to due, is reckoned as survival is, with late entry
    (Kaplan and Meier, 1958; Lynden-Bell, 1971): who entered late tells of later times alone.
    """
    found = np.where(np.isnan(unseen), 0.0, 1.0)
    of_use, failed = ~np.isnan(unseen), cases.failed.to_numpy()
    whole = np.maximum((cases.due - cases.placed).to_numpy() / DAY, 1)
    entered = unseen / whole
    rows = of_use & failed
    if not rows.any():
        return found
    failing = np.clip((cases.known - cases.placed).to_numpy() / DAY / whole, 0, 1)[rows]
    at, times = np.sort(entered[rows]), np.sort(failing)
    moments, counts = np.unique(times, return_counts=True)
    there = np.searchsorted(at, moments, side="right") - np.searchsorted(times, moments, side="left")
    to_come = np.concatenate([[1.0], np.cumprod(1 - counts / np.maximum(there, counts))])
    found[of_use] = to_come[np.searchsorted(moments, entered[of_use], side="left")]
    return found
