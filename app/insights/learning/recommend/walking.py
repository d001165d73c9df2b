"""Learning by walking forward: at each earlier moment what was known then, and the basket that came next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.recommend.purchases import Purchases
from app.insights.learning.recommend.ranking import Candidates, Manner, Ranker, learn

# Days: from one moment to the next, within which the next basket comes, and of history before the first.
STEP, AHEAD, HISTORY = 15, 30, 60
FEWEST_MOMENTS = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """What could be suggested at a moment, and what was bought next."""

    now: float
    candidates: Candidates
    bought: Purchases


def moments(now: float, begin: float, most: int) -> list[float]:
    """Return earlier moments whose next baskets are known by `now`, the latest first."""
    found = [
        now - AHEAD - STEP * step for step in range(most) if now - AHEAD - STEP * step >= begin + HISTORY
    ]
    if len(found) < FEWEST_MOMENTS:
        days = HISTORY + AHEAD + STEP
        raise TooLittleDataError("days of purchases before the test", int(now - begin), days)
    return found


def walk(
    purchases: Purchases, at: list[float], see: Callable[[float], Candidates], *, only_new: bool
) -> list[Moment]:
    """Return each moment with what was bought next; with `only_new`, of that what was new to the customer."""
    return [Moment(now, see(now), next_baskets(purchases, now, now + AHEAD, only_new=only_new)) for now in at]


def next_baskets(purchases: Purchases, now: float, until: float, *, only_new: bool) -> Purchases:
    first = purchases.first_baskets(now, until)
    if not only_new:
        return first
    return first.where(~np.isin(first.pairs(), purchases.before(now).pairs()))


def learn_from(walked: list[Moment], manner: Manner, seed: int) -> Ranker:
    """Learn from customers who bought anything; who stayed away tells nothing."""
    rows, labels, sizes = [], [], []
    for moment in walked:
        bought = moment.bought
        came = np.flatnonzero(np.isin(moment.candidates.customer, bought.customer))
        rows.append(came)
        labels.append(moment.candidates.labels(bought.pairs(), bought.items)[came])
        size = np.bincount(np.unique(bought.pairs()) // bought.items, minlength=bought.customers)
        sizes.append(size[moment.candidates.customer[came]])
    ends = np.cumsum([len(each) for each in rows])[:-1]

    def features(kept: np.ndarray) -> np.ndarray:
        """Of millions of rows only those that are kept are copied."""
        parts = zip(walked, rows, np.split(kept, ends), strict=True)
        return np.concatenate([moment.candidates.features[came[of]] for moment, came, of in parts])

    return learn(features, np.concatenate(labels), np.concatenate(sizes), manner, seed)
