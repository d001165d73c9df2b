"""Who bought what in which basket and when, as columns of numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse


@dataclass(frozen=True, slots=True)
class Purchases:
    """One row for each item of a basket, once; `day` counts days with fractions from a common start.

    Customers, items, baskets and places are counted from 0; `customers`, `items` and `places` say how many
    there are in all.
    """

    customer: np.ndarray
    item: np.ndarray
    basket: np.ndarray
    day: np.ndarray
    place: np.ndarray
    customers: int
    items: int
    places: int

    def where(self, rows: np.ndarray) -> Purchases:
        columns = ("customer", "item", "basket", "day", "place")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})

    def before(self, day: float) -> Purchases:
        return self.where(self.day < day)

    def first_baskets(self, since: float, until: float) -> Purchases:
        """Return each customer's earliest basket of a span; `until` is outside of it."""
        span = self.where((self.day >= since) & (self.day < until))
        order = np.lexsort((span.basket, span.day, span.customer))
        _, first = np.unique(span.customer[order], return_index=True)
        return span.where(np.isin(span.basket, span.basket[order][first]))

    def pairs(self) -> np.ndarray:
        """Return each row's customer and item as one number."""
        return self.customer.astype(np.int64) * self.items + self.item

    def part_of_basket(self) -> np.ndarray:
        """Return which part of its basket each row is: one half where the basket has two items."""
        _, which, size = np.unique(self.basket, return_inverse=True, return_counts=True)
        return np.asarray(1 / size[which])

    def first_times(self) -> np.ndarray:
        """Return the rows in which a customer bought an item for the first time."""
        pairs = self.pairs()
        order = np.lexsort((self.day, pairs))
        _, first = np.unique(pairs[order], return_index=True)
        return np.asarray(order[first])

    def baskets_of(self) -> Baskets:
        _, first, size = np.unique(self.basket, return_index=True, return_counts=True)
        return Baskets(self.customer[first], self.day[first], size)


@dataclass(frozen=True, slots=True)
class Baskets:
    """One row for each basket: whose, when, and how many items."""

    customer: np.ndarray
    day: np.ndarray
    size: np.ndarray


def decayed(purchases: Purchases, now: float, half_life_days: float) -> sparse.csr_matrix:
    """Return customers by items: baskets with the item, each worth half as much after the half-life."""
    weight = 0.5 ** ((now - purchases.day) / half_life_days)
    return table(purchases.customer, purchases.item, weight, (purchases.customers, purchases.items))


def table(
    row: np.ndarray, column: np.ndarray, value: np.ndarray, shape: tuple[int, int]
) -> sparse.csr_matrix:
    return sparse.csr_matrix((value.astype(np.float32), (row, column)), shape=shape)


def buyers(purchases: Purchases, now: float, days: float) -> np.ndarray:
    """Return how many customers bought each item in the days before `now`."""
    pairs = np.unique(purchases.where(purchases.day >= now - days).pairs())
    return np.bincount(pairs % purchases.items, minlength=purchases.items).astype(np.float32)


def at(matrix: sparse.csr_matrix, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return single cells of a sparse table, nought where there is none."""
    return np.asarray(matrix[np.array(row), np.array(column)]).ravel().astype(np.float32)
