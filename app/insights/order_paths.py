"""Orders with the milestones that they passed, read for the learner and of one order for the web."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from app.customers.models import Customer
from app.customers.profiling import may_be_profiled
from app.database import Transaction
from app.insights.order_facts import DIRECT
from app.insights.passing import Path
from app.needs.models import Need
from app.orders.models import Order, OrderLine, OrderMilestone, OrderStatus


def statement() -> Select[Any]:
    """Select orders, those begun last first, with what they have from the beginning."""
    lines = select(func.count()).select_from(OrderLine).where(OrderLine.order_id == Order.id)
    return (
        select(
            Order.id,
            Order.number,
            Order.customer_id,
            Order.created_at,
            Order.ended_at,
            Order.status,
            Order.total,
            Need.channel,
            lines.correlate(Order).scalar_subquery().label("lines"),
        )
        .join(Customer, Customer.id == Order.customer_id)
        .outerjoin(Need, Need.id == Order.need_id)
        .where(Customer.erased_at.is_(None))
        .order_by(Order.created_at.desc(), Order.id.desc())
    )


def closed() -> Select[Any]:
    return statement().where(Order.status == OrderStatus.CLOSED, Order.ended_at.is_not(None))


def learned_from() -> Select[Any]:
    """Select closed orders of customers who may be profiled, all that others' remaining time is told by."""
    return closed().where(may_be_profiled())


def read(tx: Transaction, asked: Select[Any]) -> list[Path]:
    """Return what is selected with its milestones, the oldest first."""
    rows = list(reversed(tx.session.execute(asked).all()))
    events: dict[UUID, list[tuple[str, datetime]]] = {
        row.id: [(str(OrderStatus.DRAFT), row.created_at)] for row in rows
    }
    ids = asked.with_only_columns(Order.id).subquery()
    passed = select(OrderMilestone.order_id, OrderMilestone.milestone, OrderMilestone.at)
    passed = passed.join(ids, ids.c.id == OrderMilestone.order_id)
    for row in tx.session.execute(passed.order_by(OrderMilestone.revision, OrderMilestone.seq)):
        if row.milestone != OrderStatus.DRAFT:
            events[row.order_id].append((row.milestone, row.at))
    return [_path(row, events[row.id]) for row in rows]


def _path(row: Row[Any], events: Sequence[tuple[str, datetime]]) -> Path:
    words = {
        "digits": str(len(str(int(row.total)))),
        "lines": float(row.lines),
        "channel": row.channel or DIRECT,
    }
    return Path(row.number, row.customer_id, tuple(events), row.ended_at, words)
