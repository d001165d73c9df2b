"""One training of suggestions: each customer's own habits, and what is bought beside them, for the tables.

What is chosen and measured is so on a draw of customers; the tables are computed of all, as numbers, before
anything is kept, so that no transaction waits for it and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from app.insights.learning.keeping import pack, unpack
from app.insights.learning.recommend.gathering import Known, gather
from app.insights.learning.recommend.lists import KEPT, Lists, lists
from app.insights.learning.recommend.measures import TOP, fit
from app.insights.learning.recommend.purchases import Purchases, buyers
from app.insights.trained import Job, Learned, Measured, Row

HALF_LIVES = (30.0, 60.0, 120.0, 240.0)
AHEAD = 30
# Customers whose next orders choose and measure: more would tell little more, and cost time.
DRAWN = 4_000


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (customer, product, order, moment); raise TooLittleError where that is too little."""
    known = gather(rows, job.now)
    job.progress(20, "learning")
    bought, seed = known.purchases, job.seed
    chosen = max(HALF_LIVES, key=lambda days: _recall(bought, -2.0 * AHEAD, -AHEAD, days, seed))
    used = float(unpack(job.in_use.artefact)["half_life"]) if job.in_use else None
    measured = Measured(
        {"recall": _recall(bought, -AHEAD, 0, chosen, seed)},
        {"recall": _recall_of_popular(bought, seed)},
        {"recall": _recall(bought, -AHEAD, 0, used, seed)} if used is not None else None,
    )
    job.progress(50, "computing")
    plans = {"candidate": chosen} | ({"in_use": used} if used is not None else {})
    made = {days: _Table(list(lists(bought, 0, days)), _rhythm(bought)) for days in set(plans.values())}
    popular = [_as_popular(known, *each) for each in _popular(bought, 0)]
    held = bought.day >= -AHEAD
    return Learned(
        artefact=pack({"half_life": chosen}),
        trusted=(),
        weights={"half_life": chosen},
        features=("own_count", "days_since", "usual_gap", "bought_beside", "popularity"),
        rows=int((~held).sum()),
        held_back=int(held.sum()),
        since=known.begin,
        until=known.end,
        held_since=known.end - timedelta(days=AHEAD),
        measured=measured,
        tables={
            **{name: made[days].rows(known) for name, days in plans.items()},
            "baseline": [("", [], popular)],
        },
    )


def _drawn(purchases: Purchases, now: float, until: float, seed: int) -> Purchases:
    """Return the next orders of some customers who were known before, drawn with the seed."""
    truth = purchases.first_baskets(now, until + 1e-9)
    who = np.intersect1d(truth.customer, purchases.before(now).customer)
    if len(who) > DRAWN:
        who = np.random.default_rng(seed).choice(who, DRAWN, replace=False)
    return truth.where(np.isin(truth.customer, who))


def _recall(purchases: Purchases, now: float, until: float, half_life: float, seed: int) -> float:
    """Return recall of ten in the next order of those drawn: habits first, then what is new."""
    truth = _drawn(purchases, now, until, seed)
    customer, item, score = [], [], []
    for each in lists(purchases.before(now), now, half_life, np.unique(truth.customer)):
        listed = [*each.again[:TOP], *each.new][:TOP]
        customer += [each.customer] * len(listed)
        item += listed
        score += list(range(len(listed), 0, -1))
    return _fitted(np.array(customer), np.array(item), np.array(score), truth)


def _recall_of_popular(purchases: Purchases, seed: int) -> float:
    truth = _drawn(purchases, -AHEAD, 0, seed)
    best = [at for at, _ in _popular(purchases, -AHEAD)][:TOP]
    customer = np.repeat(np.unique(truth.customer), len(best))
    people = len(customer) // max(1, len(best))
    return _fitted(customer, np.tile(best, people), -np.tile(np.arange(len(best)), people), truth)


def _fitted(customer: np.ndarray, item: np.ndarray, score: np.ndarray, truth: Purchases) -> float:
    if not len(truth.item) or not len(item):
        return 0.0
    return fit(customer.astype(int), item.astype(int), score, truth).recall


def _popular(purchases: Purchases, now: float) -> list[tuple[int, int]]:
    """Return items with how many customers bought them in the last 90 days, the most first."""
    count = buyers(purchases.before(now), now, 90)
    best = np.argsort(-count, kind="stable")[:KEPT]
    return [(int(at), int(count[at])) for at in best if count[at] > 0]


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """By pair of customer and item, in order: how often, and the days of the first time and the last."""

    pair: np.ndarray
    times: np.ndarray
    first: np.ndarray
    last: np.ndarray


def _rhythm(purchases: Purchases) -> _Rhythm:
    pairs = purchases.pairs()
    order = np.lexsort((purchases.day, pairs))
    pair, begin, times = np.unique(pairs[order], return_index=True, return_counts=True)
    days = purchases.day[order]
    return _Rhythm(pair, times, days[begin], days[begin + times - 1])


@dataclass(frozen=True, slots=True)
class _Table:
    """All lists as numbers; names and reasons are put to them one customer at a time."""

    lists: list[Lists]
    rhythm: _Rhythm

    def rows(self, known: Known) -> Iterator[Row]:
        """Yield (customer, again, new), each of these [product, reason, values] and so on, the best first."""
        for each in self.lists:
            pairs = np.int64(each.customer) * known.purchases.items + each.again
            at = np.searchsorted(self.rhythm.pair, pairs)
            again = [self._as_again(known, *both) for both in zip(each.again, at, strict=True)]
            new = [
                [known.products[item], "beside", {"product": known.products[own]}]
                for item, own in zip(each.new, each.beside, strict=True)
            ]
            yield known.customers[each.customer], again, new

    def _as_again(self, known: Known, item: int, at: int) -> list[Any]:
        times, first, last = (
            each[at].item() for each in (self.rhythm.times, self.rhythm.first, self.rhythm.last)
        )
        on = (known.end + timedelta(days=last)).date().isoformat()
        values: dict[str, Any] = {"times": times, "last": on}
        gap = (last - first) / (times - 1) if times > 1 else 0.0
        if gap < 1:
            return [known.products[item], "bought", values]
        reason = "due" if -last >= 0.9 * gap else "rhythm"
        return [known.products[item], reason, {**values, "days": round(gap)}]


def _as_popular(known: Known, item: int, count: int) -> list[Any]:
    return [known.products[item], "popular", {"customers": count}]
