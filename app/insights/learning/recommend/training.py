"""One training of suggestions: each customer's own habits, and what is bought beside them, for the tables.

Everything is computed in sparse tables and for some customers at a time, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from app.insights.learning.keeping import pack, unpack
from app.insights.learning.recommend.measures import TOP, fit
from app.insights.learning.recommend.purchases import Purchases, buyers, decayed
from app.insights.trained import Job, Learned, Measured, Row, TooLittleError

HALF_LIVES = (30.0, 60.0, 120.0, 240.0)
LEAST_DAYS, LEAST_CUSTOMERS, LEAST_LINES = 90, 20, 200
AHEAD = 30
# More are kept than are shown: what is out of stock when it is read is left out.
KEPT = 20
BLOCK = 500
NEIGHBOURS = 50


@dataclass(frozen=True, slots=True)
class _Known:
    """Purchases in days before `end`, with the names of their customers and products."""

    purchases: Purchases
    customers: list[str]
    products: list[str]
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Lists:
    """For one customer: items bought before, and new ones with the owned item they were bought beside."""

    customer: int
    again: list[tuple[int, float]]
    new: list[tuple[int, int, float]]


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (customer, product, order, moment); raise TooLittleError where that is too little."""
    known = _known(list(rows), job.now)
    job.progress(20, "learning")
    chosen = max(HALF_LIVES, key=lambda days: _recall(known.purchases, -2.0 * AHEAD, -AHEAD, days))
    job.progress(50, "measuring")
    used = float(unpack(job.in_use.artefact)["half_life"]) if job.in_use else None
    popular = _popular(known.purchases, 0)
    job.progress(70, "computing")
    plans = {"candidate": chosen} | ({"in_use": used} if used is not None else {})
    tables = {name: list(_table(known, days)) for name, days in plans.items()}
    held = known.purchases.day >= -AHEAD
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
        measured=Measured(
            {"recall": _recall(known.purchases, -AHEAD, 0, chosen)},
            {"recall": _recall_of_popular(known.purchases)},
            {"recall": _recall(known.purchases, -AHEAD, 0, used)} if used is not None else None,
        ),
        tables={**tables, "baseline": [("", [], [_as_popular(known, *each) for each in popular])]},
    )


def _known(rows: list[Row], now: datetime) -> _Known:
    begin = min((row[3] for row in rows), default=now)
    customers, products, orders = (sorted({row[at] for row in rows}) for at in range(3))
    days = (now - begin).days
    if days < LEAST_DAYS or len(customers) < LEAST_CUSTOMERS or len(rows) < LEAST_LINES:
        raise TooLittleError("too_few_rows", have=len(rows), least=LEAST_LINES)
    codes = [{name: at for at, name in enumerate(names)} for names in (customers, products, orders)]
    columns = [np.array([code[row[at]] for row in rows]) for at, code in enumerate(codes)]
    day = np.array([(row[3] - now).total_seconds() / 86_400 for row in rows])
    _, once = np.unique(columns[2] * len(products) + columns[1], return_index=True)
    bought = Purchases(
        customer=columns[0],
        item=columns[1],
        basket=columns[2],
        day=day,
        place=np.zeros(len(rows)),
        customers=len(customers),
        items=len(products),
        places=1,
    )
    return _Known(bought.where(once), customers, products, begin, now)


def _recall(purchases: Purchases, now: float, until: float, half_life: float) -> float:
    """Return recall of ten in each customer's next order: habits first, then what is new."""
    customer, item, score = [], [], []
    for each in _lists(purchases.before(now), now, half_life):
        listed = [found[0] for found in each.again][:TOP]
        listed += [found[0] for found in each.new][: TOP - len(listed)]
        customer += [each.customer] * len(listed)
        item += listed
        score += list(range(len(listed), 0, -1))
    return _measured(purchases, now, until, np.array(customer), np.array(item), np.array(score))


def _recall_of_popular(purchases: Purchases) -> float:
    best = [at for at, _ in _popular(purchases, -AHEAD)][:TOP]
    customer = np.repeat(np.arange(purchases.customers), len(best))
    item = np.tile(best, purchases.customers)
    return _measured(
        purchases, -AHEAD, 0, customer, item, -np.tile(np.arange(len(best)), purchases.customers)
    )


def _measured(
    purchases: Purchases, now: float, until: float, customer: np.ndarray, item: np.ndarray, score: np.ndarray
) -> float:
    truth = purchases.first_baskets(now, until + 1e-9)
    if not len(truth.item) or not len(item):
        return 0.0
    return fit(customer.astype(int), item.astype(int), score, truth).recall


