"""Orders of the past with what came of them: large ones of one product are often cancelled."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert

from app.columns import new_id
from app.database import transaction
from app.orders.models import Evaluation, Order, OrderLine, OrderStatus
from tests.builders import Firm
from tests.selling import a_customer

GLASS, WOOD = "GLASS", "WOOD"
CHANCE = {GLASS: 0.7, WOOD: 0.05}
DAYS = 400


def some_orders(firm: Firm, count: int, now: datetime, seed: int = 7) -> None:
    """Write orders of the last 400 days: of glass 7 in 10 are cancelled, of wood 1 in 20; some are late."""
    dice = random.Random(seed)
    customers = [a_customer(firm, f"Customer {number}", is_known=False) for number in range(8)]
    orders, lines, evaluations = [], [], []
    for number in range(count):
        at = now - timedelta(days=DAYS - (DAYS - 20) * number / count)
        sku = dice.choice((GLASS, WOOD, WOOD))
        cancelled = dice.random() < CHANCE[sku]
        amount = Decimal(dice.randint(50, 900))
        order_id = new_id()
        orders.append(
            {
                "id": order_id,
                "org_id": firm.org_id,
                "number": f"P-{number}",
                "title": "Past",
                "customer_id": dice.choice(customers),
                "requester_id": firm["sales"].person_id,
                "status": OrderStatus.CANCELLED if cancelled else OrderStatus.CLOSED,
                "currency": "EUR",
                "subtotal": amount,
                "total": amount,
                "cost": amount / 2,
                "created_at": at - timedelta(hours=1),
                "submitted_at": at,
                "ended_at": at + timedelta(days=dice.randint(2, 9)),
            }
        )
        lines.append(_line(firm, order_id, sku, amount))
        if not cancelled:
            evaluations.append(_evaluation(firm, order_id, at, dice.random() < 0.04))
    with transaction(firm.org_id) as tx:
        for model, rows in ((Order, orders), (OrderLine, lines), (Evaluation, evaluations)):
            tx.session.execute(insert(model), rows)


def _line(firm: Firm, order_id: object, sku: str, amount: Decimal) -> dict[str, object]:
    return {
        "id": new_id(),
        "org_id": firm.org_id,
        "order_id": order_id,
        "position": 0,
        "sku": sku,
        "description": sku,
        "quantity": Decimal(1),
        "unit_price": amount,
        "net": amount,
    }


def _evaluation(firm: Firm, order_id: object, at: datetime, late: bool) -> dict[str, object]:
    return {
        "org_id": firm.org_id,
        "order_id": order_id,
        "on_time": not late,
        "complete": True,
        "margin_percent": Decimal(50),
        "days_late": int(late),
        "at": at,
    }
