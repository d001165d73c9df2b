"""Forecasts from many past days against what came: which method is best, how wide an interval must be.

A rolling origin: parameters are found on what lies before the first origin only, and every forecast sees
nothing later than its own origin. Methods are chosen and intervals made on the older origins, and measured
on the newer ones, which are the held-back data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.insights.learning.forecast.methods import HORIZON, METHODS, WEEK, Fitted, continued, fit

STEP = WEEK
OLDER, NEWER = 6, 6
COVERAGE = 0.8


@dataclass(frozen=True, slots=True)
class Backtest:
    """By method: the forecasts at each origin, (origins x HORIZON), beside `actual` of the same shape."""

    actual: np.ndarray
    forecasts: dict[str, np.ndarray]
    fitted: dict[str, Fitted]

    def errors(self, method: str, *, newer: bool) -> np.ndarray:
        part = slice(OLDER, None) if newer else slice(0, OLDER)
        return self.actual[part] - self.forecasts[method][part]

    @property
    def held_back(self) -> np.ndarray:
        return self.actual[OLDER:]


def origins(days: int) -> Iterator[int]:
    """Return how many days are known at each origin, the oldest first."""
    last = days - HORIZON
    yield from (last - STEP * back for back in reversed(range(OLDER + NEWER)))


def backtest(counts: np.ndarray) -> Backtest:
    at = list(origins(len(counts)))
    actual = np.array([counts[known : known + HORIZON] for known in at])
    fitted = {method: fit(method, counts[: at[0]]) for method in METHODS}
    forecasts = {
        method: np.array([continued(method, fitted[method], counts[:known]) for known in at])
        for method in METHODS
    }
    return Backtest(actual, forecasts, fitted)


def best_method(found: Backtest) -> str:
    """Return the method with the smallest absolute error on the older origins."""
    return min(METHODS, key=lambda method: float(np.abs(found.errors(method, newer=False)).sum()))


def interval(errors: np.ndarray, before: np.ndarray, ahead: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return from where to where the middle COVERAGE of outcomes lies around `ahead`, in whole counts.

    `errors` were made by the forecasts `before`, both (origins x days). Errors of counts grow with the root
    of their size; divided by it, those of all days together give the quantiles, with the finite-sample
    correction of split conformal prediction (Lei et al., 2018).
    """
    scaled = (errors / _scale(before)).ravel()
    tail = (1 - COVERAGE) / 2
    share = min(1.0, (1 - tail) * (1 + 1 / len(scaled)))
    low, high = np.quantile(scaled, 1 - share), np.quantile(scaled, share)
    lower = np.maximum(ahead + min(low, 0.0) * _scale(ahead), 0.0)
    return np.round(lower), np.round(ahead + max(high, 0.0) * _scale(ahead))


def _scale(expected: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(expected, 1.0))


def coverage(found: Backtest, method: str) -> tuple[int, int]:
    """Return how many held-back days fell within their interval, and how many there were."""
    errors, forecasts = found.errors(method, newer=False), found.forecasts[method]
    lower, upper = interval(errors, forecasts[:OLDER], forecasts[OLDER:])
    inside = (found.held_back >= lower) & (found.held_back <= upper)
    return int(inside.sum()), int(inside.size)
