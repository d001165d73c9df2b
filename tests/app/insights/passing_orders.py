"""Closed orders with their milestones: large ones stay in execution for long, small ones do not."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert

from app.columns import new_id
from app.database import transaction
from app.orders.models import Order, OrderMilestone, OrderStatus
from tests.builders import Firm
from tests.selling import a_customer

SMALL, LARGE = Decimal(90), Decimal(90_000)
STEPS = ("submitted", "approved", "executing", "delivered", "closing", "closed")


def some_passages(firm: Firm, count: int, now: datetime, seed: int = 3) -> None:
    """Write orders of the last 300 days: small ones took about 5 days, large ones about 25."""
    dice = random.Random(seed)
    customer = a_customer(firm, is_known=False)
    orders, milestones = [], []
    for number in range(count):
        begun = now - timedelta(days=300 - 260 * number / count)
        large = dice.random() < 0.5
        days = [0.1, 0.5, 0.5, (20 if large else 1) + dice.random(), 1, 1 + dice.random()]
        order_id, at = new_id(), begun
        for revision, (step, took) in enumerate(zip(STEPS, days, strict=True), 2):
            at += timedelta(days=took)
            milestones.append(
                {
                    "org_id": firm.org_id,
                    "order_id": order_id,
                    "revision": revision,
                    "seq": 0,
                    "milestone": step,
                    "at": at,
                }
            )
        orders.append(
            {
                "id": order_id,
                "org_id": firm.org_id,
                "number": f"W-{number}",
                "title": "Past",
                "customer_id": customer,
                "requester_id": firm["sales"].person_id,
                "status": OrderStatus.CLOSED,
                "currency": "EUR",
                "total": LARGE if large else SMALL,
                "created_at": begun,
                "submitted_at": begun + timedelta(days=0.1),
                "ended_at": at,
            }
        )
    with transaction(firm.org_id) as tx:
        tx.session.execute(insert(Order), orders)
        tx.session.execute(insert(OrderMilestone), milestones)
