"""How something passes from step to step, and how long it still took from each.

Learner and web reckon the facts of a step by one function, from what was known in its moment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from app.insights.trained import Row

# So many orders that were closed last from a milestone say how long it takes now.
RECENT, FEWEST = 30, 5
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Path:
    """An order's milestones with their moments; `words` are facts that it has from the beginning."""

    number: str
    customer_id: UUID
    events: tuple[tuple[str, datetime], ...]
    ended_at: datetime | None
    words: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Usual:
    """How long the last orders took from a milestone and in all, in days."""

    left: float
    spread: float
    whole: float


class Lately:
    """What the last closed orders took, as it was known at any moment."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._steps: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
        self._whole: list[tuple[datetime, float]] = []
        for path in sorted((each for each in paths if each.ended_at), key=lambda each: each.ended_at or 0):
            if path.ended_at is None:
                continue
            self._whole.append((path.ended_at, _days(path.events[0][1], path.ended_at)))
            for step, at in dict(path.events).items():  # the last time in each
                self._steps[step].append((path.ended_at, _days(at, path.ended_at)))

    def usual(self, step: str, at: datetime) -> Usual | None:
        """Return what was usual from a milestone by then; None where too few had ended."""
        took = _last(self._steps.get(step, []), at)
        if len(took) < FEWEST:
            return None
        tenths = quantiles(took, n=10, method="inclusive")
        return Usual(median(took), tenths[8] - tenths[0], median(_last(self._whole, at)))


def _last(known: Sequence[tuple[datetime, float]], at: datetime) -> list[float]:
    upto = bisect_left(known, at, key=lambda each: each[0])
    return [days for _, days in known[max(0, upto - RECENT) : upto]]


def known_of(path: Path, place: int, usual: Usual) -> dict[str, Any]:
    """Return the facts of an order after one of its milestones."""
    step, at = path.events[place]
    before = path.events[place - 1] if place else None
    elapsed = _days(path.events[0][1], at)
    return {
        "milestone": step,
        "milestone_and_size": f"{step} {path.words['digits']}",
        "usual_left": usual.left,
        "before": before[0] if before else "",
        "passed": float(place),
        "elapsed": elapsed,
        "since_before": _days(before[1], at) if before else 0.0,
        "weekday": str(at.weekday()),
        "hour": float(at.hour),
        "again": float(sum(name == step for name, _ in path.events[:place])),
        "recent_spread": usual.spread,
        "recent_left": usual.whole - elapsed,
        **path.words,
    }


def rows_of(paths: Sequence[Path]) -> Iterator[Row]:
    """Yield (facts, usual days, days left, begun, moment, ended) of each step but the last of ended ones."""
    lately = Lately(paths)
    for path in paths:
        for place, (step, at) in enumerate(path.events[:-1]):
            usual = lately.usual(step, at)
            if usual is not None and path.ended_at is not None:
                left = _days(at, path.ended_at)
                facts = known_of(path, place, usual)
                yield facts, usual.left, left, path.events[0][1], at, path.ended_at


def _days(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds() / DAY
