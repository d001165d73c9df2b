"""How likely an order does not go well: what it is learned from, and what came of what was said."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.customers.profiling import may_be_profiled
from app.database import Transaction
from app.insights import order_history, predictions
from app.insights.gate import Metric
from app.insights.kind import Kind, Reading
from app.insights.models import SaidPrediction
from app.insights.order_facts import OUTCOMES, Past, known_of
from app.insights.trained import Row
from app.orders.models import Order
from app.wording import worded

NAME = "order_risk"
# Newer orders say better how it goes today, and a training has to end.
MOST = 20_000
ANY = "any"
# Kept under these names, which pages say in their reader's language.
PROBABILITY, WENT_WELL = worded("probability"), worded("went well")
SETTLED_AT_ONCE = 2_000


def read(given: Reading) -> Iterator[Row]:
    """Yield (facts, submitted, ended, outcomes) of orders that are over, the oldest first.

    Facts hold also what is known only later, for the leak check to find. No person and no name is in it, and
    no order of who may not be profiled.
    """
    asked = order_history.with_later(order_history.statement()).where(may_be_profiled()).limit(MOST)
    before: dict[UUID, deque[Past]] = defaultdict(lambda: deque(maxlen=order_history.MOST_OF_A_CUSTOMER))
    for kept in order_history.read(given.tx, asked, given.now):
        if kept.is_over:
            facts = {**known_of(kept.placed, before[kept.customer_id]), **kept.later}
            yield facts, kept.past.at, kept.past.ended_at, tuple(sorted(kept.past.outcomes))
        before[kept.customer_id].append(kept.past)


def reckon(tx: Transaction, now: datetime) -> None:
    """Compare what was said of orders that are over with what came of them."""
    open_ = select(SaidPrediction.subject).where(
        SaidPrediction.kind == NAME, SaidPrediction.happened_at.is_(None)
    )
    asked = order_history.statement().where(
        Order.number.in_(open_), Order.ended_at.is_not(None), Order.status.in_(order_history.ENDED)
    )
    for row in order_history.read(tx, asked.limit(SETTLED_AT_ONCE), now):
        went_wrong = bool(row.past.outcomes)
        words = [str(OUTCOMES[name]) for name in OUTCOMES if name in row.past.outcomes]
        happened = {str(WENT_WELL): int(not went_wrong), **dict.fromkeys(words, 1)}
        error = partial(_error, float(went_wrong))
        predictions.settle(tx, NAME, row.number, happened, error, row.past.ended_at or now)


def _error(happened: float, said: Mapping[str, Any]) -> float:
    """Return Brier's squared difference, so that weeks compare with what was measured at training."""
    return (float(said[PROBABILITY]) - happened) ** 2


KIND = Kind(
    name=NAME,
    title=worded("Risk of an order"),
    about=worded(
        "How likely an order is cancelled, returned, late or not paid in time, told when it is submitted."
        " It advises people and may be an input of the approval policy; it never decides alone."
    ),
    metric=Metric("brier", higher_is_better=False, least_gain=0.01),
    metric_words=worded("Mean squared error of the probability (Brier)"),
    baseline_words=worded("the share of orders so far that did not go well"),
    error_words=worded("How far the probability lay off, squared: 0 is always right, 0.25 is a coin"),
    read=read,
    learner="app.insights.learning.risk.orders:learn",
    reckon=reckon,
)
