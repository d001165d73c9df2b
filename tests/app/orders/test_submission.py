"""Submitting: what the policies learn, what is refused, and where the order then stands."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from app.catalogue.models import Product
from app.database import reading, transaction
from app.errors import InvalidError
from app.moments import utc_now
from app.orders import commands
from app.orders.errors import NotEditableError, TooLateError
from app.orders.models import Order
from app.orders.terms import Change, NewLine
from app.processes.models import WorkItem
from tests.builders import Firm
from tests.selling import a_customer, a_line, a_product, an_order, calls_of, complete, read


def _submitted_values(shop: Firm, order_id: object) -> dict[str, object]:
    with reading(shop.org_id) as tx:
        order = tx.session.get_one(Order, order_id)
        statement = select(WorkItem.outcome).where(
            WorkItem.instance_id == order.instance_id, WorkItem.element == "prepare_order"
        )
        return dict(tx.session.scalars(statement).one() or {})


def test_a_small_order_is_approved_by_rule_and_execution_begins(shop: Firm) -> None:
    order = an_order(shop)

    submitted = commands.submit(shop["sales"], order.id, order.version)

    assert submitted.status == "executing"
    assert [m.milestone for m in submitted.milestones] == ["draft", "submitted", "approved", "executing"]
    assert submitted.submitted_at is not None
    assert [call.handler for call in calls_of(shop, order.id)] == ["stock.reserve"]


def test_a_large_order_waits_for_the_first_team_of_its_chain(shop: Firm) -> None:
    product = a_product(shop, price="1001")

    order = an_order(shop, [a_line(product)], submit=True)

    assert order.status == "submitted"
    assert [(waiting.element, waiting.whom) for waiting in order.waiting] == [
        ("approve_order", ("Sales_Lead",))
    ]


def test_the_instance_learns_what_the_policy_asks(shop: Firm) -> None:
    customer = a_customer(shop, risk="medium", credit_limit=5000, is_known=False)
    product = a_product(shop, price="100", cost="60", tax="19")

    order = an_order(shop, [a_line(product, 10, discount=20)], customer_id=customer, submit=True)

    values = _submitted_values(shop, order.id)
    assert values["order_id"] == str(order.id)
    assert values["requester"] == str(shop["sales"].person_id)
    assert Decimal(str(values["amount"])) == Decimal("952")
    assert Decimal(str(values["discount_percent"])) == 20
    assert Decimal(str(values["margin_percent"])) == 25
    assert Decimal(str(values["credit_used_percent"])) == Decimal("19.04")
    assert values["customer_risk"] == "medium"
    assert values["new_customer"] is True
    assert values["version"] == order.version


def test_running_orders_of_the_customer_use_their_credit(shop: Firm) -> None:
    customer = a_customer(shop, credit_limit=1000)
    product = a_product(shop, price="300")
    an_order(shop, [a_line(product)], customer_id=customer, submit=True)
    an_order(shop, [a_line(product)], customer_id=customer)  # a draft uses none

    order = an_order(shop, [a_line(product)], customer_id=customer, submit=True)

    assert Decimal(str(_submitted_values(shop, order.id)["credit_used_percent"])) == 60


def test_whoever_has_no_credit_line_exceeds_it(shop: Firm) -> None:
    customer = a_customer(shop, credit_limit=0)

    order = an_order(shop, customer_id=customer, submit=True)

    assert [waiting.whom for waiting in order.waiting] == [("Finance",)]


def test_an_order_without_lines_is_not_submitted(shop: Firm) -> None:
    order = an_order(shop, [])

    with pytest.raises(InvalidError) as refused:
        commands.submit(shop["sales"], order.id)

    assert refused.value.fields == {"lines": ["there is none"]}
    assert read(shop, order.id).status == "draft"


def test_each_line_that_is_not_complete_is_named(shop: Firm) -> None:
    free = NewLine(None, Decimal(1), Decimal(5), description="something")
    none = NewLine(a_product(shop), Decimal(0))
    order = an_order(shop, [free, none])

    with pytest.raises(InvalidError) as refused:
        commands.submit(shop["sales"], order.id)

    assert refused.value.fields == {
        "lines.0.product_id": ["names no product"],
        "lines.1.quantity": ["is not more than 0"],
    }


def test_a_product_that_is_no_longer_sold_keeps_the_draft_back(shop: Firm) -> None:
    product = a_product(shop)
    order = an_order(shop, [a_line(product)])
    with transaction(shop.org_id) as tx:
        tx.session.execute(update(Product).where(Product.id == product).values(is_active=False))

    with pytest.raises(InvalidError) as refused:
        commands.submit(shop["sales"], order.id)

    assert "no longer sold" in refused.value.fields["lines.0.product_id"][0]


def test_nothing_is_kept_of_an_order_that_cannot_be_submitted_at_once(shop: Firm) -> None:
    customer = a_customer(shop)

    with pytest.raises(InvalidError):
        an_order(shop, [], customer_id=customer, submit=True)

    with reading(shop.org_id) as tx:
        orders = select(Order).where(Order.customer_id == customer, Order.status != "closed")
        assert tx.session.scalars(orders).all() == []


def test_an_order_is_submitted_once(shop: Firm) -> None:
    order = an_order(shop, submit=True)

    with pytest.raises(NotEditableError):
        commands.submit(shop["sales"], order.id)


def test_an_order_sent_back_is_changed_and_submitted_again(shop: Firm) -> None:
    product = a_product(shop, price="1001")
    order = an_order(shop, [a_line(product)], submit=True)
    complete(shop, order.id, "approve_order", {"decision": "changes", "comment": "too dear"})
    assert read(shop, order.id).status == "changes_requested"

    commands.change_order(shop["sales"], order.id, Change(lines=(a_line(product, 1, 5),)), None)
    again = commands.submit(shop["sales"], order.id)

    assert again.status == "executing"
    assert again.submitted_at == read(shop, order.id).milestones[1].at


def test_a_rejected_order_is_over(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="1001"))], submit=True)

    complete(shop, order.id, "approve_order", {"decision": "rejected", "comment": "no"})

    over = read(shop, order.id)
    assert over.status == "rejected"
    assert over.ended_at is not None


def test_cancelling_asks_for_everything_to_be_undone(shop: Firm) -> None:
    order = an_order(shop, submit=True)

    cancelled = commands.cancel(shop["sales"], order.id, "ordered twice")

    assert cancelled.status == "cancelled"
    assert sorted(call.handler for call in calls_of(shop, order.id)) == ["payment.refund", "stock.release"]


def test_an_order_that_is_over_is_too_late_to_cancel(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    commands.cancel(shop["sales"], order.id, "ordered twice")

    with pytest.raises(TooLateError, match=f"{order.number} is cancelled"):
        commands.cancel(shop["sales"], order.id, "again")


def test_the_customer_is_promised_a_day_as_soon_as_the_order_is_approved(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="1001"))], submit=True)
    before = read(shop, order.id).promised_on

    complete(shop, order.id, "approve_order", {"decision": "approved", "comment": ""})

    assert before is None
    assert read(shop, order.id).promised_on == utc_now().date() + timedelta(days=14)
    commands.cancel(shop["sales"], order.id, "ordered twice")
    assert read(shop, order.id).promised_on is not None
