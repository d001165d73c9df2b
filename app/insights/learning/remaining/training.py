"""Remaining time learned as what differs from how long it took of late, with a range; and the next step.

Medians by step are hard to beat on some logs. So a part of the cases, the latest, is kept back: where the
learned model does not beat the medians on them, the medians are the model. Learned ranges hold less of what
comes than of what was learned from: they are made wider by what lay outside at three earlier moments.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
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
# Parts of the cases, in the order of time, each told by what had ended before it began.
WALKED: Final = ((0.4, 0.6), (0.6, 0.8), (0.8, 1.0))
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
    wider: float = 0.0  # days at either end of the range

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return low, middle and high of each row, in days from its event on: never below 0, in order."""
        said = self.medians.predict(rows)
        if self.learned:
            usual, inputs = _usual(self.medians, rows), _inputs(self.encoder, self.words, rows)
            with threadpool_limits(1):
                said = np.column_stack([usual + each.predict(inputs) for each in self.learned])
        middle = np.maximum(said[:, 1], 0)
        low = np.clip(said[:, 0] - self.wider, 0, middle)
        high = np.maximum(said[:, 2] + self.wider, middle)
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
    if open_events(rows).empty:
        raise TooLittleDataError(worded("events"), 0, 1)
    walked = list(_walked(rows, cases.index))
    plain, errors, beaten = _plain(rows), (np.nan, np.nan), False
    if walked:
        earlier, later = walked[-1]
        tried = _beyond(_plain(earlier), earlier, seed)
        errors = (_error(Model(tried.medians, {}), later), _error(tried, later))
        beaten = errors[1] < errors[0]
    model = _beyond(plain, rows, seed) if beaten else plain
    return replace(model, kept_back=errors, wider=_wider(walked, beaten, seed))


def _walked(rows: pd.DataFrame, cases: pd.Index) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield what had ended before a part of the cases began, and that part, where both tell anything."""
    for since, until in WALKED:
        later = rows[rows["case"].isin(cases[int(len(cases) * since) : int(len(cases) * until)])]
        earlier = rows[rows["ended"] < later["begun"].min()]
        if not (open_events(earlier).empty or open_events(later).empty):
            yield earlier, later


def _wider(walked: list[tuple[pd.DataFrame, pd.DataFrame]], beaten: bool, seed: int) -> float:
    """Return by how many days the range is to be wider (Romano, Patterson, Candès, 2019), walking forward."""
    outside = [np.array([0.0])]
    for earlier, later in walked:
        plain, some = _plain(earlier), open_events(later)
        low, _, high = (_beyond(plain, earlier, seed) if beaten else plain).predict(some).T
        left = some["left"].to_numpy()
        outside.append(np.maximum(low - left, left - high))
    return float(np.quantile(np.concatenate(outside), HIGH - LOW))


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
