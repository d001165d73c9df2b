"""What comes again: features of what a customer bought before, with the popular and the alike beside it."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from app.insights.learning.recommend.purchases import Purchases, at, buyers, decayed, table
from app.insights.learning.recommend.ranking import Candidates

# Days; the last is as good as never.
HALF_LIVES = (10, 30, 60, 120, 1_000_000)
OWN, POPULAR, ALIKE = 100, 30, 40
DIMENSIONS = 48
FEATURES = 37
# Which feature is what factors alone say.
FACTORS = -1
# Half-lives in days of the shares that small baskets have; and what a small basket holds at most.
SPANS_OF_SMALL = (30, 90, 1_000_000)
SMALL = 3
_DUE = (0.3, 0.6, 0.9, 1.3, 2, 4)


def candidates(purchases: Purchases, now: float, seed: int, *, only_own: bool = False) -> Candidates:
    """Return what each customer may buy again or newly at a moment, from purchases before it only."""
    past = purchases.before(now)
    counts = [decayed(past, now, days) for days in HALF_LIVES]
    taste = counts[3].copy()
    taste.data = np.log1p(2 * taste.data)
    model = TruncatedSVD(min(DIMENSIONS, min(taste.shape) - 1), n_iter=4, random_state=seed)
    likely = (model.fit_transform(normalize(taste)) @ model.components_).astype(np.float32)
    recent = buyers(past, now, 28)
    others = np.empty((past.customers, 0), dtype=int) if only_own else _others(recent, likely)
    customer, item = _pairs(counts[2], others)
    own = [at(matrix, customer, item) for matrix in counts]
    columns = [
        *(np.log(each + 0.1) for each in own),
        *_shares(past, now, customer, own),
        *_rhythm(past, now, customer, item),
        *_popularity(past, now, item, recent),
        *_shares_of_small(past, now, customer, item),
        *_baskets(past, now, customer),
        likely[customer, item],
    ]
    return Candidates(customer, item, np.column_stack(columns).astype(np.float32))


def alone(purchases: Purchases, now: float, seen: Candidates, seed: int) -> dict[str, np.ndarray]:
    """Return what likeness says by itself of the same pairs, for comparison: factors, and items alike."""
    past = purchases.before(now)
    taste = decayed(past, now, 120)
    taste.data = np.log1p(2 * taste.data)
    columns = normalize(taste.tocsc(), axis=0)
    likeness = (columns.T @ columns).tocsr()
    likeness.setdiag(0)
    rows = normalize(taste)
    items_alike = np.asarray((rows @ likeness).todense())
    return {
        "factors alone (truncated SVD)": seen.features[:, FACTORS],
        "items alike alone (kNN)": items_alike[seen.customer, seen.item],
    }


def _others(recent: np.ndarray, likely: np.ndarray) -> np.ndarray:
    """Return for each customer the popular items, and those that customers alike buy."""
    popular = np.argsort(-recent, kind="stable")[:POPULAR]
    alike = np.argsort(-likely, axis=1, kind="stable")[:, :ALIKE]
    return np.hstack([np.tile(popular, (len(alike), 1)), alike])


def _pairs(matrix: sparse.csr_matrix, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Choose for each customer their own commonest items, and the others of theirs."""
    chosen = []
    for row in range(matrix.shape[0]):
        begin, end = matrix.indptr[row : row + 2]
        best = np.argsort(-matrix.data[begin:end], kind="stable")[:OWN]
        chosen.append(np.unique(np.concatenate([matrix.indices[begin:end][best], others[row]])))
    sizes = [len(each) for each in chosen]
    return np.repeat(np.arange(len(chosen)), sizes), np.concatenate(chosen)


def _shares(past: Purchases, now: float, customer: np.ndarray, own: list[np.ndarray]) -> list[np.ndarray]:
    """Return in which share of a customer's baskets the item was, lately and ever."""
    visits = past.baskets_of()
    shares = []
    for days, mine in zip(HALF_LIVES[1:], own[1:], strict=True):
        weight = 0.5 ** ((now - visits.day) / days)
        total = np.bincount(visits.customer, weights=weight, minlength=past.customers)
        shares.append(np.log(np.clip(mine / np.maximum(total[customer], 1e-6), 0, 1) + 0.01))
    return shares


