"""A business's own rankings: learned as they are measured, and used only where they beat plain counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.recommend import habits, novelties, walking
from app.insights.learning.recommend.lists import KEPT, Lists, beside, lists, near
from app.insights.learning.recommend.measures import fit, ranks
from app.insights.learning.recommend.novelties import Products
from app.insights.learning.recommend.purchases import Purchases, buyers, decayed
from app.insights.learning.recommend.ranking import HABITS, NOVELTIES, Candidates, Manner, Ranker

# Customers that are ranked together: tables over all items are held for so many at a time.
GROUP = 4_000
# Customers that rankings are learned from: twice those of the public baskets; their moments are in memory.
LEARNED = 1_500
# Ranking takes 2 to 20 ms of the processor for a customer, so a night has time for so many: those who ordered
# last, who are the likeliest to order next. For the others counts answer.
MOST = 100_000
MOMENTS = 8
# Fewer known products than this are no choice that could be learned, and fewer examples teach chance.
FEWEST, FEWEST_EXAMPLES = 10, 50


@dataclass(frozen=True, slots=True)
class Plan:
    """How lists are made: from counts that decay, and where they were better, from rankings."""

    half_life: float
    again: Ranker | None = None
    new: Ranker | None = None


def learn(bought: Purchases, now: float, half_life: float, seed: int) -> Plan:
    """Learn both rankings from the next orders before `now`, of some customers.

    Each is judged on the newest of them, from which it learned nothing, beside what counts alone would list
    there; it is kept where it is better.
    """
    who = np.unique(bought.before(now).customer)
    if len(who) > LEARNED:
        who = np.random.default_rng(seed).choice(who, LEARNED, replace=False)
    part = _regrouped(bought, np.sort(who))
    plain = Plan(half_life)
    try:
        at = walking.moments(now, float(part.day.min()), MOMENTS)
    except TooLittleDataError:
        return plain
    if len(at) <= 2 or not _is_enough(part.before(at[-1]), at[-1]):
        return plain
    again = walking.walk(part, at, partial(_owned, part, seed), only_new=False)
    again = [replace(each, bought=_known_before(part, each)) for each in again]
    new = walking.walk(part, at, partial(_strange, part, seed), only_new=True)
    counted = list(lists(part.before(at[0]), at[0], half_life))
    mine = [[each.again for each in counted], [each.new for each in counted]]
    people = [each.customer for each in counted]
    rankers = [
        _better(walked, manner, _fit_of(people, listed, walked[0].bought), seed)
        for walked, manner, listed in zip((again, new), (HABITS, NOVELTIES), mine, strict=True)
    ]
    return Plan(half_life, *rankers)


def _better(walked: list[walking.Moment], manner: Manner, counted: float, seed: int) -> Ranker | None:
    """Return a ranking learned from all moments, where one without the newest two beats the counts there."""
    if sum(len(each.bought.item) for each in walked[2:]) < FEWEST_EXAMPLES:
        return None
    if _fit(walked[0], walking.learn_from(walked[2:], manner, seed)) <= counted:
        return None
    return walking.learn_from(walked, manner, seed)


def _owned(bought: Purchases, seed: int, now: float) -> Candidates:
    return habits.candidates(bought, now, seed, only_own=True)


def _strange(bought: Purchases, seed: int, now: float) -> Candidates:
    """Return what is new; a catalogue has no types, so each product is one of its own."""
    products = Products(np.arange(bought.items), np.zeros(bought.items, dtype=int))
    return novelties.candidates(bought, products, now, seed)[0]


def _known_before(bought: Purchases, moment: walking.Moment) -> Purchases:
    following = moment.bought
    return following.where(np.isin(following.pairs(), bought.before(moment.now).pairs()))


def _is_enough(past: Purchases, now: float) -> bool:
    return int((buyers(past, now, np.inf) >= novelties.FEWEST_BUYERS).sum()) >= FEWEST


def _fit(moment: walking.Moment, ranker: Ranker) -> float:
    seen = moment.candidates
    return fit(seen.customer, seen.item, ranker.score(seen.features), moment.bought).ndcg


def _fit_of(people: list[int], listed: list[np.ndarray], truth: Purchases) -> float:
    sizes = [len(each) for each in listed]
    if not len(truth.item) or not sum(sizes):
        return 0.0
    score = np.concatenate([-np.arange(size) for size in sizes])
    return fit(np.repeat(people, sizes), np.concatenate(listed), score, truth).ndcg


def lists_of(
    plan: Plan,
    bought: Purchases,
    now: float,
    seed: int,
    chosen: np.ndarray | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> Iterator[Lists]:
    """Yield the lists of the chosen customers, or of all, from what was bought before `now`.

    `tell` hears which share of the ranking is done, from 0 to 1.
    """
    past = bought.before(now + 1e-9)
    counted = lists(past, now, plan.half_life, chosen)
    if plan.again is None and plan.new is None:
        yield from counted
        return
    made = {each.customer: each for each in counted}
    who = np.random.default_rng(seed).permutation(_latest(past, np.array(list(made), dtype=int)))
    groups = max(1, -(-len(who) // GROUP))
    for done, some in enumerate(np.array_split(who, groups), 1):
        _rank(plan, past, now, seed, np.sort(some), made)
        tell(done / groups)
    yield from made.values()


def _latest(past: Purchases, who: np.ndarray) -> np.ndarray:
    """Return those of some customers who ordered last, as many as can be ranked."""
    if len(who) <= MOST:
        return who
    last = np.full(past.customers, -np.inf)
    np.maximum.at(last, past.customer, past.day)
    return np.sort(who[np.argsort(-last[who], kind="stable")[:MOST]])


def _rank(
    plan: Plan, past: Purchases, now: float, seed: int, who: np.ndarray, made: dict[int, Lists]
) -> None:
    """Put the rankings' order in place of the counts' for a group of customers."""
    part = _regrouped(past, who)
    if plan.again is not None:
        for at, item in _best(_owned(part, seed, now), plan.again):
            made[int(who[at])] = replace(made[int(who[at])], again=item)
    if plan.new is not None and _is_enough(part, now):
        own = decayed(part, now, plan.half_life)
        alike = near(own)
        for at, item in _best(_strange(part, seed, now), plan.new):
            begin, end = own.indptr[at : at + 2]
            speaks = beside(own.indices[begin:end], own.data[begin:end], alike, item)
            made[int(who[at])] = replace(made[int(who[at])], new=item, beside=speaks)


def _best(seen: Candidates, ranker: Ranker) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each customer with their best items, the best first."""
    rank, row = ranks(seen.customer, ranker.score(seen.features))
    row = row[rank < KEPT]
    customer, begin = np.unique(seen.customer[row], return_index=True)
    for at, item in zip(customer, np.split(seen.item[row], begin[1:]), strict=True):
        yield int(at), item


def _regrouped(bought: Purchases, who: np.ndarray) -> Purchases:
    """Return the purchases of some customers, who are counted anew from 0 in this order."""
    part = bought.where(np.isin(bought.customer, who))
    return replace(part, customer=np.searchsorted(who, part.customer), customers=len(who))
