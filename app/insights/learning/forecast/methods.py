"""Ways to continue a daily series by a fortnight; the first is the baseline that the others must beat.

Exponential smoothing with additive errors and a week's season: Hyndman and Athanasopoulos, Forecasting:
Principles and Practice (3rd ed.), chapter 8, as statsmodels fits it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

WEEK = 7
HORIZON = 14
BASELINE = "seasonal_naive"
METHODS = (BASELINE, "weekday_mean", "ets", "ets_trend")
_MEAN_WEEKS = 6

Fitted = Mapping[str, Any]


def fit(method: str, counts: np.ndarray) -> Fitted:
    """Find a method's parameters on a series; those that have none need nothing."""
    if not method.startswith("ets"):
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that did not converge loses the comparison by itself
        found = _model(method, counts).fit(disp=False, maxiter=100)
    return {"params": [float(value) for value in found.params]}


def continued(method: str, fitted: Fitted, counts: np.ndarray) -> np.ndarray:
    """Return the expected counts of the next HORIZON days, none below zero."""
    if method == BASELINE:
        ahead = np.tile(counts[-WEEK:], -(-HORIZON // WEEK))[:HORIZON]
    elif method == "weekday_mean":
        weeks = min(_MEAN_WEEKS, len(counts) // WEEK)
        ahead = np.tile(counts[-WEEK * weeks :].reshape(weeks, WEEK).mean(axis=0), 2)[:HORIZON]
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ahead = _model(method, counts).smooth(fitted["params"]).forecast(HORIZON)
    return np.maximum(np.nan_to_num(np.asarray(ahead, dtype=float)), 0.0)


def _model(method: str, counts: np.ndarray) -> Any:
    has_trend = method == "ets_trend"
    return ETSModel(
        counts,
        error="add",
        trend="add" if has_trend else None,
        damped_trend=has_trend,
        seasonal="add",
        seasonal_periods=WEEK,
        initialization_method="heuristic",  # from the first weeks: ten parameters fewer to find
    )