def _rhythm(past: Purchases, now: float, customer: np.ndarray, item: np.ndarray) -> list[np.ndarray]:
    """Return how long ago the item was bought, its usual gap, and how far the one is of the other."""
    pairs = past.pairs()
    order = np.lexsort((past.day, pairs))
    known, first, count = np.unique(pairs[order], return_index=True, return_counts=True)
    days = past.day[order]
    last = days[first + count - 1]
    gap = np.where(count > 1, (last - days[first]) / np.maximum(count - 1, 1), np.nan)
    usual = _usual_gap(known % past.items, gap, past.items)
    again = np.bincount(known % past.items, weights=count > 1, minlength=past.items)
    each = np.bincount(known % past.items, minlength=past.items)
    wanted = customer.astype(np.int64) * past.items + item
    at_row = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    bought = known[at_row] == wanted
    since = np.where(bought, now - last[at_row], 0)
    mine = np.where(bought & ~np.isnan(gap[at_row]), gap[at_row], usual[item])
    due = np.where(bought, since / np.maximum(mine, 1), 9)
    bands = np.digitize(due, _DUE)
    return [
        bought.astype(float),
        np.log1p(since),
        np.log1p(np.where(bought, mine, 0)),
        np.log1p(usual[item]),
        *((bands == band).astype(float) for band in range(len(_DUE))),
        (again / np.maximum(each, 1))[item],
    ]


def _usual_gap(item: np.ndarray, gap: np.ndarray, items: int) -> np.ndarray:
    """Return the mean gap of an item over its customers, in days; the overall mean where nobody came back."""
    there = ~np.isnan(gap)
    total = np.bincount(item[there], weights=gap[there], minlength=items)
    count = np.bincount(item[there], minlength=items)
    overall = float(gap[there].mean()) if there.any() else 30.0
    return (total + overall) / (count + 1)


def _popularity(past: Purchases, now: float, item: np.ndarray, recent: np.ndarray) -> list[np.ndarray]:
    quarter, ever = buyers(past, now, 90), buyers(past, now, np.inf)
    before = buyers(past, now, 56) - recent
    share = 1 / max(1, len(np.unique(past.customer)))
    return [
        *(np.log(each[item] * share + 0.01) for each in (recent, quarter, ever)),
        np.log((recent[item] + 3) / (np.maximum(before[item], 0) + 3)),
    ]


def _shares_of_small(past: Purchases, now: float, customer: np.ndarray, item: np.ndarray) -> list[np.ndarray]:
    """Return how much of a customer's baskets the item was, and of everybody's, each basket worth the same.

    A large basket holds much by chance; the little that a small one holds is what was come for.
    """
    part = past.part_of_basket()
    shares = []
    for days in SPANS_OF_SMALL:
        mine = table(
            past.customer, past.item, part * 0.5 ** ((now - past.day) / days), (past.customers, past.items)
        )
        total = np.asarray(mine.sum(axis=1)).ravel()
        shares.append(np.log(at(mine, customer, item) / np.maximum(total[customer], 1e-6) + 0.003))
    for span in (28, 90, np.inf):
        rows = past.day >= now - span
        everybody = np.bincount(past.item[rows], weights=part[rows], minlength=past.items)
        shares.append(np.log(everybody[item] / max(everybody.sum(), 1e-9) + 0.0003))
    return shares


def _baskets(past: Purchases, now: float, customer: np.ndarray) -> list[np.ndarray]:
    """Return how many baskets, how large, how long ago the last; of late their size, number, smallness."""
    visits = past.baskets_of()
    count = np.bincount(visits.customer, minlength=past.customers)
    size = np.bincount(visits.customer, weights=visits.size, minlength=past.customers) / np.maximum(count, 1)
    last = np.full(past.customers, -np.inf)
    np.maximum.at(last, visits.customer, visits.day)
    quiet = np.where(count > 0, now - last, 365)
    weight = 0.5 ** ((now - visits.day) / 60)
    lately = np.bincount(visits.customer, weights=weight, minlength=past.customers)
    sizes = np.bincount(visits.customer, weights=weight * visits.size, minlength=past.customers)
    small = np.bincount(visits.customer, weights=weight * (visits.size <= SMALL), minlength=past.customers)
    each_lately = np.maximum(lately, 1e-9)
    logs = (count, size, quiet, sizes / each_lately, lately)
    return [*(np.log1p(each)[customer] for each in logs), (small / each_lately)[customer]]
