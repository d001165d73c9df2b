"""What customers were seen to do: kept once, on their timeline, a need by one press, erasable."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organisation, Role
from app.customers import erasing
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError
from app.needs.models import Need
from app.needs.observations import commands, queries
from app.needs.observations.commands import Seen
from app.needs.observations.models import Observation, ObservedKind
from tests.builders import Firm, a_firm
from tests.selling import a_customer, a_product
from tests.signing_in import form_token, signed_in

ASKED = ObservedKind.ASKED


@pytest.fixture
def shop(app: Flask) -> Firm:
    return a_firm()


def _kept(firm: Firm) -> list[Observation]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(Observation).order_by(Observation.id)))


def _post(client: FlaskClient, firm: Firm, *items: dict[str, Any]) -> Any:
    return client.post("/api/v1/observations", json={"items": items}, headers=firm.headers("sales"))


def test_a_key_that_is_told_again_keeps_nothing_twice(client: FlaskClient, shop: Firm) -> None:
    customer = str(a_customer(shop))
    told = {
        "customer_id": customer,
        "kind": "viewed",
        "text": "The catalogue",
        "source": "shop",
        "key": "s-1",
    }

    first = _post(client, shop, told, {**told, "key": "s-2"})
    again = _post(client, shop, told, told)

    assert first.status_code == again.status_code == 201
    assert [each["is_new"] for each in first.get_json()["items"]] == [True, True]
    assert [each["is_new"] for each in again.get_json()["items"]] == [False, False]
    assert {each["id"] for each in again.get_json()["items"]} == {first.get_json()["items"][0]["id"]}
    assert [(row.kind, row.key) for row in _kept(shop)] == [("viewed", "s-1"), ("viewed", "s-2")]


def test_a_key_is_not_used_for_something_else(shop: Firm) -> None:
    customer = a_customer(shop)
    commands.note(shop["sales"], [Seen(customer, ASKED, text="In oak?", key="k")])

    with pytest.raises(InvalidError) as refused:
        commands.note(shop["sales"], [Seen(customer, ObservedKind.VIEWED, text="Oak", key="k")])

    assert list(refused.value.fields) == ["key"]


def test_of_a_batch_with_a_wrong_one_nothing_is_kept(client: FlaskClient, shop: Firm) -> None:
    customer = str(a_customer(shop))
    right = {"customer_id": customer, "kind": "asked", "text": "In oak?"}
    wrong = [
        {**right, "customer_id": str(uuid4())},
        {**right, "product_id": str(uuid4())},
        {**right, "text": " "},
        {**right, "at": "2199-01-01T00:00:00Z"},
    ]

    answer = _post(client, shop, right, *wrong)

    assert answer.status_code == 422
    assert set(answer.get_json()["error"]["fields"]) == {"customer_id", "product_id", "text", "at"}
    assert answer.get_json()["error"]["fields"]["text"] == ["4: is empty"]
    assert _kept(shop) == []


def test_nothing_is_noted_of_nobody_and_no_more_than_five_hundred_at_once(shop: Firm) -> None:
    seen = Seen(a_customer(shop), ASKED, text="x")

    for many in ([], [seen] * 501):
        with pytest.raises(InvalidError):
            commands.note(shop["sales"], many)


def test_a_list_is_read_page_by_page_and_narrowed(client: FlaskClient, shop: Firm) -> None:
    one, other = a_customer(shop), a_customer(shop)
    product = a_product(shop, name="Oak table")
    for day in (1, 2, 3):
        at = datetime(2026, 5, day, tzinfo=UTC)
        commands.note(shop["sales"], [Seen(one, ASKED, product, f"day {day}", at=at)])
    commands.note(shop["sales"], [Seen(other, ObservedKind.OTHER, text="else")])
    headers = shop.headers("sales")

    path = f"/api/v1/observations?customer_id={one}&limit=2"
    first = client.get(path, headers=headers).get_json()
    rest = client.get(f"{path}&cursor={first['next']}", headers=headers).get_json()
    narrow = client.get(
        f"/api/v1/observations?kind=asked&product_id={product}&since=2026-05-02&until=2026-05-02",
        headers=headers,
    ).get_json()

    assert [row["text"] for row in first["items"] + rest["items"]] == ["day 3", "day 2", "day 1"]
    assert [(row["text"], row["product"], row["person"]) for row in narrow["items"]] == [
        ("day 2", "Oak table", "Sales")
    ]


def test_what_was_asked_becomes_one_need_however_often_it_is_pressed(client: FlaskClient, shop: Firm) -> None:
    customer, product = a_customer(shop), a_product(shop, name="Oak table")
    seen = commands.note(shop["sales"], [Seen(customer, ASKED, product, "In black?")])[0].id

    made = commands.make_need(shop["sales"], seen)
    again = commands.make_need(shop["sales"], seen)

    assert made == again
    need = client.get(f"/api/v1/needs/{made.id}", headers=shop.headers("sales")).get_json()
    assert (need["need_type"], need["text"], need["channel"]) == ("Oak table", "In black?", "observation")
    assert need["customer_id"] == str(customer)
    assert need["origin"] == {
        "kind": "observation",
        "source_id": str(seen),
        "order_id": None,
        "order_number": None,
    }


def test_what_was_looked_at_is_no_need(shop: Firm) -> None:
    seen = commands.note(shop["sales"], [Seen(a_customer(shop), ObservedKind.VIEWED, text="Lamps")])[0].id

    with pytest.raises(ConflictError, match="asked or complained"):
        commands.make_need(shop["sales"], seen)
    with pytest.raises(NotFoundError):
        commands.make_need(shop["sales"], uuid4())


def test_a_customers_page_notes_by_hand_and_shows_what_happened(app: Flask, shop: Firm) -> None:
    customer, product = a_customer(shop), a_product(shop, name="Oak table")
    browser = signed_in(app, shop, Role.SALES)
    path = f"/customers/{customer}"
    form = {"csrf_token": form_token(browser, path), "kind": "complained", "product_id": str(product)}

    noted = browser.post(f"{path}/observations", data={**form, "text": "It wobbles"})
    shown = browser.get(path).get_data(as_text=True)
    seen = _kept(shop)[0].id
    pressed = browser.post(f"/observations/{seen}/need", data={"csrf_token": form["csrf_token"]})
    after = browser.get(path).get_data(as_text=True)

    assert noted.status_code == pressed.status_code == 303
    assert "It wobbles" in shown
    assert "Oak table" in shown
    assert f"/observations/{seen}/need" in shown
    assert f"/observations/{seen}/need" not in after
    assert pressed.headers["Location"] in after


def test_a_form_without_a_known_kind_is_refused(app: Flask, shop: Firm) -> None:
    browser = signed_in(app, shop, Role.SALES)
    path = f"/customers/{a_customer(shop)}"
    form = {"csrf_token": form_token(browser, path), "text": "x"}

    for wrong in ({"kind": "danced"}, {"kind": "asked", "product_id": "none"}):
        assert browser.post(f"{path}/observations", data={**form, **wrong}).status_code == 422


def test_a_timeline_tells_what_happened_newest_first(client: FlaskClient, shop: Firm) -> None:
    customer = a_customer(shop)
    at = datetime(2026, 5, 1, tzinfo=UTC)
    seen = commands.note(shop["sales"], [Seen(customer, ASKED, text="In oak?", at=at)])[0].id
    commands.make_need(shop["sales"], seen)
    later = datetime(2026, 5, 2, tzinfo=UTC)
    commands.note(shop["sales"], [Seen(customer, ObservedKind.VIEWED, text="Tables", at=later)])

    path = f"/api/v1/customers/{customer}/timeline"
    items = client.get(path, headers=shop.headers("sales")).get_json()["items"]

    assert [row["at"] for row in items] == sorted((row["at"] for row in items), reverse=True)
    assert items[0]["kind"] == "observed"
    assert {row["kind"] for row in items} == {"observed", "need"}


def test_an_erased_customer_leaves_no_observation_and_gets_none(shop: Firm) -> None:
    customer, other = a_customer(shop), a_customer(shop)
    seen = [Seen(customer, ASKED, text="In oak?"), Seen(other, ASKED, text="In ash?")]
    commands.note(shop["sales"], seen)

    erasing.erase(shop["admin"], customer)

    assert [row.customer_id for row in _kept(shop)] == [other]
    with pytest.raises(InvalidError, match="noted"):
        commands.note(shop["sales"], [Seen(customer, ASKED, text="again")])


def test_two_organisations_use_the_same_key(shop: Firm, stranger: Firm) -> None:
    for firm in (shop, stranger):
        assert commands.note(firm["sales"], [Seen(a_customer(firm), ASKED, text="x", key="one")])[0].is_new


def _needs(firm: Firm) -> list[UUID]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(Need.id)))


def test_a_need_of_a_question_has_a_chinese_type_where_the_business_is_chinese(shop: Firm) -> None:
    with transaction(shop.org_id) as tx:
        tx.session.get_one(Organisation, shop.org_id).locale = "zh_Hans_CN"
    seen = [Seen(a_customer(shop), kind, text="什么时候送到？") for kind in (ASKED, ObservedKind.COMPLAINED)]

    made = [commands.make_need(shop["sales"], each.id) for each in commands.note(shop["sales"], seen)]

    with reading(shop.org_id) as tx:
        assert [tx.session.get_one(Need, each.id).need_type for each in made] == ["咨询", "投诉"]


def test_a_need_of_a_question_without_a_product_is_called_a_question(shop: Firm) -> None:
    seen = commands.note(shop["sales"], [Seen(a_customer(shop), ASKED, text="Do you deliver?")])[0].id

    made = commands.make_need(shop["sales"], seen)

    assert _needs(shop) == [made.id]
    with reading(shop.org_id) as tx:
        assert tx.session.get_one(Need, made.id).need_type == "question"
        assert queries.list_observations(tx, queries.Wanted())[0].need_id == made.id
