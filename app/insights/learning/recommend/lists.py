"""Each customer's list of what comes again and list of what is new, computed for some customers at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from app.insights.learning.recommend.purchases import Purchases, decayed

# More are kept than are shown: what is out of stock when it is read is left out.
KEPT = 15
NEIGHBOURS = 50
# Items whose likeness to all others is computed at once: memory stays bounded.
BLOCK = 500


@dataclass(frozen=True, slots=True)
class Lists:
    """For one customer: items bought before, and new ones, each with the owned item it goes with, or -1."""

    customer: int
    again: np.ndarray
    new: np.ndarray
    beside: np.ndarray


@dataclass(frozen=True, slots=True)
class Near:
    """For each item those that the same customers buy, the likeliest first; 0 where there are less."""

    item: np.ndarray
    score: np.ndarray


def near(own: sparse.csr_matrix) -> Near:
    """Return the cosine of who bought two items (Sarwar et al., 2001), with its neighbours cut."""
    columns = normalize((own > 0).astype(np.float32).tocsc(), axis=0)
    rows, items = columns.T.tocsr(), own.shape[1]
    width = min(NEIGHBOURS, items)
    found = Near(np.zeros((items, width), dtype=np.int32), np.zeros((items, width), dtype=np.float32))
    for begin in range(0, items, BLOCK):
        alike = (rows[begin : begin + BLOCK] @ columns).toarray()
        at = np.arange(len(alike))
        alike[at, begin + at] = 0
        best = np.argsort(-alike, axis=1, kind="stable")[:, :width]
        found.item[begin : begin + len(alike)] = best
        found.score[begin : begin + len(alike)] = np.take_along_axis(alike, best, axis=1)
    return found


def lists(past: Purchases, now: float, half_life: float, chosen: np.ndarray | None = None) -> Iterator[Lists]:
    """Yield the lists of the chosen customers, or of all; what somebody bought counts less as it gets older.

    What is new is likelier the more it is like what they bought, and as often as they did.
    """
    own = decayed(past, now, half_life)
    alike = near(own)
    for customer in range(past.customers) if chosen is None else chosen:
        begin, end = own.indptr[customer : customer + 2]
        item, count = own.indices[begin:end], own.data[begin:end]
        if len(item):
            again = item[np.argsort(-count, kind="stable")[:KEPT]]
            yield Lists(int(customer), again, *_new(item, count, alike, past.items))


def _new(item: np.ndarray, count: np.ndarray, alike: Near, items: int) -> tuple[np.ndarray, np.ndarray]:
    """Return new items with the owned item that speaks most for each."""
    other, weight = alike.item[item], alike.score[item] * count[:, None]
    score = np.bincount(other.ravel(), weights=weight.ravel(), minlength=items)
    score[item] = 0
    likely = np.flatnonzero(score)
    found = likely[np.argsort(-score[likely], kind="stable")[:KEPT]]
    return found, beside(item, count, alike, found)


def beside(item: np.ndarray, count: np.ndarray, alike: Near, found: np.ndarray) -> np.ndarray:
    """Return for each item found the owned one that speaks most for it, -1 where none does."""
    if not len(found):
        return found
    other, weight = alike.item[item], alike.score[item] * count[:, None]
    speaks = np.where(other[:, :, None] == found, weight[:, :, None], 0).max(axis=1)
    return np.where(speaks.max(axis=0) > 0, item[speaks.argmax(axis=0)], -1)
