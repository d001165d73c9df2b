"""Orders whose instance an operator has suspended: people are told, and what parties report is kept."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask

from app.database import transaction
from app.moments import utc_now
from app.orders import arrivals
from app.orders import commands as orders
from app.orders.detail import OrderDetail
from app.processes import advance
from app.processes.errors import SuspendedError
from app.processes.operating import Act, Verb, perform
from tests.builders import Firm, a_firm
from tests.performing import a_call
from tests.selling import a_line, a_product, an_order, publish_shipped, read


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm


def _do(shop: Firm, order: OrderDetail, verb: Verb) -> None:
    assert order.instance_id is not None
    with transaction(shop.org_id) as tx:
        loaded = advance.load(tx, order.instance_id)
        perform(tx, loaded, Act(verb, "to look"), shop["operator"].person_id, utc_now())


def _suspended(shop: Firm, *, submit: bool = True) -> OrderDetail:
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=submit)
    _do(shop, order, Verb.SUSPEND)
    return order


def test_nobody_cancels_or_submits_a_suspended_order_and_both_are_told_why(shop: Firm) -> None:
    order, draft = _suspended(shop), _suspended(shop, submit=False)

    with pytest.raises(SuspendedError):
        orders.cancel(shop["sales"], order.id, "Ordered twice")
    with pytest.raises(SuspendedError):
        orders.submit(shop["sales"], draft.id)

    assert (read(shop, order.id).status, read(shop, draft.id).status) == ("submitted", "draft")


def test_a_suspended_order_that_goes_on_is_submitted(shop: Firm) -> None:
    draft = _suspended(shop, submit=False)

    _do(shop, draft, Verb.RESUME)
    orders.submit(shop["sales"], draft.id)

    assert read(shop, draft.id).status == "submitted"


def test_what_a_party_reports_of_a_suspended_order_counts_when_it_goes_on(shop: Firm) -> None:
    order = _suspended(shop)

    call_id: UUID = a_call(shop, arrivals.REPORT)
    arrivals.tell(shop.org_id, order.id, "order.cancelled", {"reason": "gone"}, call_id, utc_now())
    assert read(shop, order.id).status == "submitted"
    _do(shop, order, Verb.RESUME)

    assert read(shop, order.id).status == "cancelled"
