"""What customers buy for the first time: of late, at the same places, by the curious, and of which kind.

A staple is bought by many and new to few; what others have just begun to buy is what may be new to one more.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from app.insights.learning.recommend.purchases import Purchases, at, buyers, table

# Days: within which first times are counted.
SPANS = (7, 14, 28, 60, 120)
# Customers whose places are looked at together: memory stays bounded.
BLOCK = 400


def features(
    past: Purchases, kind: np.ndarray, now: float, customer: np.ndarray, item: np.ndarray
) -> list[np.ndarray]:
    """Return columns for pairs in the order of their customers; `kind` says of each item which it is."""
    first = past.where(past.first_times())
    return [
        *_rates(past, first, now, item),
        *_parts(past, now, item),
        _at_places(past, first, now, customer, item),
        *_curiosity(past, first, now, customer),
        *_of_kind(past, kind, now, customer, item),
    ]


def _rates(past: Purchases, first: Purchases, now: float, item: np.ndarray) -> list[np.ndarray]:
    """Return how many of those who never had bought an item did of late, and which part of all its buyers."""
    people = len(np.unique(past.customer))
    ever = np.bincount(first.item, minlength=past.items)
    columns = []
    for days in SPANS:
        lately = np.bincount(first.item[first.day >= now - days], minlength=past.items)
        rate = (lately + 0.3) / np.maximum(people - ever + lately, 1)
        columns.append(np.log(rate[item] * 28 / days + 1e-3))
    lately = np.bincount(first.item[first.day >= now - 28], minlength=past.items)
    columns.append(((lately + 1) / (buyers(past, now, 28) + 2))[item])
    columns.append(np.log(buyers(past, now, 7)[item] / max(people, 1) + 1e-3))
    return columns


def _parts(past: Purchases, now: float, item: np.ndarray) -> list[np.ndarray]:
    """Return how much of everybody's baskets the item was of late, each basket worth the same."""
    part, columns = past.part_of_basket(), []
    for days in (28, 90):
        rows = past.day >= now - days
        everybody = np.bincount(past.item[rows], weights=part[rows], minlength=past.items)
        columns.append(np.log(everybody[item] / max(everybody.sum(), 1e-9) + 1e-5))
    return columns


def _at_places(
    past: Purchases, first: Purchases, now: float, customer: np.ndarray, item: np.ndarray
) -> np.ndarray:
    """Return how often the item was bought for the first time, of late, where the customer buys."""
    weight = 0.5 ** ((now - past.day) / 60)
    visited = normalize(table(past.customer, past.place, weight, (past.customers, past.places)), norm="l1")
    lately = first.where(first.day >= now - 60)
    sold = table(lately.place, lately.item, 0.5 ** ((now - lately.day) / 20), (past.places, past.items))
    people = np.maximum(np.asarray(visited.sum(axis=0)).ravel(), 3)
    sold = sparse.diags(1 / people) @ sold
    found = np.zeros(len(customer), dtype=np.float32)
    for begin in range(0, past.customers, BLOCK):
        rows = slice(*np.searchsorted(customer, (begin, begin + BLOCK)))
        block = (visited[begin : begin + BLOCK] @ sold).toarray()
        found[rows] = block[customer[rows] - begin, item[rows]]
    return np.asarray(np.log(found + 1e-3))


def _curiosity(past: Purchases, first: Purchases, now: float, customer: np.ndarray) -> list[np.ndarray]:
    """Return which share of what a customer lately bought was new to them, and how much for each basket."""
    new = np.bincount(first.customer[first.day >= now - 90], minlength=past.customers)
    bought = np.bincount(past.customer[past.day >= now - 90], minlength=past.customers)
    visits = past.baskets_of()
    baskets = np.bincount(visits.customer[visits.day >= now - 90], minlength=past.customers)
    return [((new + 1) / (bought + 2))[customer], np.log1p(new / np.maximum(baskets, 1))[customer]]


def _of_kind(
    past: Purchases, kind: np.ndarray, now: float, customer: np.ndarray, item: np.ndarray
) -> list[np.ndarray]:
    """Return how long ago a customer bought of the item's kind, its usual gap, how due it is, its share."""
    kinds = int(kind.max()) + 1
    mine = kind[past.item]
    pairs = past.customer.astype(np.int64) * kinds + mine
    order = np.lexsort((past.day, pairs))
    known, begin, count = np.unique(pairs[order], return_index=True, return_counts=True)
    days = past.day[order]
    first, last = days[begin], days[begin + count - 1]
    wanted = customer.astype(np.int64) * kinds + kind[item]
    row = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    there = known[row] == wanted
    since = np.where(there, now - last[row], 400)
    gap = np.where(there & (count[row] > 1), (last[row] - first[row]) / np.maximum(count[row] - 1, 1), 60)
    columns = [np.log1p(since), np.log1p(gap), np.clip(since / np.maximum(gap, 1), 0, 6) * there]
    part = past.part_of_basket()
    for half_life in (30, 1_000_000):
        weight = part * 0.5 ** ((now - past.day) / half_life)
        share = table(past.customer, mine, weight, (past.customers, kinds))
        total = np.asarray(share.sum(axis=1)).ravel()
        columns.append(np.log(at(share, customer, kind[item]) / np.maximum(total[customer], 1e-6) + 0.003))
    return columns