def _popular(purchases: Purchases, now: float) -> list[tuple[int, int]]:
    """Return items with how many customers bought them in the last 90 days, the most first."""
    count = buyers(purchases.before(now), now, 90)
    best = np.argsort(-count, kind="stable")[:KEPT]
    return [(int(at), int(count[at])) for at in best if count[at] > 0]


def _lists(past: Purchases, now: float, half_life: float) -> Iterator[_Lists]:
    """Yield each customer's lists; new items are likelier the more often they are bought by the same people.

    Likeness is the cosine of who bought two items (Sarwar et al., 2001), with its neighbours cut.
    """
    own = decayed(past, now, half_life)
    likeness = _likeness(own)
    for begin in range(0, past.customers, BLOCK):
        rows = own[begin : begin + BLOCK]
        near = (rows @ likeness).tocsr()
        for at in range(rows.shape[0]):
            item, count = _row(rows, at)
            if not len(item):
                continue
            order = np.argsort(-count, kind="stable")[:KEPT]
            again = [(int(item[best]), float(count[best])) for best in order]
            yield _Lists(begin + at, again, _new(near, at, item, count, likeness))


def _likeness(own: sparse.csr_matrix) -> sparse.csr_matrix:
    columns = normalize((own > 0).astype(np.float32).tocsc(), axis=0)
    likeness = (columns.T @ columns).tocsr()
    likeness.setdiag(0)
    likeness.eliminate_zeros()
    kept = []
    for at in range(likeness.shape[0]):
        item, score = _row(likeness, at)
        best = np.argsort(-score, kind="stable")[:NEIGHBOURS]
        kept.append((item[best], score[best]))
    sizes = np.cumsum([0, *(len(item) for item, _ in kept)])
    parts = [np.concatenate(column) for column in zip(*kept, strict=True)]
    return sparse.csr_matrix((parts[1], parts[0], sizes), shape=likeness.shape)


def _row(matrix: sparse.csr_matrix, at: int) -> tuple[np.ndarray, np.ndarray]:
    begin, end = matrix.indptr[at : at + 2]
    return matrix.indices[begin:end], matrix.data[begin:end]


def _new(
    near: sparse.csr_matrix, at: int, item: np.ndarray, count: np.ndarray, likeness: sparse.csr_matrix
) -> list[tuple[int, int, float]]:
    """Return new items with the owned item that speaks most for each."""
    other, score = _row(near, at)
    strange = ~np.isin(other, item)
    other, score = other[strange], score[strange]
    order = np.argsort(-score, kind="stable")[:KEPT]
    found = []
    for best in order:
        beside = likeness[item][:, [other[best]]].toarray().ravel() * count
        found.append((int(other[best]), int(item[int(np.argmax(beside))]), float(score[best])))
    return found


def _table(known: _Known, half_life: float) -> Iterator[Row]:
    """Yield (customer, again, new), each of these [product, reason, values] and so on, the best first."""
    rhythm = _rhythm(known.purchases)
    for each in _lists(known.purchases, 0, half_life):
        again = [_as_again(known, item, *rhythm[each.customer, item]) for item, _ in each.again]
        new = [
            [known.products[item], "beside", {"product": known.products[own]}] for item, own, _ in each.new
        ]
        yield known.customers[each.customer], again, new


def _rhythm(purchases: Purchases) -> dict[tuple[int, int], tuple[int, float, float | None]]:
    """Return by customer and item: times, days since the last one, and the usual gap in days."""
    order = np.lexsort((purchases.day, purchases.item, purchases.customer))
    days: dict[tuple[int, int], list[float]] = {}
    for row in order:
        pair = int(purchases.customer[row]), int(purchases.item[row])
        days.setdefault(pair, []).append(float(purchases.day[row]))
    return {
        pair: (len(at), -at[-1], (at[-1] - at[0]) / (len(at) - 1) if len(at) > 1 else None)
        for pair, at in days.items()
    }


def _as_again(known: _Known, item: int, times: int, since: float, gap: float | None) -> list[Any]:
    last = (known.end - timedelta(days=since)).date().isoformat()
    values: dict[str, Any] = {"times": times, "last": last}
    if gap is None or gap < 1:
        return [known.products[item], "bought", values]
    is_due = since >= 0.9 * gap
    return [known.products[item], "due" if is_due else "rhythm", {**values, "days": round(gap)}]


def _as_popular(known: _Known, item: int, count: int) -> list[Any]:
    return [known.products[item], "popular", {"customers": count}]
