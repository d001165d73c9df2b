"""One training of the segments: found a quarter ago, judged by how much its orders differ between them.

Recency, frequency and value are taken as logarithms, each on one scale, and grouped by k-means. There are as
many groups as come out again when they are found in samples of the customers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from app.insights.learning.keeping import pack
from app.insights.learning.segments.following import numbered, numbers_of
from app.insights.trained import Distribution, Job, Learned, Measured, Row, TooLittleError

HELD_BACK, LOOKED_BACK = timedelta(days=90), timedelta(days=730)
LEAST_CUSTOMERS, LEAST_DAYS = 40, 180
CANDIDATES = range(2, 9)
SAMPLES, SAMPLED = 6, 0.8
# Two samples that agree less than this (adjusted Rand index) found different segments.
STABLE = 0.95
METRIC, REFERENCE = "told", "segment"
THIRDS = ("most", "middle", "least")
_WORDS = (("recent", "lapsed"), ("often", "rarely"), ("much", "little"))


@dataclass(frozen=True, slots=True)
class Known:
    """Customers as they stood at a moment: days since the last order, orders, and their total."""

    names: tuple[str, ...]
    figures: np.ndarray


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (customer's pseudonym, moment, total), the oldest first; raise TooLittleError."""
    orders = list(rows)
    cut = job.now - HELD_BACK
    then = _known(orders, cut)
    days = (job.now - orders[0][1]).days if orders else 0
    if len(then.names) < LEAST_CUSTOMERS or days < LEAST_DAYS:
        figures = {"have": len(then.names), "least": LEAST_CUSTOMERS, "days": days, "least_days": LEAST_DAYS}
        raise TooLittleError("too_few_customers", **figures)
    job.progress(10, "grouping")
    with threadpool_limits(limits=1):
        weights = _found(then, job.seed)
    used = job.in_use.weights if job.in_use else None
    weights["numbers"], weights["next"] = numbered(weights, used)
    job.progress(70, "measuring")
    came = Counter(name for name, moment, _ in orders if moment >= cut)
    outcome = np.log1p([came[name] for name in then.names])
    now = _known(orders, job.now)
    mine = _told(weights, then)
    return Learned(
        artefact=pack({"centres": np.array(weights["centres"])}),
        trusted=(),
        weights=weights,
        features=("recency", "frequency", "value"),
        rows=len(then.names),
        held_back=sum(came[name] for name in then.names),
        since=orders[0][1],
        until=cut,
        held_since=cut,
        measured=Measured(
            candidate={
                METRIC: explained(mine, outcome),
                "stability": weights["agreement"],
                "segments": float(len(weights["centres"])),
            },
            baseline={METRIC: explained(_thirds(then), outcome)},
            in_use={METRIC: explained(_told(used, then), outcome)} if used else None,
        ),
        reference={REFERENCE: _spread(mine, weights)},
        recent={REFERENCE: _spread(_told(used, now), used)} if used else {},
        tables={
            "candidate": _table(now, _told(weights, now), numbers_of(weights)),
            "baseline": _table(now, _thirds(now), range(1, len(THIRDS) + 1), THIRDS),
            **({"in_use": _table(now, _told(used, now), numbers_of(used))} if used else {}),
        },
    )


def _known(orders: Sequence[Row], at: datetime) -> Known:
    last: dict[str, datetime] = {}
    counts: Counter[str] = Counter()
    totals: dict[str, float] = {}
    for name, moment, total in orders:
        if at - LOOKED_BACK <= moment < at:
            last[name] = moment
            counts[name] += 1
            totals[name] = totals.get(name, 0.0) + total
    figures = [[(at - last[name]).days, counts[name], totals[name]] for name in last]
    return Known(tuple(last), np.array(figures, float).reshape(-1, 3))


def _found(known: Known, seed: int) -> dict[str, Any]:
    logs = np.log1p(np.maximum(known.figures, 0))
    means, spreads = logs.mean(axis=0), np.maximum(logs.std(axis=0), 1e-9)
    points = (logs - means) / spreads
    stability = {k: _stability(points, k, seed) for k in CANDIDATES if k * 8 <= len(points)}
    stable = [k for k, agreement in stability.items() if agreement >= STABLE]
    k = max(stable) if stable else max(stability, key=lambda each: stability[each])
    centres = KMeans(n_clusters=k, n_init=10, random_state=seed).fit(points).cluster_centers_
    # Those who order for most come first.
    centres = centres[np.argsort(-centres[:, 2], kind="stable")]
    return {
        "means": means.tolist(),
        "spreads": spreads.tolist(),
        "centres": centres.tolist(),
        "stability": {str(each): round(agreement, 4) for each, agreement in stability.items()},
        "agreement": round(stability[k], 4),
    }


def _stability(points: np.ndarray, k: int, seed: int) -> float:
    """Return how much groups found in samples agree on all customers."""
    random = np.random.default_rng(seed)
    labelled = []
    for number in range(SAMPLES):
        drawn = random.choice(len(points), int(len(points) * SAMPLED), replace=False)
        model = KMeans(n_clusters=k, n_init=3, random_state=seed + number).fit(points[drawn])
        labelled.append(model.predict(points))
    return float(np.mean([adjusted_rand_score(one, other) for one, other in combinations(labelled, 2)]))


def _codes(known: Known, told: np.ndarray) -> list[str]:
    """Name each segment by where the middle of its customers stands to that of all, as they are now."""
    middle, codes = np.median(known.figures, axis=0), []
    for at in range(int(told.max(initial=-1)) + 1):
        mine = np.median(known.figures[told == at], axis=0) if (told == at).any() else middle
        sides = (mine[0] <= middle[0], mine[1] >= middle[1], mine[2] >= middle[2])
        codes.append(" ".join(words[0 if side else 1] for words, side in zip(_WORDS, sides, strict=True)))
    return codes


def _told(weights: Mapping[str, Any], known: Known) -> np.ndarray:
    """Return each customer's segment, 0 to k - 1: the nearest."""
    logs = np.log1p(np.maximum(known.figures, 0))
    points = (logs - np.array(weights["means"])) / np.array(weights["spreads"])
    centres = np.array(weights["centres"])
    distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(distances.argmin(axis=1))


def _thirds(known: Known) -> np.ndarray:
    places = np.argsort(np.argsort(-known.figures[:, 2], kind="stable"), kind="stable")
    return np.asarray(places * 3 // max(1, len(places)))


def explained(groups: np.ndarray, outcome: np.ndarray) -> float:
    """Return the share of the outcome's variance between groups, less what as many groups show by chance."""
    whole = float(((outcome - outcome.mean()) ** 2).sum())
    kinds = np.unique(groups)
    if whole == 0 or len(kinds) < 2:
        return 0.0
    parts = [outcome[groups == each] for each in kinds]
    within = sum(float(((part - part.mean()) ** 2).sum()) for part in parts)
    freedom = len(outcome) - len(kinds)
    return max(0.0, 1 - (within / freedom) / (whole / (len(outcome) - 1)))


def _spread(told: np.ndarray, weights: Mapping[str, Any]) -> Distribution:
    numbers = numbers_of(weights)
    counts = np.bincount(told, minlength=len(numbers))
    return Distribution(tuple(int(each) for each in counts), words=tuple(map(str, numbers)))


def _table(
    known: Known, told: np.ndarray, numbers: Sequence[int], thirds: Sequence[str] = ()
) -> Iterator[Row]:
    codes = thirds or _codes(known, told)
    for name, (recency, frequency, value), at in zip(known.names, known.figures, told, strict=True):
        yield name, numbers[at], codes[at], int(recency), int(frequency), float(value)
