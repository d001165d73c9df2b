"""One training of the remaining time of orders, as tables that the web adds up.

There are three tables of days, for the middle and both ends of the range. The range is then
made wider or narrower until it holds 8 of 10 of the newest events that the tables had not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from app.insights import drift
from app.insights.learning.keeping import pack
from app.insights.learning.risk import additive
from app.insights.learning.risk.cases import Column
from app.insights.remaining_time_scores import FACTS, FORMAT, LEVELS, days_left
from app.insights.trained import Distribution, Job, Learned, Measured, Row, TooLittleError

LEAST_ORDERS: Final = 60
HELD_BACK, WIDENED_ON = 0.2, 0.2
QUANTILES: Final = (0.1, 0.5, 0.9)
WITHIN: Final = 0.8


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (facts, usual, left, begun, moment, ended); raise TooLittleError saying what is missing."""
    older, held = _apart(sorted(rows, key=lambda row: row[3]))
    job.progress(10, "learning")
    weights = tables_of(older)
    job.progress(80, "measuring")
    known = job.in_use.reference if job.in_use else {}
    facts, newest = _table(older), _table(held)
    names = [name for name in FACTS if facts[name].nunique() > 1]
    return Learned(
        artefact=pack(weights),
        trusted=(),
        weights=weights,
        features=tuple(names),
        rows=len(older),
        held_back=len(held),
        since=older[0][3],
        until=max(row[5] for row in older),
        held_since=held[0][3],
        measured=Measured(
            candidate=figures_of(weights, held),
            baseline={"error": float(np.mean([abs(row[1] - row[2]) for row in held]))},
            in_use=figures_of(job.in_use.weights, held) if job.in_use else None,
        ),
        reference={name: _spread(facts[name]) for name in names},
        recent={name: _spread(newest[name], each) for name, each in known.items()},
    )


def _apart(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Hold back the orders begun last; learn from those that had ended before the first of them began."""
    begun = sorted({row[3] for row in rows})
    least = int(LEAST_ORDERS / (1 - HELD_BACK)) + 1
    if len(begun) < least:
        raise TooLittleError(have=len(begun), least=least)
    first = begun[int(len(begun) * (1 - HELD_BACK))]
    older = [row for row in rows if row[5] < first]
    orders = len({row[3] for row in older})
    if orders < LEAST_ORDERS:
        raise TooLittleError(have=orders, least=LEAST_ORDERS)
    return older, [row for row in rows if row[3] >= first]


def _table(rows: Sequence[Row]) -> pd.DataFrame:
    table = pd.DataFrame([row[0] for row in rows])
    types: dict[str, Any] = {name: float if kind == "number" else str for name, (kind, _) in FACTS.items()}
    return table[list(FACTS)].astype(types)


def tables_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Learn the days left, and what differs from the usual; return what told the newer part better.

    What follows the usual follows a change of pace at once; where the usual jumps, it is better left alone.
    """
    cut = int(len(rows) * (1 - WIDENED_ON))
    fitted, rest = rows[:cut], rows[cut:]
    tried = [_tables(fitted, share) for share in (0.0, 1.0)]
    weights = min(tried, key=lambda each: figures_of(each, rest)["error"])
    told = [days_left(weights, row[0], row[1]) for row in rest]
    # Conformalised quantile regression (Romano, Patterson, Candès, 2019).
    outside = [max(low - row[2], row[2] - high) for (low, _, high), row in zip(told, rest, strict=True)]
    return {**weights, "wider": float(np.quantile(outside, WITHIN))}


def _tables(rows: Sequence[Row], from_usual: float) -> dict[str, Any]:
    facts, left = _table(rows), np.array([row[2] - from_usual * row[1] for row in rows])
    columns = [Column(name, kind) for name, (kind, _) in FACTS.items() if facts[name].nunique() > 1]
    cards = {
        level: dict(additive.fit_quantile(columns, facts, left, share).card())
        for level, share in zip(LEVELS, QUANTILES, strict=True)
    }
    return {"format": FORMAT, "cards": cards, "from_usual": from_usual, "wider": 0.0}


def figures_of(weights: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, float]:
    told = [days_left(weights, row[0], row[1]) for row in rows]
    pairs = list(zip(told, rows, strict=True))
    return {
        "error": float(np.mean([abs(likely - row[2]) for (_, likely, _), row in pairs])),
        "within": float(np.mean([low <= row[2] <= high for (low, _, high), row in pairs])),
    }


def _spread(values: pd.Series, known: Distribution | None = None) -> Distribution:
    if FACTS[str(values.name)][0] == "category":
        words = known.words if known else tuple(sorted(values.unique())[:20])
        return drift.of_words(values, words)
    return drift.of_numbers(values, known.edges if known else drift.deciles(values))
