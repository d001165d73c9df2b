"""Remaining time learned as what differs from how long it took of late, with a range; and the next step.

Medians by step are hard to beat on some logs. So a part of the cases, the latest, is kept back: where the
learned model does not beat the medians on them, the medians are the model.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.remaining.prefixes import NUMBERS, words_of
from app.wording import worded

LEAST_CASES: Final = 40
KEPT_BACK: Final = 0.2
LOW, HIGH = 0.1, 0.9  # the range holds 80 of 100


@dataclass(frozen=True, slots=True)
class Medians:
    """How long it takes from each step: low, middle and high in days; of other steps, over all of them."""

    steps: Mapping[str, tuple[float, float, float]]
    other: tuple[float, float, float]

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return low, middle and high of each row."""
        return np.array([self.steps.get(step, self.other) for step in rows["step"]])


@dataclass(frozen=True, slots=True)
class Model:
    """Medians, and where they were beaten, what was learned beyond them."""

    medians: Medians
    following: Mapping[tuple[str, str], str]
    learned: tuple[Any, ...] = ()  # regressors of low, middle, high
    encoder: Any = None
    words: list[str] = field(default_factory=list)
    kept_back: tuple[float, float] = (np.nan, np.nan)  # mean error in days: medians, learned

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return low, middle and high of each row, in days from its event on: never below 0, in order."""
        said = self.medians.predict(rows)
        if self.learned:
            usual, inputs = _usual(self.medians, rows), _inputs(self.encoder, self.words, rows)
            with threadpool_limits(1):
                said = np.column_stack([usual + each.predict(inputs) for each in self.learned])
        middle = np.maximum(said[:, 1], 0)
        low, high = np.clip(said[:, 0], 0, middle), np.maximum(said[:, 2], middle)
        return np.column_stack([low, middle, high])

    def next_steps(self, rows: pd.DataFrame) -> list[str]:
        """Return the most usual next step of each row: of its step and the one before, else of its step."""
        pairs = zip(rows["step"], rows["previous"], strict=True)
        return [self.following.get(pair, self.following.get((pair[0], "*"), "")) for pair in pairs]


def train(rows: pd.DataFrame, seed: int) -> Model:
    """Learn from the events of ended cases (`prefixes.table`); raise TooLittleDataError."""
    cases = rows.groupby("case")["begun"].first().sort_values()
    if len(cases) < LEAST_CASES:
        raise TooLittleDataError(worded("ended cases"), len(cases), LEAST_CASES)
    late = set(cases.index[int(len(cases) * (1 - KEPT_BACK)) :])
    kept_back = rows["case"].isin(late)
    first = rows.loc[kept_back, "begun"].min()
    earlier, later = rows[rows["ended"] < first], rows[kept_back]
    tried = _beyond(_plain(earlier), earlier, seed) if len(earlier) else _plain(rows)
    errors = (_error(Model(tried.medians, {}), later), _error(tried, later))
    plain = _plain(rows)
    model = _beyond(plain, rows, seed) if errors[1] < errors[0] else plain
    return Model(model.medians, model.following, model.learned, model.encoder, model.words, errors)


def open_events(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the events after which there is still something to wait for: all but each case's last."""
    return rows[rows["next"] != ""]


def _plain(rows: pd.DataFrame) -> Model:
    some = open_events(rows)
    medians = Medians(
        {str(step): _levels(each["left"]) for step, each in some.groupby("step")}, _levels(some["left"])
    )
    return Model(medians, _following(rows))


def _levels(left: pd.Series) -> tuple[float, float, float]:
    low, middle, high = left.quantile([LOW, 0.5, HIGH])
    return float(low), float(middle), float(high)


def _following(rows: pd.DataFrame) -> dict[tuple[str, str], str]:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for step, before, after in zip(rows["step"], rows["previous"], rows["next"], strict=True):
        counts[step, before][after] += 1
        counts[step, "*"][after] += 1
    return {key: each.most_common(1)[0][0] for key, each in counts.items()}


def _beyond(plain: Model, rows: pd.DataFrame, seed: int) -> Model:
    some = open_events(rows)
    words = words_of(some)
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=100, dtype=float
    ).fit(some[words])
    inputs = _inputs(encoder, words, some)
    beyond = some["left"].to_numpy() - _usual(plain.medians, some)
    with threadpool_limits(1):
        learned = tuple(
            HistGradientBoostingRegressor(
                loss="quantile",
                quantile=level,
                max_iter=int(np.clip(len(some) // 30, 30, 200)),
                max_leaf_nodes=8,
                min_samples_leaf=int(np.clip(len(some) // 100, 5, 30)),
                categorical_features=[True] * len(words) + [False] * len(NUMBERS),
                early_stopping=False,
                random_state=seed,
            ).fit(inputs, beyond)
            for level in (LOW, 0.5, HIGH)
        )
    return Model(plain.medians, plain.following, learned, encoder, words)


def _inputs(encoder: Any, words: list[str], rows: pd.DataFrame) -> np.ndarray:
    return np.column_stack([encoder.transform(rows.reindex(columns=words, fill_value="")), rows[[*NUMBERS]]])


def _usual(medians: Medians, rows: pd.DataFrame) -> np.ndarray:
    """Return how long it took of late from the step; where that is not known, how long it ever took."""
    recent = rows["recent"].to_numpy()
    return np.where(np.isnan(recent), medians.predict(rows)[:, 1], recent)


def _error(model: Model, rows: pd.DataFrame) -> float:
    some = open_events(rows)
    return float(np.abs(model.predict(some)[:, 1] - some["left"].to_numpy()).mean())
