"""The preview says who would approve and why, and the process then asks exactly them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from app.database import reading, transaction
from app.moments import utc_now
from app.orders import commands
from app.orders.preview import Preview, preview_new, preview_order
from app.orders.terms import NewOrder
from app.processes import deployments
from tests.builders import Firm, a_firm
from tests.selling import a_customer, a_line, a_product, an_order, complete, publish_shipped, read

pytestmark = pytest.mark.own_databases


def _preview(shop: Firm, new: NewOrder) -> Preview:
    with reading(shop.org_id) as tx:
        return preview_new(tx, shop["sales"], new)


def test_a_small_order_is_approved_by_rule(shop: Firm) -> None:
    previewed = _preview(shop, NewOrder(a_customer(shop), (a_line(a_product(shop)),)))

    assert previewed.by_rule
    assert previewed.levels == ()


def test_an_order_without_a_line_asks_nobody_yet(shop: Firm) -> None:
    order = an_order(shop, [])

    thought_of = _preview(shop, NewOrder(a_customer(shop)))
    with reading(shop.org_id) as tx:
        kept = preview_order(tx, order.id)

    for previewed in (thought_of, kept):
        assert previewed.is_empty
        assert previewed.levels == ()
        assert not previewed.by_rule


def test_every_team_is_asked_once_with_all_its_reasons(shop: Firm) -> None:
    product = a_product(shop, price="30000", cost="27000")
    customer = a_customer(shop, risk="high", credit_limit=1_000_000)

    previewed = _preview(shop, NewOrder(customer, (a_line(product, 1, discount=12),)))

    assert [(level.team, level.rules) for level in previewed.levels] == [
        ("sales_lead", (1, 2, 3)),
        ("credit", (6,)),
        ("finance", (8,)),
        ("director", (12, 13)),
    ]
    assert previewed.levels[0].reasons == ("Amount above 1,000", "Discount above 10%", "Margin below 15%")
    assert previewed.levels[0].people == ("Lead",)
    assert previewed.levels[0].team_name == "Sales_Lead"


def test_whoever_enters_the_order_is_not_among_those_who_approve(shop: Firm) -> None:
    order = NewOrder(a_customer(shop), (a_line(a_product(shop, price="2000")),))

    with reading(shop.org_id) as tx:
        previewed = preview_new(tx, shop["lead"], order)

    assert previewed.levels[0].people == ()


@pytest.mark.parametrize(
    ("price", "risk", "limit"),
    [
        pytest.param("900", "low", 100_000, id="nobody"),
        pytest.param("1500", "low", 100_000, id="one team"),
        pytest.param("6000", "medium", 100_000, id="two teams"),
        pytest.param("60000", "high", 1000, id="the whole chain"),
    ],
)
def test_the_process_asks_exactly_whom_the_preview_named(
    shop: Firm, price: str, risk: str, limit: int
) -> None:
    customer = a_customer(shop, risk=risk, credit_limit=limit)
    order = an_order(shop, [a_line(a_product(shop, price=price))], customer_id=customer)
    with reading(shop.org_id) as tx:
        previewed = preview_order(tx, order.id)

    commands.submit(shop["sales"], order.id)
    asked = []
    while (standing := read(shop, order.id)).status == "submitted":
        asked.append(standing.waiting[0].whom[0].lower())
        complete(shop, order.id, "approve_order", {"decision": "approved", "comment": ""})

    assert asked == [level.team for level in previewed.levels]


def test_a_changed_threshold_changes_the_preview_once_it_is_published(app: Flask) -> None:
    shop = a_firm()
    publish_shipped(shop)
    order = NewOrder(a_customer(shop), (a_line(a_product(shop, price="1500")),))
    before = _preview(shop, order)

    with transaction(shop.org_id) as tx:
        table = deployments.current(tx).tables["approval_policy.dmn"]
        changed = table.replace(b"&gt; 1000<", b"&gt; 2000<").replace(b"> 1000<", b"> 2000<")
        deployments.publish(tx, {"approval_policy.dmn": changed}, "2,000 is small", None, utc_now())
    after = _preview(shop, order)

    assert [level.team for level in before.levels] == ["sales_lead"]
    assert after.by_rule
    assert (before.deployment_number, after.deployment_number) == (1, 2)


def test_the_preview_shows_what_the_policy_saw(shop: Firm) -> None:
    product = a_product(shop, price="100", cost="40", tax="19")

    previewed = _preview(shop, NewOrder(a_customer(shop, credit_limit=1000), (a_line(product, 2),)))

    assert previewed.inputs.amount == Decimal(238)
    assert previewed.inputs.margin_percent == 60
    assert previewed.inputs.credit_used_percent == Decimal("23.8")
    assert previewed.inputs.new_customer is False
