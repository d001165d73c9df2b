"""A risk learned from cases: those whose outcome is known either way, recent ones counting more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.insights.learning.errors import LearningError, TooLittleDataError
from app.insights.learning.risk import additive, calibration
from app.insights.learning.risk.additive import Table
from app.insights.learning.risk.cases import Cases
from app.insights.learning.risk.periods import DAY, periods_of, share_to_come, unseen_days
from app.wording import worded

# Business changes: a case of a year ago counts half.
HALF_LIFE_DAYS = 365.0
FOLDS = 4
LEAST_CASES = 60
LEAST_OF_EACH = 15
# A failure that was seen stands for ten at most: of cases seen later than that, chance would tell too much.
LEAST_TO_COME = 0.1


@dataclass(frozen=True, slots=True)
class Trained:
    """The table with how many cases it rests on, and how many were left out, as they tell too little."""

    table: Table
    cases: int
    left_out: int


def train(cases: Cases, until: np.datetime64 | None = None) -> Trained:
    """Learn from what was known before `until`; raise TooLittleDataError."""
    known = cases if until is None else cases.where(cases.known < until)
    last = None if until is None else until - DAY
    unseen = unseen_days(known, periods_of(known.known, last))
    to_come = share_to_come(known, unseen)
    keep = to_come >= LEAST_TO_COME
    used, to_come = known.where(keep), to_come[keep]
    _enough(used)
    age = (used.known.max() - used.placed).dt.days.to_numpy()
    weights = 0.5 ** (age / HALF_LIFE_DAYS)
    # Of those that failed before anybody looked there is no row: those that failed later stand for them.
    weights = np.where(used.failed, weights / to_come, weights)
    said, table = _out_of_fold(used, weights), _fit(used, weights)
    slope, shift = (1.0, 0.0) if said is None else calibration.stretch(said, used.failed.to_numpy(), weights)
    return Trained(table.stretched(slope, shift), len(used), int((~keep).sum()))


def fit_calibrated(cases: Cases, weights: np.ndarray) -> tuple[Table, np.ndarray]:
    """Return a table learned from cases that are all known either way, and what was said of each unseen.

    A table that ranks no better than chance says the same of everybody: its slope is never turned round.
    """
    said, failed = _out_of_fold(cases, weights), cases.failed.to_numpy()
    slope, shift = (0.0, 0.0) if said is None else calibration.stretch(said, failed, weights)
    if said is None or slope <= 0:
        share = float(np.average(failed, weights=weights))
        slope, shift, said = 0.0, float(np.log(share / (1 - share))), np.zeros(len(cases))
    table = _fit(cases, weights).stretched(slope, shift)
    return table, calibration.probability_of(shift + slope * said)


def _fit(cases: Cases, weights: np.ndarray) -> Table:
    return additive.fit(cases.usable, cases.facts, cases.failed, weights)


def _out_of_fold(cases: Cases, weights: np.ndarray) -> np.ndarray | None:
    """Return log-odds of each case by a table that did not see its block; None where one has one outcome.

    Blocks are of time, so that twins of one day stay together.
    """
    block = np.arange(len(cases)) * FOLDS * 5 // len(cases) % FOLDS
    said = np.zeros(len(cases))
    for fold in range(FOLDS):
        seen = block != fold
        if cases.failed[seen].nunique() < 2:
            return None
        said[~seen] = _fit(cases.where(seen), weights[seen]).log_odds(cases.facts[~seen])
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
