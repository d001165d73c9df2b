"""How well a list of ten fits what was bought: recall, NDCG, and whether anything of it was right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.insights.learning.recommend.purchases import Purchases

TOP = 10


@dataclass(frozen=True, slots=True)
class Fit:
    """Means over customers with something to find, and each customer's own figures in their order."""

    recall: float
    ndcg: float
    hit_rate: float
    customers: int


def fit(customer: np.ndarray, item: np.ndarray, score: np.ndarray, bought: Purchases) -> Fit:
    """Compare each customer's ten best-scored items with what was bought, all items worth the same.

    NDCG is that of Järvelin and Kekäläinen (2002) with a gain of 1, against the best list there could be.
    """
    truth = np.unique(bought.pairs())
    sizes = np.bincount(truth // bought.items, minlength=bought.customers)
    rank, row = ranks(customer, score)
    right = np.isin(customer[row].astype(np.int64) * bought.items + item[row], truth) & (rank < TOP)
    hits = np.bincount(customer[row][right], minlength=bought.customers)
    discount = 1 / np.log2(np.arange(TOP) + 2)
    gain = np.bincount(customer[row][right], weights=discount[rank[right]], minlength=bought.customers)
    asked = sizes > 0
    best = np.cumsum(discount)[np.minimum(sizes[asked], TOP) - 1]
    return Fit(
        recall=float((hits[asked] / sizes[asked]).mean()),
        ndcg=float((gain[asked] / best).mean()),
        hit_rate=float((hits[asked] > 0).mean()),
        customers=int(asked.sum()),
    )


def ranks(customer: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (rank within the customer from 0, row it belongs to), the best first; ties keep their order."""
    row = np.lexsort((-score, customer))
    begins = np.flatnonzero(np.r_[True, np.diff(customer[row]) != 0])
    lengths = np.diff(np.r_[begins, len(row)])
    return np.arange(len(row)) - np.repeat(begins, lengths), row
