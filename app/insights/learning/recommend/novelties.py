"""What is new to a customer: products they never bought, weighed by what they and those like them buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.recommend import first_times
from app.insights.learning.recommend.purchases import Purchases, at, buyers, decayed, table
from app.insights.learning.recommend.ranking import Candidates

FEATURES = 39
HALF_LIFE_DAYS = 120
DIMENSIONS, NEIGHBOURS = 32, 60
POPULAR, BY_TYPE, BY_SCORE = 120, 80, 60
# Scores are computed for so many customers at a time: memory stays bounded.
BLOCK = 400
FEWEST_BUYERS = 5
# Of such products; with fewer there is nothing to choose from.
FEWEST_PRODUCTS = 10


@dataclass(frozen=True, slots=True)
class Products:
    """For each item its type and its department, counted from 0."""

    kind: np.ndarray
    department: np.ndarray


@dataclass(frozen=True, slots=True)
class Scores:
    """Customers by known products, each from another point of view; used alone they are the comparison."""

    factors: np.ndarray
    alike_items: np.ndarray
    alike_customers: np.ndarray
    places: np.ndarray


@dataclass(frozen=True, slots=True)
class _Past:
    purchases: Purchases
    now: float
    owned: sparse.csr_matrix
    known: np.ndarray
    recent: np.ndarray
    taste: sparse.csr_matrix
    latent: np.ndarray
    components: np.ndarray
    likeness: sparse.csr_matrix
    kinds: sparse.csr_matrix
    profile: sparse.csr_matrix


def candidates(
    purchases: Purchases, products: Products, now: float, seed: int
) -> tuple[Candidates, np.ndarray]:
    """Return products new to each customer at a moment, and beside them the scores of factors and likeness.

    The scores are columns: factors (SVD), items alike, customers alike, places.
    """
    past = _learned(purchases.before(now), products, now, seed)
    parts = []
    for begin in range(0, purchases.customers, BLOCK):
        rows = np.arange(begin, min(begin + BLOCK, purchases.customers))
        scores = _scores(past, rows)
        customer, position = _pairs(past, products, rows, scores)
        row = customer - begin
        alone = np.column_stack(
            [
                each[row, position]
                for each in (scores.factors, scores.alike_items, scores.alike_customers, scores.places)
            ]
        )
        parts.append((customer, past.known[position], alone))
    customer, item, alone = (np.concatenate(column) for column in zip(*parts, strict=True))
    features = np.column_stack(
        [
            *_of_pairs(past, products, customer, item),
            np.log(alone.clip(0) + 1e-4),
            *first_times.features(past.purchases, products.kind, now, customer, item),
        ]
    )
    return Candidates(customer, item, features.astype(np.float32)), alone


def _learned(past: Purchases, products: Products, now: float, seed: int) -> _Past:
    owned = decayed(past, now, np.inf)
    known = np.flatnonzero(buyers(past, now, np.inf) >= FEWEST_BUYERS)
    if len(known) < FEWEST_PRODUCTS:
        raise TooLittleDataError("products that several customers bought", len(known), FEWEST_PRODUCTS)
    taste = decayed(past, now, HALF_LIFE_DAYS)[:, known]
    taste.data = np.log1p(2 * taste.data)
    taste = normalize(taste)
    model = TruncatedSVD(min(DIMENSIONS, min(taste.shape) - 1), n_iter=3, random_state=seed)
    latent = model.fit_transform(taste)
    columns = normalize((owned[:, known] > 0).astype(np.float32).tocsc(), axis=0)
    likeness = (columns.T @ columns).tocsr()
    likeness.setdiag(0)
    weight = 0.5 ** ((now - past.day) / HALF_LIFE_DAYS)
    shape = (past.customers, int(products.kind.max()) + 1)
    kinds = table(past.customer, products.kind[past.item], weight, shape)
    profile = kinds.copy()
    profile.data = np.log1p(profile.data)
    rarity = np.log(past.customers / (1 + np.asarray((kinds > 0).sum(axis=0)).ravel()))
    return _Past(
        past,
        now,
        owned,
        known,
        buyers(past, now, 28),
        taste,
        latent,
        model.components_,
        likeness,
        kinds,
        normalize(profile @ sparse.diags(rarity.clip(0))),
    )


def _scores(past: _Past, rows: np.ndarray) -> Scores:
    neighbours = np.asarray((past.profile[rows] @ past.profile.T).todense())
    neighbours[np.arange(len(rows)), rows] = 0
    count = min(NEIGHBOURS, neighbours.shape[1])
    least = np.partition(neighbours, -count, axis=1)[:, [-count]]
    neighbours = np.where(neighbours >= least, neighbours, 0)
    neighbours /= neighbours.sum(axis=1, keepdims=True) + 1e-9
    lately = decayed(past.purchases, past.now, 60)[:, past.known]
    lately.data = np.minimum(lately.data, 1)
    return Scores(
        past.latent[rows] @ past.components,
        np.asarray((past.taste[rows] @ past.likeness).todense()),
        np.asarray(sparse.csr_matrix(neighbours) @ lately.toarray()),
        _places(past, rows),
    )


def _places(past: _Past, rows: np.ndarray) -> np.ndarray:
    """Return how much of what is lately bought where the customer buys is this product."""
    every = past.purchases
    lately = every.where(every.day >= past.now - 60)
    sold = table(lately.place, lately.item, np.ones(len(lately.item)), (every.places, every.items))
    weight = 0.5 ** ((past.now - every.day) / 60)
    visited = table(every.customer, every.place, weight, (every.customers, every.places))
    shares = normalize(sold, norm="l1")[:, past.known]
    return np.asarray((normalize(visited, norm="l1")[rows] @ shares).todense())


def _pairs(
    past: _Past, products: Products, rows: np.ndarray, scores: Scores
) -> tuple[np.ndarray, np.ndarray]:
    """Choose (customer, position among known products): the best of each point of view, nothing owned."""
    recent = past.recent[past.known]
    popular = np.argsort(-recent, kind="stable")[:POPULAR]
    kind = products.kind[past.known]
    chosen = []
    for at_row, customer in enumerate(rows):
        usual = np.log1p(past.kinds[customer].toarray().ravel())[kind] * recent
        views = (scores.factors, scores.alike_items, scores.alike_customers, scores.places)
        best = [_best(view[at_row], BY_SCORE) for view in views]
        both = np.unique(np.concatenate([popular, _best(usual, BY_TYPE), *best]))
        mine = past.owned.indices[past.owned.indptr[customer] : past.owned.indptr[customer + 1]]
        chosen.append(both[~np.isin(past.known[both], mine)])
    return np.repeat(rows, [len(each) for each in chosen]), np.concatenate(chosen)


def _best(score: np.ndarray, count: int) -> np.ndarray:
    return np.argpartition(-score, min(count, len(score)) - 1)[:count]


def _of_pairs(past: _Past, products: Products, customer: np.ndarray, item: np.ndarray) -> list[np.ndarray]:
    every, now = past.purchases, past.now
    kind = products.kind[item]
    share = 1 / max(1, len(np.unique(every.customer)))
    spans = [buyers(every, now, days) for days in (14, 28, 60, 120, np.inf)]
    before = np.maximum(buyers(every, now, 56) - past.recent, 0)
    of_kind = np.bincount(products.kind, weights=spans[2], minlength=past.kinds.shape[1])
    within = spans[2][item] / np.maximum(of_kind[kind], 1)
    usual = at(past.kinds, customer, kind)
    different = table(
        *_owned_kinds(past, products), np.ones(past.owned.nnz), (every.customers, past.kinds.shape[1])
    )
    ever = table(every.customer, products.kind[every.item], np.ones(len(every.item)), past.kinds.shape)
    curious, times = at(different, customer, kind), at(ever, customer, kind)
    first = np.full(every.items, now)
    np.minimum.at(first, every.item, every.day)
    again = np.bincount(past.owned.indices, weights=past.owned.data > 1, minlength=every.items)
    department = _departments(every, products, now)
    visits = np.bincount(every.baskets_of().customer, minlength=every.customers)
    lines = np.bincount(every.customer, minlength=every.customers)
    return [
        *(np.log(each[item] * share + 0.002) for each in spans),
        np.log((past.recent[item] + 2) / (before[item] + 2)),
        np.log((2 * spans[0][item] + 2) / (past.recent[item] + 2)),
        *(np.log(each + 0.002) for each in (usual, within, usual * within, curious, times)),
        curious / np.maximum(times, 1),
        np.log(at(department, customer, products.department[item]) + 0.002),
        np.log1p(now - first[item]),
        (again / np.maximum(spans[4], 1))[item],
        np.log1p(visits)[customer],
        np.log1p(lines / np.maximum(visits, 1))[customer],
    ]


def _owned_kinds(past: _Past, products: Products) -> tuple[np.ndarray, np.ndarray]:
    cells = past.owned.tocoo()
    return cells.row, products.kind[cells.col]


def _departments(every: Purchases, products: Products, now: float) -> sparse.csr_matrix:
    weight = 0.5 ** ((now - every.day) / HALF_LIFE_DAYS)
    shape = (every.customers, int(products.department.max()) + 1)
    return normalize(table(every.customer, products.department[every.item], weight, shape), norm="l1")
