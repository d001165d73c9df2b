"""Feedback on an order as a need: by itself where the business wants it, else by a press; never twice."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organisation, Role
from app.audit.queries import list_entries
from app.columns import new_id
from app.customers import erasing
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError
from app.moments import utc_now
from app.needs.feedback import commands, queries, rules
from app.needs.models import Need
from app.orders import feedback
from app.orders.detail import OrderDetail
from app.orders.models import Feedback
from tests.builders import Firm, a_firm
from tests.selling import an_order, publish_shipped
from tests.signing_in import form_token, signed_in


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    made = a_firm()
    publish_shipped(made)
    return made


@pytest.fixture
def order(shop: Firm) -> OrderDetail:
    rules.choose(shop["admin"], "offered")
    return an_order(shop)


def _answered(firm: Firm, order: OrderDetail, score: int, text: str = "") -> UUID:
    feedback_id = new_id()
    secret = feedback.secret_of(firm.org_id, feedback_id)
    asked = Feedback(
        id=feedback_id,
        org_id=firm.org_id,
        order_id=order.id,
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        asked_at=utc_now(),
    )
    with transaction(firm.org_id) as tx:
        tx.session.add(asked)
    feedback.answer(secret, score, text)
    return feedback_id


def _need_of(firm: Firm, customer_id: UUID) -> list[Need]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(Need).where(Need.customer_id == customer_id)))


@pytest.mark.parametrize(
    ("rule", "score", "text", "types"),
    [
        pytest.param("offered", 1, "Late", [], id="nothing unless it is wanted"),
        pytest.param("low", 3, "", ["complaint"], id="the limit itself is low"),
        pytest.param("low", 4, "More colours, please", [], id="content with a text is offered"),
        pytest.param("low_or_told", 5, "More colours, please", ["feedback"], id="a text is enough"),
        pytest.param("low_or_told", 5, "", [], id="praise alone is no need"),
        pytest.param("low_or_told", 2, "", ["complaint"], id="a low one needs no text"),
    ],
)
def test_an_answer_becomes_a_need_as_the_business_wants(
    shop: Firm, order: OrderDetail, rule: str, score: int, text: str, types: list[str]
) -> None:
    rules.choose(shop["admin"], rule)

    _answered(shop, order, score, text)

    assert [need.need_type for need in _need_of(shop, order.customer_id)] == types


def test_needs_of_feedback_have_chinese_types_where_the_business_is_chinese(app: Flask) -> None:
    shop = a_firm()
    publish_shipped(shop)
    order = an_order(shop)
    with transaction(shop.org_id) as tx:
        tx.session.get_one(Organisation, shop.org_id).locale = "zh_Hans_CN"
    rules.choose(shop["admin"], "low_or_told")

    _answered(shop, order, 2)
    _answered(shop, order, 5, "颜色再多一些就好了")

    assert {need.need_type for need in _need_of(shop, order.customer_id)} == {"投诉", "反馈"}


def test_an_administrator_maps_what_customers_say_to_types_of_the_business(app: Flask) -> None:
    shop = a_firm()
    publish_shipped(shop)
    order = an_order(shop)
    rules.choose(shop["admin"], "low_or_told")
    browser = signed_in(app, shop, Role.ADMINISTRATOR)
    token = form_token(browser, "/needs/feedback")

    browser.post(
        "/needs/feedback/types", data={"csrf_token": token, "complaint": " warranty ", "question": ""}
    )
    for score, text in ((2, ""), (5, "More colours, please")):
        _answered(shop, order, score, text)
    page = browser.get("/needs/feedback").text
    with reading(shop.org_id) as tx:
        (told,) = [each.detail for each in list_entries(tx, action="needs.types_named")]

    assert {need.need_type for need in _need_of(shop, order.customer_id)} == {"warranty", "feedback"}
    assert told == {"changes": {"complaint": ["complaint", "warranty"]}}
    assert 'name="complaint" list="known-types" maxlength="80"' in page
    assert 'value="warranty"' in page


def test_a_type_that_is_left_empty_is_called_in_the_language_of_the_business_again(
    client: FlaskClient, app: Flask
) -> None:
    shop = a_firm()
    with transaction(shop.org_id) as tx:
        tx.session.get_one(Organisation, shop.org_id).locale = "zh_Hans_CN"
    address, headers = "/api/v1/needs/feedback/types", shop.headers("admin")

    answers = [
        client.put(address, json=given, headers=headers).status_code
        for given in ({"question": "Beratung", "complaint": "投诉"}, {"question": "x" * 81}, {})
    ]

    assert answers == [204, 422, 204]
    assert client.get(address, headers=headers).get_json() == {
        "question": "咨询",
        "complaint": "投诉",
        "feedback": "反馈",
    }


def test_a_need_of_feedback_knows_its_order_its_customer_and_who_looks_after_it(
    client: FlaskClient, shop: Firm, order: OrderDetail
) -> None:
    rules.choose(shop["admin"], "low")

    said = _answered(shop, order, 2)

    (need,) = _need_of(shop, order.customer_id)
    found = client.get(f"/api/v1/needs/{need.id}", headers=shop.headers("sales")).get_json()
    assert found["origin"] == {
        "kind": "feedback",
        "source_id": str(said),
        "order_id": str(order.id),
        "order_number": order.number,
    }
    assert (need.channel, need.owner_id) == ("feedback", shop["sales"].person_id)
    assert order.number in need.text


def test_it_becomes_one_need_however_often_it_is_pressed(shop: Firm, order: OrderDetail) -> None:
    rules.choose(shop["admin"], "low")
    said = _answered(shop, order, 1, "Late")

    pressed = [commands.make_need(shop["sales"], said) for _ in range(2)]

    assert {each.id for each in pressed} == {need.id for need in _need_of(shop, order.customer_id)}


def test_the_page_offers_what_is_no_need_yet(app: Flask, shop: Firm, order: OrderDetail) -> None:
    said = _answered(shop, order, 4, "More colours, please")
    browser = signed_in(app, shop, Role.SALES)
    token = form_token(browser, "/needs/feedback")

    before = browser.get("/needs/feedback").get_data(as_text=True)
    pressed = browser.post(f"/needs/feedback/{said}/need", data={"csrf_token": token})
    after = browser.get("/needs/feedback").get_data(as_text=True)
    story = browser.get(pressed.headers["Location"]).get_data(as_text=True)

    assert f"/needs/feedback/{said}/need" in before
    assert f"/needs/feedback/{said}/need" not in after
    assert f"/orders/{order.id}" in story
    assert "4 of 5" in browser.get(f"/customers/{order.customer_id}").get_data(as_text=True)


def test_the_list_waits_for_a_press_only_where_no_need_was_made(
    client: FlaskClient, shop: Firm, order: OrderDetail
) -> None:
    said, headers = _answered(shop, order, 1, "Late"), shop.headers("sales")

    def waiting() -> set[str]:
        found = client.get("/api/v1/needs/feedback?waiting=true&limit=200", headers=headers).get_json()
        return {row["id"] for row in found["items"]}

    assert str(said) in waiting()
    client.post(f"/api/v1/needs/feedback/{said}/need", headers=headers)
    assert str(said) not in waiting()


def test_an_administrator_chooses_and_nobody_else(app: Flask, client: FlaskClient, shop: Firm) -> None:
    browser = signed_in(app, shop, Role.ADMINISTRATOR)
    token = form_token(browser, "/needs/feedback")

    chosen = browser.post("/needs/feedback/rule", data={"csrf_token": token, "becomes": "low"})

    assert chosen.status_code == 303
    found = client.get("/api/v1/needs/feedback/rule", headers=shop.headers("auditor"))
    assert found.get_json() == {"becomes": "low"}
    put = client.put(
        "/api/v1/needs/feedback/rule", json={"becomes": "offered"}, headers=shop.headers("sales")
    )
    assert put.status_code == 403
    with pytest.raises(InvalidError):
        rules.choose(shop["admin"], "all")


def test_an_erased_customers_words_are_no_need(shop: Firm, order: OrderDetail) -> None:
    said = _answered(shop, order, 1, "Late")
    erasing.erase(shop["admin"], order.customer_id)

    with pytest.raises(ConflictError, match="erased"):
        commands.make_need(shop["sales"], said)

    with reading(shop.org_id) as tx:
        assert said not in {row.id for row in queries.list_offered(tx)}


def test_what_nobody_answered_is_no_need(shop: Firm) -> None:
    with pytest.raises(NotFoundError):
        commands.make_need(shop["sales"], new_id())
