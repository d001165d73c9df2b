"""When an order will be closed: how long the last ones took from where it stands.

Of those only the ones count that stood there as long. Medians by step need no model, and are what a model of
remaining time has to beat. Nothing is said before enough orders were closed; then how many are missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app.database import Transaction
from app.orders.detail import OrderDetail
from app.orders.models import Order, OrderMilestone, OrderStatus

# So many of the orders that were closed last tell how long it takes now.
LAST = 200
LEAST = 20
# Fewer orders than that stood as long: what became of them tells nothing of this one.
FEWEST_AS_LONG = 5


@dataclass(frozen=True, slots=True)
class Expectation:
    """When it is likely closed, and between which moments 80 of 100 were; without them it says why.

    `lacking` closed orders are missing until something can be said. `is_late` where hardly any of `count`
    orders stood here as long. `following` is the milestone that came next most often. With a `version` a
    model told the moments, else they are medians by milestone.
    """

    count: int
    lacking: int = 0
    is_late: bool = False
    likely: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    following: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """When a model in use says that an order is closed; 8 of 10 are between the outer moments."""

    earliest: datetime
    likely: datetime
    latest: datetime
    version: int


# Rooms above sign up to tell it of an order by its number, better than the medians do.
TELLERS: list[Callable[[Transaction, str], Told | None]] = []


@dataclass(frozen=True, slots=True)
class Passage:
    """An order that was closed: how long after a milestone, and which came after that one."""

    left: timedelta
    following: str


def expectation_of(tx: Transaction, order: OrderDetail, now: datetime) -> Expectation | None:
    """Return when an order will be closed; None where it has ended."""
    if order.ended_at:
        return None
    step, since = str(OrderStatus.DRAFT), order.created_at
    if order.milestones:
        step, since = order.milestones[-1].milestone, order.milestones[-1].at
    found = expect(_passages(tx, step), since, now)
    if found.likely is None or not TELLERS:
        return found
    return better(found, TELLERS[0](tx, order.number), now)


def better(found: Expectation, told: Told | None, now: datetime) -> Expectation:
    """Say what a model tells in place of the medians, as long as its moment has not passed."""
    if told is None or told.likely <= now:
        return found
    earliest = max(told.earliest, now)
    return replace(found, likely=told.likely, earliest=earliest, latest=told.latest, version=told.version)


def expect(passages: Sequence[Passage], since: datetime, now: datetime) -> Expectation:
    """Say from what others took when something is closed that has stood at a milestone since then."""
    count = len(passages)
    if count < LEAST:
        return Expectation(count, lacking=LEAST - count)
    as_long = [each for each in passages if each.left > now - since]
    if len(as_long) < FEWEST_AS_LONG:
        return Expectation(count, is_late=True)
    left = sorted(each.left for each in as_long)
    ((following, _),) = Counter(each.following for each in as_long).most_common(1)
    earliest, likely, latest = (since + left[int(share * (len(left) - 1))] for share in (0.1, 0.5, 0.9))
    return Expectation(count, likely=likely, earliest=earliest, latest=latest, following=following)


def _passages(tx: Transaction, step: str) -> list[Passage]:
    """Return how the orders that were closed last went on from a milestone, from its last time in each."""
    closed = (
        select(Order.id, Order.created_at, Order.ended_at)
        .where(Order.status == OrderStatus.CLOSED, Order.ended_at.is_not(None))
        .order_by(Order.created_at.desc())
        .limit(LAST)
    )
    orders = tx.session.execute(closed).all()
    passed: dict[UUID, list[tuple[str, datetime]]] = {
        row.id: [(str(OrderStatus.DRAFT), row.created_at)] for row in orders
    }
    milestones = (
        select(OrderMilestone.order_id, OrderMilestone.milestone, OrderMilestone.at)
        .where(OrderMilestone.order_id.in_(list(passed)))
        .order_by(OrderMilestone.revision, OrderMilestone.seq)
    )
    for row in tx.session.execute(milestones):
        passed[row.order_id].append((row.milestone, row.at))
    found = (_passage(passed[row.id], step, row.ended_at) for row in orders)
    return [each for each in found if each]


def _passage(passed: list[tuple[str, datetime]], step: str, ended_at: datetime) -> Passage | None:
    at = max((place for place, (name, _) in enumerate(passed) if name == step), default=None)
    if at is None or at + 1 == len(passed):
        return None
    return Passage(ended_at - passed[at][1], passed[at + 1][0])
