"""Rows of purchases as they stream in, kept as numbers: names once each, and no list of rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from app.insights.learning.recommend.purchases import Purchases
from app.insights.trained import Row, TooLittleError

LEAST_DAYS, LEAST_CUSTOMERS, LEAST_LINES = 90, 20, 200


@dataclass(frozen=True, slots=True)
class Known:
    """Purchases in days before `end`, with the names of their customers and products."""

    purchases: Purchases
    customers: list[str]
    products: list[str]
    begin: datetime
    end: datetime


def gather(rows: Iterable[Row], now: datetime) -> Known:
    """Take in (customer, product, order, moment); raise TooLittleError where that is too little.

    An item counts once in an order, whatever its lines.
    """
    names: tuple[dict[str, int], ...] = ({}, {}, {})
    codes, seconds = (array("i"), array("i"), array("i")), array("d")
    begin = now
    for row in rows:
        for known, column, name in zip(names, codes, row, strict=False):
            column.append(known.setdefault(name, len(known)))
        seconds.append((row[3] - now).total_seconds())
        begin = min(begin, row[3])
    customers, products, _ = names
    if (now - begin).days < LEAST_DAYS or len(customers) < LEAST_CUSTOMERS or len(seconds) < LEAST_LINES:
        raise TooLittleError("too_few_rows", have=len(seconds), least=LEAST_LINES)
    customer, item, basket = (np.frombuffer(column, dtype=np.int32) for column in codes)
    bought = Purchases(
        customer=customer,
        item=item,
        basket=basket,
        day=np.frombuffer(seconds, dtype=float) / 86_400,
        place=np.zeros(len(seconds), dtype=np.int32),
        customers=len(customers),
        items=len(products),
        places=1,
    )
    _, once = np.unique(basket.astype(np.int64) * len(products) + item, return_index=True)
    return Known(bought.where(once), list(customers), list(products), begin, now)
