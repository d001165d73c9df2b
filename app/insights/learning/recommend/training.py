"""One training of suggestions: what comes again and what is new to each customer, for the tables.

What is chosen and measured is so on a draw of customers; the tables are computed of all, as numbers, before
anything is kept, so that no transaction waits for it and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np

from app.insights.learning.keeping import pack, unpack
from app.insights.learning.recommend import habits, novelties, ranked
from app.insights.learning.recommend.gathering import Known, gather
from app.insights.learning.recommend.lists import KEPT, Lists
from app.insights.learning.recommend.measures import TOP, fit
from app.insights.learning.recommend.purchases import Purchases, buyers
from app.insights.learning.recommend.ranked import Plan
from app.insights.learning.recommend.ranking import Ranker
from app.insights.trained import Job, Learned, Measured, Row

HALF_LIVES = (30.0, 60.0, 120.0, 240.0)
AHEAD = 30
# What an artefact may hold beside what skops itself knows.
TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)
# How many features each ranking is learned from.
FEATURES = {"again": habits.FEATURES, "new": novelties.FEATURES}
# Customers whose next orders choose and measure: more would tell little more, and cost time.
DRAWN = 4_000


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (customer, product, order, moment); raise TooLittleError where that is too little."""
    known = gather(rows, job.now)
    job.progress(20, "learning")
    bought, seed = known.purchases, job.seed
    half_life = max(HALF_LIVES, key=lambda days: _recall(bought, -2.0 * AHEAD, -AHEAD, Plan(days), seed))
    chosen = ranked.learn(bought, -AHEAD, half_life, seed)
    used = _unpacked(job.in_use.artefact) if job.in_use else None
    measured = Measured(
        {"recall": _recall(bought, -AHEAD, 0, chosen, seed)},
        {"recall": _recall_of_popular(bought, seed)},
        {"recall": _recall(bought, -AHEAD, 0, used, seed)} if used is not None else None,
    )
    job.progress(50, "computing")
    plans = {"candidate": chosen} | ({"in_use": used} if used is not None else {})
    facts = _Facts(_rhythm(bought), buyers(bought, 0, 90))
    made = {
        name: list(
            ranked.lists_of(plan, bought, 0, seed, tell=partial(_tell, job, at / len(plans), len(plans)))
        )
        for at, (name, plan) in enumerate(plans.items())
    }
    popular = [_as_popular(known, *each) for each in _popular(bought, 0)]
    held = bought.day >= -AHEAD
    return Learned(
        artefact=_packed(chosen),
        trusted=TRUSTED,
        weights={
            "half_life": half_life,
            "ranks_again": chosen.again is not None,
            "ranks_new": chosen.new is not None,
        },
        features=("own_count", "days_since", "usual_gap", "bought_beside", "popularity"),
        rows=int((~held).sum()),
        held_back=int(held.sum()),
        since=known.begin,
        until=known.end,
        held_since=known.end - timedelta(days=AHEAD),
        measured=measured,
        tables={
            **{name: _rows(known, facts, each) for name, each in made.items()},
            "baseline": [("", [], popular)],
        },
    )


def _tell(job: Job, before: float, plans: int, share: float) -> None:
    job.progress(round(50 + 45 * (before + share / plans)), "computing")


def _drawn(purchases: Purchases, now: float, until: float, seed: int) -> Purchases:
    """Return the next orders of some customers who were known before, drawn with the seed."""
    truth = purchases.first_baskets(now, until + 1e-9)
    who = np.intersect1d(truth.customer, purchases.before(now).customer)
    if len(who) > DRAWN:
        who = np.random.default_rng(seed).choice(who, DRAWN, replace=False)
    return truth.where(np.isin(truth.customer, who))


def _recall(purchases: Purchases, now: float, until: float, plan: Plan, seed: int) -> float:
    """Return recall of ten in the next order of those drawn: habits first, then what is new."""
    truth = _drawn(purchases, now, until, seed)
    customer, item, score = [], [], []
    for each in ranked.lists_of(plan, purchases.before(now), now, seed, np.unique(truth.customer)):
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
class _Facts:
    """What reasons tell: each pair's rhythm, and how many customers bought an item in 90 days."""

    rhythm: _Rhythm
    customers: np.ndarray


def _rows(known: Known, facts: _Facts, made: list[Lists]) -> Iterator[Row]:
    """Yield (customer, again, new), each of these [product, reason, values] and so on, the best first."""
    for each in made:
        pairs = np.int64(each.customer) * known.purchases.items + each.again
        at = np.searchsorted(facts.rhythm.pair, pairs)
        again = [_as_again(known, facts.rhythm, *both) for both in zip(each.again, at, strict=True)]
        new = [
            [known.products[item], "beside", {"product": known.products[own]}]
            if own >= 0
            else _as_popular(known, item, int(facts.customers[item]))
            for item, own in zip(each.new, each.beside, strict=True)
        ]
        yield known.customers[each.customer], again, new


def _as_again(known: Known, rhythm: _Rhythm, item: int, at: int) -> list[Any]:
    times, first, last = (each[at].item() for each in (rhythm.times, rhythm.first, rhythm.last))
    on = (known.end + timedelta(days=last)).date().isoformat()
    values: dict[str, Any] = {"times": times, "last": on}
    gap = (last - first) / (times - 1) if times > 1 else 0.0
    if gap < 1:
        return [known.products[item], "bought", values]
    reason = "due" if -last >= 0.9 * gap else "rhythm"
    return [known.products[item], reason, {**values, "days": round(gap)}]


def _as_popular(known: Known, item: int, count: int) -> list[Any]:
    return [known.products[item], "popular", {"customers": count}]


def _packed(plan: Plan) -> bytes:
    rankers = {name: getattr(plan, name) for name in ("again", "new")}
    parts = {
        name: each and {"line": each.line, "trees": list(each.trees), "line_says": each.line_says}
        for name, each in rankers.items()
    }
    return pack({"half_life": plan.half_life, **parts}, TRUSTED)


def _unpacked(artefact: bytes) -> Plan:
    """Read a plan again; one of before rankings has its half-life only.

    So does one whose rankings were learned from other features than today's: they cannot be asked any more.
    """
    kept = unpack(artefact, TRUSTED)
    rankers = {name: _ranker(kept.get(name), count) for name, count in FEATURES.items()}
    return Plan(float(kept["half_life"]), **rankers)


def _ranker(kept: dict[str, Any] | None, features: int) -> Ranker | None:
    if not kept or kept["line"].n_features_in_ != features:
        return None
    return Ranker(kept["line"], tuple(kept["trees"] or ()), float(kept["line_says"]))
