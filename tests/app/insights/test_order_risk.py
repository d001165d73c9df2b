"""The risk of an order is learned from orders that are over, told with its reasons, and decides nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Role
from app.catalogue.models import Product
from app.customers import erasing
from app.database import reading, transaction
from app.insights import assessing, order_risk, training
from app.insights.models import SaidPrediction, TrainedModel
from app.insights.order_facts import FACTS, Past, Placed, known_of
from app.insights.order_risk import NAME
from app.moments import utc_now
from app.orders import commands
from app.orders.models import Order, OrderStatus
from app.orders.preview import preview_order
from app.processes import deployments
from tasks import training as performing
from tests.app.insights.risky_orders import GLASS, WOOD, some_orders
from tests.builders import Firm, a_firm
from tests.selling import a_line, a_product, an_order, publish_shipped
from tests.signing_in import signed_in

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _placed(**more: Any) -> Placed:
    usual: dict[str, Any] = {
        "at": AT,
        "amount": Decimal(100),
        "discount_percent": Decimal(0),
        "margin_percent": Decimal(50),
        "lines": [("A", Decimal(30)), ("B", Decimal(70))],
        "wanted_on": None,
        "channel": "direct",
        "customer_since": AT - 10 * DAY,
    }
    return Placed(**{**usual, **more})


def _past(days_ago: int, ended_ago: int | None, *outcomes: str) -> Past:
    ended = None if ended_ago is None else AT - ended_ago * DAY
    return Past(AT - days_ago * DAY, ended, Decimal(50), frozenset(outcomes))


def test_what_came_of_an_order_counts_only_from_its_end_on() -> None:
    known = known_of(_placed(), [_past(9, 5, "cancelled"), _past(8, -2, "late"), _past(-1, -3, "unpaid")])

    assert (known["orders_before"], known["cancelled_before"], known["late_before"]) == (2, 1, 0)
    assert (known["running"], known["unpaid_before"], known["failed_share"]) == (1, 0, 1.0)
    assert (known["main_product"], known["days_since_last"], known["times_usual"]) == ("B", 8.0, 2.0)


def test_of_a_first_order_nothing_is_made_up() -> None:
    known = known_of(_placed(), [])

    assert (known["failed_share"], known["days_since_last"], known["times_usual"]) == (None, None, None)
    assert known["days_wanted"] is None


def test_the_facts_are_exactly_the_declared_ones_that_are_known_at_once() -> None:
    assert set(known_of(_placed(), [])) == {fact.name for fact in FACTS if not fact.later}


def test_an_interval_holds_its_share_and_narrows_with_more_orders() -> None:
    few, many = assessing.wilson(2, 10), assessing.wilson(200, 1000)

    assert few[0] < many[0] < 0.2 < many[1] < few[1]
    assert assessing.wilson(0, 10)[0] == pytest.approx(0)
    assert (
        assessing.range_of([[0.1, 10, 1], [1.0, 10, 9]], 0.05)[1]
        < assessing.range_of([[0.1, 10, 1], [1.0, 10, 9]], 0.8)[0]
    )


def _train(firm: Firm) -> str:
    return performing.execute(firm.org_id, training.ask(firm["owner"], NAME))


def _product(shop: Firm, sku: str) -> Any:
    product = a_product(shop)
    with transaction(shop.org_id) as tx:
        tx.session.execute(update(Product).where(Product.id == product).values(sku=sku))
    return product


def _outlook(shop: Firm, client: FlaskClient, order_id: object) -> dict[str, Any]:
    answer = client.get(f"/api/v1/orders/{order_id}/outlook", headers=shop.headers("sales"))
    assert answer.status_code == 200
    return dict(answer.get_json())


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    """A business with a past, and a model of it in use."""
    firm = a_firm()
    publish_shipped(firm)
    some_orders(firm, 300, utc_now())
    assert _train(firm) == "published"
    return firm


@pytest.fixture(scope="module")
def glass(shop: Firm) -> Any:
    """A draft of the product that is often cancelled."""
    return an_order(shop, [a_line(_product(shop, GLASS))])


@pytest.fixture(scope="module")
def wood(shop: Firm) -> Any:
    return an_order(shop, [a_line(_product(shop, WOOD))])


def test_a_risky_order_is_told_from_a_safe_one_with_its_reason(
    shop: Firm, glass: Any, wood: Any, client: FlaskClient
) -> None:
    risky, safe = (_outlook(shop, client, each.id)["risk"] for each in (glass, wood))

    assert risky["probability"] > 0.5 > 0.2 > safe["probability"]
    assert (risky["level"], safe["level"], risky["version"]) == ("higher", "lower", 1)
    assert risky["low"] <= risky["probability"] <= risky["high"]
    first = risky["reasons"][0]
    assert (first["feature"], first["raises"], first["text"]) == (
        "main_product",
        True,
        "largest product: GLASS",
    )
    assert len(risky["reasons"]) <= 3
    chances = {each["name"]: each for each in risky["outcomes"]}
    assert chances["cancelled"]["probability"] > 0.5
    assert (chances["returned"]["probability"], chances["returned"]["learned"]) == (0, False)


def test_it_is_calibrated_and_better_than_the_share_so_far(shop: Firm) -> None:
    with reading(shop.org_id) as tx:
        model = tx.session.scalars(select(TrainedModel).where(TrainedModel.kind == NAME)).one()

    assert model.metrics["candidate"]["brier"] < 0.8 * model.metrics["baseline"]["brier"]
    assert model.metrics["candidate"]["calibration"] < 0.15


def test_what_is_known_only_later_is_named_and_not_learned_from(app: Flask, shop: Firm) -> None:
    with reading(shop.org_id) as tx:
        model = tx.session.scalars(select(TrainedModel).where(TrainedModel.kind == NAME)).one()

    later = {fact.name for fact in FACTS if fact.later}
    notes = dict(model.reasons)
    assert set(notes["known_later"]["columns"]) == later
    assert later.isdisjoint(model.features)
    client = signed_in(app, shop, Role.PROCESS_OWNER)
    text = client.get("/models/order_risk").text
    assert "known only later, and so not learned from: " in text
    assert "days late at delivery" in text
    assert "Learned from these facts:</b> amount of the order, " in text


def test_the_order_page_says_it_in_words(app: Flask, shop: Firm, glass: Any) -> None:
    page = signed_in(app, shop, Role.SALES).get(f"/orders/{glass.id}").text

    assert "higher than usual" in page
    assert "largest product: GLASS" in page
    assert "It advises; people and the approval policy decide." in page


def test_what_was_said_at_submission_is_compared_with_what_came_of_it(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="5000"))], submit=True)
    later = utc_now() + DAY
    with transaction(shop.org_id) as tx:
        tx.session.execute(
            update(Order).where(Order.id == order.id).values(status=OrderStatus.CANCELLED, ended_at=later)
        )

    with transaction(shop.org_id) as tx:
        order_risk.reckon(tx, later)

    with reading(shop.org_id) as tx:
        said = tx.session.scalars(select(SaidPrediction).where(SaidPrediction.subject == order.number)).all()
    assert sorted(row.model_id is None for row in said) == [False, True]
    for row in said:
        assert row.happened == {"went well": 0, "cancelled": 1}
        assert row.error == pytest.approx((row.said["probability"] - 1) ** 2)


def test_of_an_ended_order_nothing_is_foreseen(shop: Firm, client: FlaskClient) -> None:
    with reading(shop.org_id) as tx:
        ended = tx.session.scalars(select(Order.id).where(Order.number == "P-1")).one()

    assert _outlook(shop, client, ended) == {"risk": None, "risk_lacking": 0, "end": None}


def _with_risk_column(table: bytes) -> bytes:
    """Add a column and a row as an owner would: credit looks at what is likely to go wrong."""
    text = table.decode()
    text = re.sub(
        r'(<inputEntry id="(\w+)_new_customer">.*?</inputEntry>)',
        r'\1<inputEntry id="\2_order_risk"><text></text></inputEntry>',
        text,
    )
    column = (
        '<input id="order_risk_input" label="Order risk"><inputExpression id="order_risk_expression"'
        ' typeRef="number"><text>order_risk</text></inputExpression></input>'
    )
    text = text.replace('<output id="level_output"', f'{column}<output id="level_output"')
    entries = "".join(f'<inputEntry id="risky_{number}"><text></text></inputEntry>' for number in range(6))
    row = (
        f'<rule id="risky">{entries}<inputEntry id="risky_6"><text>&gt; 0.5</text></inputEntry>'
        '<outputEntry id="risky_level"><text>"credit"</text></outputEntry>'
        '<outputEntry id="risky_reason"><text>"Likely to go wrong"</text></outputEntry></rule>'
    )
    return text.replace("</decisionTable>", f"{row}</decisionTable>").encode()


def test_the_shipped_policy_knows_the_risk_and_does_not_decide_by_it(shop: Firm, glass: Any) -> None:
    with reading(shop.org_id) as tx:
        previewed = preview_order(tx, glass.id)

    assert previewed.by_rule
    assert previewed.inputs.order_risk is not None
    assert previewed.inputs.order_risk > Decimal("0.5")
    assert previewed.inputs.order_risk_level == "higher"


def test_an_owners_table_asks_by_the_risk_and_the_inbox_says_why(
    app: Flask, shop: Firm, glass: Any, wood: Any, client: FlaskClient
) -> None:
    with transaction(shop.org_id) as tx:
        table = deployments.current(tx).tables["approval_policy.dmn"]
        deployments.publish(
            tx, {"approval_policy.dmn": _with_risk_column(table)}, "Ask about risk", None, utc_now()
        )

    with reading(shop.org_id) as tx:
        asked = [level.reasons for level in preview_order(tx, glass.id).levels]
        spared = preview_order(tx, wood.id).by_rule
    submitted = commands.submit(shop["sales"], glass.id, glass.version)
    page = signed_in(app, shop, Role.APPROVER, teams=["credit"]).get("/inbox").text

    assert (asked, spared) == ([("Likely to go wrong",)], True)
    assert [waiting.whom for waiting in submitted.waiting] == [("Credit",)]
    assert "Likely to go wrong" in page
    assert "higher than usual" in page


def test_without_a_model_the_policy_is_given_nothing(young: Firm) -> None:
    some_orders(young, 40, utc_now())
    order = an_order(young)

    with reading(young.org_id) as tx:
        inputs = preview_order(tx, order.id).inputs

    assert (inputs.order_risk, inputs.order_risk_level) == (None, None)


@pytest.fixture
def young(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm


@pytest.mark.parametrize(
    ("count", "lacking"),
    [pytest.param(12, 8, id="too few to say anything"), pytest.param(40, 0, id="the share so far")],
)
def test_without_a_model_the_share_so_far_is_told_or_that_it_is_too_little(
    app: Flask, young: Firm, client: FlaskClient, count: int, lacking: int
) -> None:
    some_orders(young, count, utc_now())
    order = an_order(young)

    outlook = _outlook(young, client, order.id)
    page = signed_in(app, young, Role.SALES).get(f"/orders/{order.id}").text

    assert outlook["risk_lacking"] == lacking
    if lacking:
        assert outlook["risk"] is None
        assert "8 more orders must have ended" in page
    else:
        assert (outlook["risk"]["version"], outlook["risk"]["count"]) == (None, 40)
        assert "No model is in use: this is the share of the last 40 orders" in page


def test_too_little_to_learn_from_is_an_answer(young: Firm) -> None:
    some_orders(young, 30, utc_now())

    assert _train(young) == "too little"

    assert training.list_runs(young.org_id, NAME, 1)[0].reasons[0][0] == "too_few_rows"


def test_an_erased_customer_leaves_the_learning(young: Firm) -> None:
    some_orders(young, 30, utc_now())
    kind = order_risk.KIND
    before = len(list(performing.rows_of(young.org_id, kind)))
    with reading(young.org_id) as tx:
        customer = tx.session.scalars(select(Order.customer_id).where(Order.number == "P-1")).one()

    erasing.erase(young["admin"], customer)

    assert len(list(performing.rows_of(young.org_id, kind))) < before
