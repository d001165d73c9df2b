"""When an order will be closed: what it is learned from, what the web says of it, and what came of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from app.database import Transaction
from app.insights import order_paths, passing, predictions, scoring
from app.insights.gate import Metric
from app.insights.kind import Kind, Reading
from app.insights.models import SaidPrediction
from app.insights.passing import Lately, Path
from app.insights.remaining_time_scores import FORMAT, days_left
from app.insights.trained import Row
from app.orders.expectation import Told
from app.orders.models import Order, OrderStatus
from app.wording import worded

NAME = "remaining_time"
# Newer orders say better how long it takes today, and a training has to end.
MOST, SAID_AT_ONCE = 10_000, 300
# Of so many that were closed last, some passed each milestone.
LATELY = 60
DAY_SAID, DAY_CAME = worded("closed on"), worded("was closed on")


def read(given: Reading) -> Iterator[Row]:
    """Yield (facts, usual days, days left, begun, moment, ended) of each milestone of closed orders.

    The oldest order first; the facts are what was known in the moment of the milestone. No order of who may
    not be profiled is in it.
    """
    yield from passing.rows_of(order_paths.read(given.tx, order_paths.learned_from().limit(MOST)))


def tell(tx: Transaction, number: str) -> Told | None:
    """Return when the model in use says that an order is closed; None where the medians answer."""
    scorer = scoring.scorer_of(tx, NAME)
    if scorer is None or scorer.weights.get("format") != FORMAT:
        return None
    paths = order_paths.read(tx, order_paths.statement().where(Order.number == number))
    lately = Lately(order_paths.read(tx, order_paths.learned_from().limit(LATELY)))
    return _told(paths[0], lately, scorer.weights, scorer.version) if paths else None


def _told(path: Path, lately: Lately, weights: Mapping[str, Any], version: int) -> Told | None:
    step, at = path.events[-1]
    usual = lately.usual(step, at)
    if usual is None:
        return None
    facts = passing.known_of(path, len(path.events) - 1, usual)
    low, likely, high = (at + timedelta(days=days) for days in days_left(weights, facts, usual.left))
    return Told(low, likely, high, version)


def reckon(tx: Transaction, now: datetime) -> None:
    """Compare what was said of orders that are closed with when they were, and say it of running ones."""
    open_ = select(SaidPrediction.subject).where(
        SaidPrediction.kind == NAME, SaidPrediction.happened_at.is_(None)
    )
    settled = order_paths.closed().where(Order.number.in_(open_)).limit(MOST)
    for path in order_paths.read(tx, settled):
        if path.ended_at is not None:
            came = path.ended_at
            happened = {str(DAY_CAME): came.date().isoformat()}
            predictions.settle(tx, NAME, path.number, happened, partial(_error, came), came)
    scorer = scoring.scorer_of(tx, NAME)
    _say(tx, scorer if scorer is not None and scorer.weights.get("format") == FORMAT else None, now)


def _error(came: datetime, said: Mapping[str, Any]) -> float:
    """Return by how many days it was wrong."""
    return float(abs((came.date() - date.fromisoformat(said[DAY_SAID])).days))


def _say(tx: Transaction, scorer: scoring.Scorer | None, now: datetime) -> None:
    """Say once of each running order when it is closed: by the medians, and by the model in use."""
    is_said = exists().where(SaidPrediction.kind == NAME, SaidPrediction.subject == Order.number)
    running = order_paths.statement().where(
        Order.ended_at.is_(None), Order.status != OrderStatus.DRAFT, ~is_said
    )
    lately = Lately(order_paths.read(tx, order_paths.learned_from().limit(LATELY)))
    for path in order_paths.read(tx, running.limit(SAID_AT_ONCE)):
        step, at = path.events[-1]
        usual = lately.usual(step, at)
        if usual is not None:
            _say_day(tx, path, None, at + timedelta(days=usual.left), now)
        told = _told(path, lately, scorer.weights, scorer.version) if scorer else None
        if scorer and told is not None:
            _say_day(tx, path, scorer.model_id, told.likely, now)


def _say_day(tx: Transaction, path: Path, model_id: UUID | None, likely: datetime, now: datetime) -> None:
    said = {str(DAY_SAID): likely.date().isoformat()}
    predictions.say(tx, NAME, path.number, said, now, model_id=model_id, customer_id=path.customer_id)


KIND = Kind(
    name=NAME,
    title=worded("Remaining time"),
    about=worded("When an order will be closed, from each of its milestones, with a range for 8 of 10."),
    metric=Metric("error", higher_is_better=False, least_gain=0.01),
    metric_words=worded("Mean error in days, after each milestone"),
    baseline_words=worded("the median of the orders that were closed last, by milestone"),
    error_words=worded("Mean number of days that it was off"),
    read=read,
    learner="app.insights.learning.remaining.orders:learn",
    reckon=reckon,
)
