"""Boosted trees of one fact each: as good here as free ones, steadier over time, and a table in the end.

What the trees say of a fact does not depend on the others, so that asking for each line of each fact once
gives the whole model: `app/insights/scorecards.py` adds it up without scikit-learn, with exact reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from app.insights.learning.risk.binning import Bins, bins_of
from app.insights.learning.risk.cases import Column

_ROUNDS: Final = (30, 200)  # of few cases more would learn each of them by heart
_LEAST_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Table:
    """Points in log-odds for each line of each column; 0 is the average of the training."""

    bins: tuple[Bins, ...]
    points: tuple[np.ndarray, ...]
    intercept: float

    def log_odds(self, facts: pd.DataFrame) -> np.ndarray:
        """Return what the table says of each row."""
        parts = (
            points[bins.lines_of(facts[bins.column.name])]
            for bins, points in zip(self.bins, self.points, strict=True)
        )
        return np.sum([self.intercept + np.zeros(len(facts)), *parts], axis=0)

    def stretched(self, slope: float, shift: float) -> Table:
        """Return the table whose log-odds are `shift + slope * log-odds` of this one."""
        points = tuple(slope * each for each in self.points)
        return Table(self.bins, points, shift + slope * self.intercept)

    def card(self) -> Mapping[str, Any]:
        """Return the table as `app/insights/scorecards.py` reads it."""
        features = [
            bins.exported([round(float(each), 5) for each in points])
            for bins, points in zip(self.bins, self.points, strict=True)
        ]
        return {"intercept": round(self.intercept, 5), "features": features}


def fit(
    columns: Sequence[Column],
    facts: pd.DataFrame,
    failed: pd.Series,
    weights: np.ndarray,
) -> Table:
    """Learn a table."""
    least = int(np.clip(len(facts) // 200, 5, _LEAST_ROWS))
    bins = tuple(bins_of(each, facts[each.name], least) for each in columns)
    lines = np.column_stack([each.lines_of(facts[each.column.name]) for each in bins])
    model = HistGradientBoostingClassifier(
        interaction_cst="no_interactions",
        categorical_features=[each.column.kind == "category" for each in bins],
        monotonic_cst=[each.column.trend for each in bins],
        max_iter=int(np.clip(len(facts) // 50, *_ROUNDS)),
        max_leaf_nodes=6,
        min_samples_leaf=least,
        l2_regularization=10.0,
        early_stopping=False,
    )
    inputs = _inputs(bins, lines)
    inputs[:, np.isnan(inputs).all(axis=0)] = 0.0  # what no case has cannot be put into bins
    with threadpool_limits(1):  # on a busy machine more threads only wait for each other
        model.fit(inputs, failed.to_numpy(), sample_weight=weights)
        said, base = _asked_of(model.decision_function, bins, lines)
    return _centred(bins, said, base, lines, weights)


def fit_quantile(columns: Sequence[Column], facts: pd.DataFrame, values: np.ndarray, share: float) -> Table:
    """Learn a table of a number: below what it says lies this share of the values."""
    least = int(np.clip(len(facts) // 50, 5, _LEAST_ROWS))
    bins = tuple(bins_of(each, facts[each.name], least) for each in columns)
    lines = np.column_stack([each.lines_of(facts[each.column.name]) for each in bins])
    model = HistGradientBoostingRegressor(
        loss="quantile",
        quantile=share,
        interaction_cst="no_interactions",
        categorical_features=[each.column.kind == "category" for each in bins],
        max_iter=int(np.clip(len(facts) // 5, *_ROUNDS)),
        max_leaf_nodes=6,
        min_samples_leaf=least,
        early_stopping=False,
    )
    inputs = _inputs(bins, lines)
    inputs[:, np.isnan(inputs).all(axis=0)] = 0.0
    with threadpool_limits(1):
        model.fit(inputs, values)
        said, base = _asked_of(model.predict, bins, lines)
    return _centred(bins, said, base, lines, np.ones(len(facts)))


def _inputs(bins: Sequence[Bins], lines: np.ndarray) -> np.ndarray:
    """Give the model missing numbers as such: a line of their own would be the highest number."""
    inputs = lines.astype(float)
    for at, each in enumerate(bins):
        if each.column.kind == "number":
            inputs[lines[:, at] == each.count - 1, at] = np.nan
    return inputs


def _asked_of(
    ask: Callable[[np.ndarray], np.ndarray], bins: Sequence[Bins], lines: np.ndarray
) -> tuple[list[np.ndarray], float]:
    """Ask for each line of each column, the others staying as they are; return also what that base says."""
    first = np.array([[int(line) for line in lines[0]]])
    asked = [first]
    for at, each in enumerate(bins):
        rows = np.repeat(first, each.count, axis=0)
        rows[:, at] = np.arange(each.count)
        asked.append(rows)
    # All at once: each question has its price, whatever its size.
    answers = ask(_inputs(bins, np.concatenate(asked)))
    base, parts = float(answers[0]), np.split(answers[1:], np.cumsum([each.count for each in bins])[:-1])
    said = []
    for at, (each, answered) in enumerate(zip(bins, parts, strict=True)):
        points = answered - base
        # Of a line that no case was on, nothing is known: it is as good as the average.
        seen = np.bincount(lines[:, at], minlength=each.count)
        last = each.count - 1
        if not seen[last]:
            points[last] = np.average(points[:last], weights=seen[:last]) if last else 0.0
        said.append(points)
    return said, base


def _centred(
    bins: tuple[Bins, ...], said: list[np.ndarray], base: float, lines: np.ndarray, weights: np.ndarray
) -> Table:
    centred, intercept = [], base
    for at, points in enumerate(said):
        middle = float(np.average(points[lines[:, at]], weights=weights))
        intercept += middle
        centred.append(points - middle)
    return Table(bins, tuple(centred), intercept)
