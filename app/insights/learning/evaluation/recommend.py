"""How well what a customer buys next is foretold: habits by product type, novelties by product, apart."""

from __future__ import annotations

from functools import partial

import numpy as np

from app.insights.learning.evaluation import baskets
from app.insights.learning.evaluation.baskets import Baskets
from app.insights.learning.evaluation.files import Files
from app.insights.learning.evaluation.reporting import Comparison, Report, Say
from app.insights.learning.recommend import habits, novelties, walking
from app.insights.learning.recommend.measures import TOP, Fit, fit
from app.insights.learning.recommend.purchases import Purchases, buyers
from app.insights.learning.recommend.ranking import HABITS, NOVELTIES, Candidates

MOMENTS_OF_TYPES, MOMENTS_OF_PRODUCTS = 14, 8
# Popularity of the last so many days, and of all time.
SPANS = (28, 60, 120, np.inf)
# So many popular products are tried for each customer until ten are new to them.
MOST_POPULAR = 600
# The last moments of training choose the stronger form of each baseline.
CHOOSING = 4


def evaluate(files: Files, seed: int, say: Say) -> Report:
    """Measure on each household's first basket of the test month, having learned from what was before it."""
    given = baskets.read(files)
    figures, rows, note = _habits(given, seed, say)
    new_figures, new_rows, new_note = _novelties(given, seed, say)
    return Report(figures | new_figures, (*rows, *new_rows), (_protocol(given), note, new_note))


def _protocol(given: Baskets) -> str:
    return (
        f"Test: each household's first basket from {given.test_begins} on, top {TOP}; only what was bought "
        f"before is known. The ranking is learned from the next baskets at earlier moments, walking forward."
    )


def _habits(given: Baskets, seed: int, say: Say) -> tuple[dict[str, float], list[Comparison], str]:
    bought = given.by_type
    see = partial(_seen_habits, bought, seed)
    walked = walking.walk(bought, walking.moments(0, given.begin, MOMENTS_OF_TYPES), see, only_new=False)
    say(f"habits: {len(walked)} earlier moments")
    ranker = walking.learn_from(walked, HABITS, seed)
    at = _strongest_decay(walked)
    now, truth = see(0), bought.first_baskets(0, given.until)
    ours = _fit(now, ranker.score(now.features), truth)
    own = _fit(now, now.features[:, at], truth)
    say(f"habits: recall {ours.recall:.4f}, NDCG {ours.ndcg:.4f}; own count {own.recall:.4f}, {own.ndcg:.4f}")
    days = habits.HALF_LIVES[at]
    called = f"own decayed count, half-life {days} days" if days < 1_000 else "own count"
    figures = {
        "recommend.recall": ours.recall,
        "recommend.ndcg": ours.ndcg,
        "recommend.own_recall": own.recall,
        "recommend.own_ndcg": own.ndcg,
        "recommend.recall_ratio": ours.recall / own.recall,
        "recommend.ndcg_ratio": ours.ndcg / own.ndcg,
    }
    rows = [*_rows("product type", ours, own, called)]
    for name, score in habits.alone(bought, 0, now, seed).items():
        fitted = _fit(now, score, truth)
        rows += _rows("product type", ours, fitted, name)
        rows.append(Comparison("own decayed count, recall@10", own.recall, fitted.recall, name))
    note = f"Product types, bought again or newly: {ours.customers} households."
    return figures, rows, note


def _seen_habits(bought: Purchases, seed: int, now: float) -> Candidates:
    return habits.candidates(bought, now, seed)


def _rows(what: str, ours: Fit, other: Fit, called: str) -> list[Comparison]:
    return [
        Comparison(f"{what}, recall@{TOP}", ours.recall, other.recall, called),
        Comparison(f"{what}, NDCG@{TOP}", ours.ndcg, other.ndcg, called),
    ]


def _fit(seen: Candidates, score: np.ndarray, truth: Purchases) -> Fit:
    return fit(seen.customer, seen.item, score, truth)


def _strongest_decay(walked: list[walking.Moment]) -> int:
    """Return which half-life serves the customer's own count best on the last moments of training."""
    sums = []
    for at in range(len(habits.HALF_LIVES)):
        fits = [
            _fit(each.candidates, each.candidates.features[:, at], each.bought) for each in walked[:CHOOSING]
        ]
        sums.append(sum(each.recall + each.ndcg for each in fits))
    return int(np.argmax(sums))


def _novelties(given: Baskets, seed: int, say: Say) -> tuple[dict[str, float], list[Comparison], str]:
    bought, products = given.by_product, given.products
    at = walking.moments(0, given.begin, MOMENTS_OF_PRODUCTS)
    walked = walking.walk(
        bought, at, lambda now: novelties.candidates(bought, products, now, seed)[0], only_new=True
    )
    say(f"novelties: {len(walked)} earlier moments")
    ranker = walking.learn_from(walked, NOVELTIES, seed)
    span = _strongest_span(bought, walked)
    truth = walking.next_baskets(bought, 0, given.until, only_new=True)
    now, alone = novelties.candidates(bought, products, 0, seed)
    ours, popular = _fit(now, ranker.score(now.features), truth), _popular(bought, 0, span, truth)
    say(f"novelties: hit rate {ours.hit_rate:.4f}; popularity {popular.hit_rate:.4f}")
    figures = {
        "recommend.explore_hit_rate": ours.hit_rate,
        "recommend.popular_hit_rate": popular.hit_rate,
        "recommend.explore_ratio": ours.hit_rate / max(popular.hit_rate, 1e-9),
    }
    called = "popularity of all time" if span == np.inf else f"popularity of {span:.0f} days"
    others = [(called, popular)]
    names = ("factors alone (truncated SVD)", "items alike alone (kNN)", "customers alike alone (kNN)")
    others += [(name, _fit(now, alone[:, column], truth)) for column, name in enumerate(names)]
    what = f"product new to the customer, hit rate of {TOP}"
    rows = [Comparison(what, ours.hit_rate, other.hit_rate, name) for name, other in others]
    return figures, rows, f"Products new to the household: {ours.customers} households bought any."


def _strongest_span(bought: Purchases, walked: list[walking.Moment]) -> float:
    rates = [
        sum(_popular(bought, each.now, span, each.bought).hit_rate for each in walked[:CHOOSING])
        for span in SPANS
    ]
    return SPANS[int(np.argmax(rates))]


def _popular(bought: Purchases, now: float, days: float, truth: Purchases) -> Fit:
    """Return how the same popular products fare with everybody, without what each has bought before."""
    past = bought.before(now)
    count = buyers(past, now, days)
    best = np.argsort(-count, kind="stable")[:MOST_POPULAR]
    customer = np.repeat(np.unique(truth.customer), len(best))
    item = np.tile(best, len(customer) // len(best))
    new = ~np.isin(customer.astype(np.int64) * bought.items + item, past.pairs())
    return fit(customer[new], item[new], count[item[new]], truth)
