"""Columns that know the outcome because they were written after it: what a model must not be given.

Some are declared. Tests find others: a column that alone tells nearly everything, a value that has only one
outcome, days that lie after the placing, and a copy of another column that was corrected later. A test can
only suspect; what nobody declared and no test suspects may still leak.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from app.insights.learning.risk.cases import Availability, Cases, Column

# One fact that is known at once hardly ever ranks so well alone.
TOO_GOOD: Final = 0.9
# A value of one outcome only is no chance where a share of the rarer outcome this large is expected of it.
_EXPECTED: Final = 15
_SAME_WORDS: Final = 0.95
# Of a corrected copy the rows that differ turn out differently: by a third of the usual share, at least.
_TURNED: Final = 1 / 3
_LEAST_ROWS: Final = 30
_FOLDS: Final = 5


class Reason(StrEnum):
    DECLARED = "declared"  # as known only later
    TELLS_ALL = "tells_all"  # alone ranks nearly perfectly
    ONE_OUTCOME = "one_outcome"  # a frequent value has one outcome only
    LATER_DAYS = "later_days"  # holds days after the placing
    CORRECTED = "corrected"  # a copy that differs where the outcome does


@dataclass(frozen=True, slots=True)
class Leak:
    """A column that is known only later, or seems to be; the detail is a value, a column or a figure."""

    column: str
    reason: Reason
    detail: str = ""


def find(cases: Cases) -> list[Leak]:
    """Return what is declared and what is suspected, by column, in the order of the columns."""
    return [leak for column in cases.columns for leak in _of(column, cases)]


def suspected(cases: Cases) -> list[Leak]:
    """Return the columns that a test suspects though they are declared as known at once."""
    usable = {each.name for each in cases.usable}
    return [leak for leak in find(cases) if leak.column in usable]


def _of(column: Column, cases: Cases) -> Iterator[Leak]:
    values, failed = cases.facts[column.name], cases.failed.to_numpy()
    if column.available is Availability.LATER:
        yield Leak(column.name, Reason.DECLARED)
    if not 0 < failed.sum() < len(failed):
        return
    ranked = alone(column, values, failed)
    if ranked >= TOO_GOOD:
        yield Leak(column.name, Reason.TELLS_ALL, f"{ranked:.2f}")
    if (value := _of_one_outcome(values, failed)) is not None:
        yield Leak(column.name, Reason.ONE_OUTCOME, value)
    if column.kind == "category":
        if _lies_later(values, cases.placed):
            yield Leak(column.name, Reason.LATER_DAYS)
        if (other := _corrected(column, cases)) is not None:
            yield Leak(column.name, Reason.CORRECTED, other)


def alone(column: Column, values: pd.Series, failed: np.ndarray) -> float:
    """Return how well a column alone ranks, from 0.5 to 1 (AUC), each fold by what the others told."""
    said = np.zeros(len(failed))
    fold = np.arange(len(failed)) % _FOLDS
    keys = _keys(column, values)
    for each in range(_FOLDS):
        mine = fold == each
        if mine.all():
            return 0.5
        base = failed[~mine].mean()
        grouped = pd.Series(failed[~mine]).groupby(keys[~mine]).agg(["sum", "count"])
        share = (grouped["sum"] + 10 * base) / (grouped["count"] + 10)
        said[mine] = pd.Series(keys[mine]).map(share).fillna(base).to_numpy()
    ranked = float(roc_auc_score(failed, said))
    return max(ranked, 1 - ranked)


def _keys(column: Column, values: pd.Series) -> np.ndarray:
    """Group numbers into twenty parts of equal size; words stand for themselves."""
    if column.kind == "category":
        return values.astype(str).to_numpy()
    parts = pd.qcut(values, 20, labels=False, duplicates="drop")
    return parts.fillna(-1).to_numpy()


def _of_one_outcome(values: pd.Series, failed: np.ndarray) -> str | None:
    """Return a frequent value all of whose cases came out alike."""
    rate = failed.mean()
    grouped = pd.Series(failed).groupby(values.astype(str).to_numpy()).agg(["sum", "count"])
    kept = grouped[(grouped["sum"] == 0) & (grouped["count"] * rate >= _EXPECTED)]
    lost = grouped[(grouped["sum"] == grouped["count"]) & (grouped["count"] * (1 - rate) >= _EXPECTED)]
    found = pd.concat([kept, lost]).sort_values("count", ascending=False)
    return str(found.index[0]) if len(found) else None


def _lies_later(values: pd.Series, placed: pd.Series) -> bool:
    """Return whether a column of words holds days, most of them after the placing."""
    some = values[values != ""]
    if len(some) < _LEAST_ROWS or not some.str.contains(r"\d+[-/]\d+[-/]\d+", regex=True).all():
        return False
    days = pd.to_datetime(some, format="mixed", errors="coerce")
    return bool((days.dt.tz_localize(None) > placed[some.index]).mean() > 0.5)


def _corrected(column: Column, cases: Cases) -> str | None:
    """Return the column of which this is a copy that differs in some rows, with another outcome there."""
    mine = cases.facts[column.name].astype(str)
    rate = cases.failed.mean()
    for other in cases.columns[: cases.columns.index(column)]:
        if other.kind != "category":
            continue
        its = cases.facts[other.name].astype(str)
        differ = (mine != its).to_numpy()
        if not _LEAST_ROWS <= differ.sum() <= len(mine) / 2 or mine.isin(its.unique()).mean() < _SAME_WORDS:
            continue
        if abs(cases.failed[differ].mean() - rate) > rate * _TURNED:
            return other.name
    return None
