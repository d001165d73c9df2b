"""A risk learned from cases: those whose outcome is known either way, recent ones counting more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.insights.learning.errors import LearningError, TooLittleDataError
from app.insights.learning.risk import additive, calibration
from app.insights.learning.risk.additive import Table
from app.insights.learning.risk.cases import Cases
from app.insights.learning.risk.periods import DAY, periods_of, unseen_days
from app.wording import worded

# Business changes: a case of a year ago counts half.
HALF_LIFE_DAYS = 365.0
FOLDS = 4
LEAST_CASES = 60
LEAST_OF_EACH = 15


@dataclass(frozen=True, slots=True)
class Trained:
    """The table with how many cases it rests on, and how many were left out as not yet known either way."""

    table: Table
    cases: int
    left_out: int


def train(cases: Cases, until: np.datetime64 | None = None) -> Trained:
    """Learn from what was known before `until`; raise TooLittleDataError."""
    known = cases if until is None else cases.where(cases.known < until)
    last = None if until is None else until - DAY
    unseen = unseen_days(known, periods_of(known.known, last))
    used, left_out = known.where(~np.isnan(unseen)), int(np.isnan(unseen).sum())
    _enough(used)
    unseen = unseen[~np.isnan(unseen)]
    age = (used.known.max() - used.placed).dt.days.to_numpy()
    weights = 0.5 ** (age / HALF_LIFE_DAYS)
    table = _fit(used, weights, unseen)
    slope, shift = _stretch(used, weights, unseen)
    return Trained(table.stretched(slope, shift), len(used), left_out)


def fit_calibrated(cases: Cases, weights: np.ndarray) -> tuple[Table, np.ndarray]:
    """Return a table learned from cases that are all known either way, and what was said of each unseen.

    A table that ranks no better than chance says the same of everybody: its slope is never turned round.
    """
    unseen = np.zeros(len(cases))
    said = _unseen(cases, weights, unseen)
    failed = cases.failed.to_numpy()
    slope, shift = (0.0, 0.0) if said is None else calibration.stretch(said, failed, weights)
    if said is None or slope <= 0:
        share = float(np.average(failed, weights=weights))
        slope, shift, said = 0.0, float(np.log(share / (1 - share))), np.zeros(len(cases))
    table = _fit(cases, weights, unseen).stretched(slope, shift)
    return table, calibration.probability_of(shift + slope * said)


def _fit(cases: Cases, weights: np.ndarray, unseen: np.ndarray) -> Table:
    return additive.fit(cases.usable, cases.facts, cases.failed, weights, unseen)


def _stretch(cases: Cases, weights: np.ndarray, unseen: np.ndarray) -> tuple[float, float]:
    """Calibrate on cases that a table did not see: blocks of time, so that twins of one day stay together."""
    said, whole = _unseen(cases, weights, unseen), unseen == 0
    if said is None or cases.failed[whole].nunique() < 2:
        return 1.0, 0.0
    return calibration.stretch(said[whole], cases.failed[whole].to_numpy(), weights[whole])


def _unseen(cases: Cases, weights: np.ndarray, unseen: np.ndarray) -> np.ndarray | None:
    """Return log-odds of each case by a table that did not see its block; None where one has one outcome."""
    block = np.arange(len(cases)) * FOLDS * 5 // len(cases) % FOLDS
    said = np.zeros(len(cases))
    for fold in range(FOLDS):
        seen = block != fold
        if cases.failed[seen].nunique() < 2:
            return None
        table = _fit(cases.where(seen), weights[seen], unseen[seen])
        said[~seen] = table.log_odds(cases.facts[~seen])
    return said


def _enough(cases: Cases) -> None:
    if len(cases) < LEAST_CASES:
        raise TooLittleDataError(worded("cases whose outcome is known either way"), len(cases), LEAST_CASES)
    fewer = int(min(cases.failed.sum(), (~cases.failed).sum()))
    if fewer < LEAST_OF_EACH:
        raise TooLittleDataError(worded("cases of the rarer outcome"), fewer, LEAST_OF_EACH)


def probabilities(table: Table, cases: Cases) -> np.ndarray:
    """Return the probability that each case fails."""
    lacking = [each.column.name for each in table.bins if each.column.name not in cases.facts]
    if lacking:
        raise LearningError(worded("the cases lack {column}", column=lacking[0]))
    return calibration.probability_of(table.log_odds(cases.facts))
