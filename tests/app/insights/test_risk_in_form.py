"""The risk of an order in its form, before anything is kept; who refuses is judged by the order alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import Role
from app.columns import new_id
from app.customers import profiling
from app.database import reading, transaction
from app.insights import order_risk
from app.insights.kind import Reading
from app.insights.models import TrainedModel
from app.insights.order_facts import OUTCOMES
from app.insights.order_risk import ANY, NAME
from app.moments import utc_now
from app.orders import foresight
from app.orders.foresight import Risk
from app.orders.models import Order
from tests.app.insights.risky_orders import some_orders
from tests.app.test_pages import Desk
from tests.builders import Firm, a_firm
from tests.selling import a_customer, a_line, a_product, an_order, publish_shipped

# Whoever ordered before is a risk, and so is what costs 500 or more; the second weighs less.
CARD = {
    "intercept": -1.0,
    "features": [
        {"name": "orders_before", "kind": "number", "edges": [0.5], "values": [0.0, 2.0], "missing": 0.5},
        {"name": "amount", "kind": "number", "edges": [499.0], "values": [0.0, 1.5], "missing": 0.0},
    ],
}


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm, now = a_firm(), utc_now()
    publish_shipped(firm)
    with transaction(firm.org_id) as tx:
        model = TrainedModel(id=new_id(), org_id=firm.org_id, kind=NAME, version=1, status="in_use")
        model.used_as, model.used_at, model.run_id, model.seed = NAME, now, new_id(), 1
        model.rows_since = model.rows_until = model.held_since = model.trained_at = now
        model.row_count, model.held_back, model.features, model.metrics = 100, 20, [], {}
        model.reasons, model.code_version, model.artefact, model.trusted = [], "", b"", []
        model.reference = {}
        model.weights = {
            "format": 1,
            "cases": 100,
            "outcomes": {name: {"card": None, "usual": 0.1} for name in OUTCOMES},
            ANY: {"card": CARD, "ranges": [[1.0, 100, 30]], "usual": 0.3},
        }
        tx.session.add(model)
    return firm


def _panel(shop: Firm, client: FlaskClient, price: str, lines: int = 1) -> str:
    """Return what the form's panel says of an order that nobody kept yet."""
    line = {"product_id": str(a_product(shop, price=price)), "quantity": "1"}
    desk = Desk(client, shop, Role.SALES)
    body = {"customer_id": str(a_customer(shop, "Somebody new", is_known=False)), "lines": [line] * lines}
    answer = desk.client.post("/orders/panel", json=body, headers={"X-CSRF-Token": desk.csrf})
    assert answer.status_code == 200
    return str(answer.get_json()["risk"])


def test_the_form_says_the_risk_with_its_reasons_before_anything_is_kept(
    shop: Firm, client: FlaskClient
) -> None:
    before = _orders(shop)

    dear, cheap, empty = (_panel(shop, client, *asked) for asked in (("900",), ("9",), ("9", 0)))

    assert "62.2" in dear
    assert "amount of the order: €900.00" in dear
    assert "amount of the order" not in cheap
    assert "26.9" in cheap
    assert empty == ""
    assert _orders(shop) == before


def _orders(shop: Firm) -> int:
    with reading(shop.org_id) as tx:
        return tx.session.scalar(select(func.count()).select_from(Order)) or 0


def test_of_a_customer_who_refuses_only_the_order_itself_counts(shop: Firm) -> None:
    customer_id, line = a_customer(shop, "Somebody known"), a_line(a_product(shop, price="900"))
    an_order(shop, [line], customer_id=customer_id, submit=True)
    order = an_order(shop, [line], customer_id=customer_id)
    before = _risk(shop, order.id)
    assert {reason.feature for reason in before.reasons} == {"orders_before", "amount"}

    profiling.say(shop["sales"], customer_id, "refused", profiling.NEWEST_TEXT)

    after = _risk(shop, order.id)
    assert after.probability < before.probability
    assert [reason.feature for reason in after.reasons] == ["amount"]


def _risk(shop: Firm, order_id: Any) -> Risk:
    with reading(shop.org_id) as tx:
        risk = foresight.foresee_order(tx, order_id, utc_now()).risk
    assert risk is not None
    return risk


def test_nothing_is_learned_from_the_orders_of_who_refused(app: Flask) -> None:
    firm = a_firm()
    some_orders(firm, 60, utc_now())
    with reading(firm.org_id) as tx:
        counted = select(Order.customer_id, func.count().label("orders")).group_by(Order.customer_id)
        orders = {row.customer_id: row.orders for row in tx.session.execute(counted)}
    refused, agreed, *_ = sorted(orders)
    profiling.say(firm["sales"], refused, "refused", "ours-3")
    profiling.say(firm["sales"], agreed, "agreed", "ours-3")

    assert orders[refused] > 0
    assert _learned_from(firm) == 60 - orders[refused]

    profiling.say(firm["sales"], refused, "agreed", "ours-3")

    assert _learned_from(firm) == 60


def _learned_from(firm: Firm) -> int:
    with reading(firm.org_id) as tx:
        return len([*order_risk.read(Reading(tx, utc_now(), str))])
