"""What was known of a case after each of its events, and how long it still took: one row for each.

Besides the case itself a row holds how long the last cases took from the same step, of those that had ended
by then: when the way of working changes, that moves at once, and nothing of it lies in the future.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.remaining.xes import Trace
from app.wording import worded

DAY: Final = 86_400.0
RECENT: Final = 30  # ended cases that say how long it takes now
FEWEST: Final = 5
MOST_WORDS: Final = 20  # of an attribute that is worth a column
NUMBERS: Final = (
    "event", "elapsed", "since_last", "weekday", "hour", "repeated",
    "recent", "recent_spread", "recent_whole", "recent_left",
)  # fmt: skip


def table(traces: Iterable[Trace]) -> pd.DataFrame:
    """Return a row for each event: the case, the step, its numbers, `left` in days, and what came next.

    Attributes that have few different values are columns too, named `is:KEY`.
    """
    rows = [row for number, trace in enumerate(traces) for row in _rows(number, trace)]
    if not rows:
        raise TooLittleDataError(worded("events"), 0, 1)
    found = pd.DataFrame(rows).sort_values("at", kind="stable").reset_index(drop=True)
    words = [name for name in found if str(name).startswith("is:")]
    dropped = [name for name in words if not 2 <= found[name].nunique() <= MOST_WORDS]
    found = found.drop(columns=dropped)
    kept = [name for name in words if name not in dropped]
    found[kept] = found[kept].fillna("").astype(str)
    return _with_recent(found)


def words_of(table_: pd.DataFrame) -> list[str]:
    """Return the columns of words."""
    return ["step", "previous", *(str(name) for name in table_ if str(name).startswith("is:"))]


def _rows(number: int, trace: Trace) -> Iterable[dict[str, object]]:
    events = trace.events
    if not events:
        return
    begun, ended, seen = events[0].at, events[-1].at, dict[str, int]()
    for at, event in enumerate(events):
        seen[event.step] = seen.get(event.step, 0) + 1
        before = events[at - 1] if at else None
        yield {
            "case": number,
            "begun": begun,
            "ended": ended,
            "at": event.at,
            "step": event.step,
            "previous": before.step if before else "",
            "next": events[at + 1].step if at + 1 < len(events) else "",
            "event": float(at),
            "elapsed": (event.at - begun).total_seconds() / DAY,
            "since_last": (event.at - before.at).total_seconds() / DAY if before else 0.0,
            "weekday": float(event.at.weekday()),
            "hour": float(event.at.hour),
            "repeated": float(seen[event.step] - 1),
            "left": (ended - event.at).total_seconds() / DAY,
            **{f"is:{key}": value for key, value in event.more.items()},
        }


def _with_recent(found: pd.DataFrame) -> pd.DataFrame:
    """Add how long it took from each step, and in all, in the cases that had ended last by each event."""
    middle, spread = np.full(len(found), np.nan), np.full(len(found), np.nan)
    for _, rows in found.groupby("step"):
        middle[rows.index], spread[rows.index] = _recent(rows["at"], rows["ended"], rows["left"])
    cases = found.drop_duplicates("case")
    whole = (cases["ended"] - cases["begun"]).dt.total_seconds() / DAY
    of_all, _ = _recent(found["at"], cases["ended"], whole)
    return found.assign(
        recent=middle,
        recent_spread=spread,
        recent_whole=of_all,
        recent_left=of_all - found["elapsed"].to_numpy(),
    )


def _recent(asked: pd.Series, ended: pd.Series, took: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return median and spread of the last that had ended by each moment; NaN where there are too few."""
    order = np.argsort(ended.to_numpy(), kind="stable")
    ends, days = ended.to_numpy()[order], took.to_numpy()[order]
    known = np.searchsorted(ends, asked.to_numpy())
    middle, spread = np.full(len(asked), np.nan), np.full(len(asked), np.nan)
    for at in np.unique(known):
        if at >= FEWEST:
            low, half, high = np.quantile(days[max(0, at - RECENT) : at], (0.1, 0.5, 0.9))
            middle[known == at], spread[known == at] = half, high - low
    return middle, spread
