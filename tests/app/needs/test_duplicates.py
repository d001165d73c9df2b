"""Needs that say the same are found, merged with nothing lost, and parted again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.database import reading
from app.errors import ConflictError, InvalidError, NotFoundError
from app.needs import commands, duplicates, following, ordering, queries
from tests.builders import Firm, a_firm
from tests.selling import a_customer, publish_shipped
from tests.signing_in import form_token, signed_in

API = "/api/v1/needs"


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    made = a_firm()
    publish_shipped(made)
    return made


def _a_need(firm: Firm, text: str = "Twenty desk lamps for the hall", **more: Any) -> UUID:
    return commands.create(firm["sales"], {"need_type": "lamps", "text": text, **more}).id


def _two(firm: Firm) -> tuple[UUID, UUID]:
    customer_id = a_customer(firm)
    return _a_need(firm, customer_id=customer_id), _a_need(
        firm, "twenty desk-lamps for the hall!", customer_id=customer_id
    )


def _view(firm: Firm, need_id: UUID) -> queries.NeedView:
    with reading(firm.org_id) as tx:
        return queries.get_need(tx, need_id)


def _alike(firm: Firm, need_id: UUID) -> list[tuple[UUID, float]]:
    with reading(firm.org_id) as tx:
        return [
            (each.need.id, each.share) for each in duplicates.find(tx, queries.get_need(tx, need_id).need)
        ]


def test_the_same_words_of_one_customer_are_found_in_any_case_and_width(shop: Firm) -> None:
    one, other = _two(shop)
    _a_need(shop, "Twenty desk lamps for the hall", customer_id=a_customer(shop))

    ((found, share),) = _alike(shop, one)

    assert (found, share) == (other, 1.0)
    assert duplicates.pieces("ＬＡＭＰ") == duplicates.pieces("lamp")
    assert duplicates.share_of(frozenset(), frozenset()) == 0


def test_chinese_words_are_compared_too(shop: Firm) -> None:
    customer_id = a_customer(shop)
    one = _a_need(shop, "二楼需要二十盏台灯", customer_id=customer_id)
    other = _a_need(shop, "二楼需要二十盏台灯，谢谢", customer_id=customer_id)
    _a_need(shop, "会议室需要一张大桌子", customer_id=customer_id)

    assert [need_id for need_id, _ in _alike(shop, one)] == [other]


def test_a_customer_known_by_name_only_is_one_too(shop: Firm) -> None:
    one = _a_need(shop, customer_name="Ada & Co")
    other = _a_need(shop, customer_name="Ada & Co")

    assert [need_id for need_id, _ in _alike(shop, one)] == [other]
    assert _alike(shop, _a_need(shop)) == []


def test_a_merged_need_loses_nothing_and_its_moves_wait(shop: Firm) -> None:
    kept, gone = _two(shop)
    commands.add_note(shop["sales"], gone, "They called")
    commands.move(shop["sales"], gone, "qualified")

    duplicates.merge(shop["sales"], kept, gone)

    view = _view(shop, kept)
    number = _view(shop, gone).need.number
    assert [need.text for need in view.merged] == ["twenty desk-lamps for the hall!"]
    assert ("note", "They called", number) in [(event.kind, event.text, event.of) for event in view.events]
    assert view.events[-1].kind == "merged"
    with reading(shop.org_id) as tx:
        listed = [need.id for need in queries.list_needs(tx, queries.Filter(search="hall"), limit=200)]
        assert following.possible(tx, queries.get_need(tx, gone).need) == ()
    assert kept in listed
    assert gone not in listed
    assert _alike(shop, gone) == []
    with pytest.raises(ConflictError, match="merged into another"):
        commands.move(shop["sales"], gone, "quoted")


def test_a_parted_need_goes_on_where_it_stood(shop: Firm) -> None:
    kept, gone = _two(shop)
    commands.move(shop["sales"], gone, "qualified")
    duplicates.merge(shop["sales"], kept, gone)

    duplicates.part(shop["sales"], gone)
    commands.move(shop["sales"], gone, "quoted")

    assert _view(shop, gone).need.status == "quoted"
    assert _view(shop, kept).merged == ()
    with pytest.raises(ConflictError, match="was not merged"):
        duplicates.part(shop["sales"], gone)


def test_what_was_merged_into_a_merged_need_goes_along(shop: Firm) -> None:
    one, two = _two(shop)
    three = _a_need(shop)
    duplicates.merge(shop["sales"], two, three)

    duplicates.merge(shop["sales"], one, two)

    assert {need.id for need in _view(shop, one).merged} == {two, three}


def test_merges_that_make_no_sense_are_refused(shop: Firm) -> None:
    kept, gone = _two(shop)
    ordered, _ = _two(shop)
    ordering.make_order(shop["sales"], ordered)

    with pytest.raises(InvalidError):
        duplicates.merge(shop["sales"], kept, kept)
    with pytest.raises(ConflictError, match="an order was made"):
        duplicates.merge(shop["sales"], kept, ordered)
    duplicates.merge(shop["sales"], ordered, gone)
    with pytest.raises(ConflictError, match="already"):
        duplicates.merge(shop["sales"], kept, gone)
    with pytest.raises(NotFoundError):
        duplicates.merge(shop["sales"], kept, UUID(int=7))


def test_pairs_are_listed_merged_and_parted_by_the_api(client: FlaskClient, app: Flask) -> None:
    firm = a_firm()
    one, other = _two(firm)
    headers = firm.headers("sales")

    pairs = client.get(f"{API}/duplicates", headers=headers).get_json()["items"]
    merged = client.post(f"{API}/{one}/merge", json={"need_id": str(other)}, headers=headers)
    found = client.get(f"{API}/{other}", headers=headers).get_json()
    parted = client.post(f"{API}/{other}/part", headers=headers)

    assert [(pair["one"]["id"], pair["other"]["id"]) for pair in pairs] == [(str(one), str(other))]
    assert (merged.status_code, parted.status_code, found["merged_into_id"]) == (204, 204, str(one))


def test_pages_offer_lead_on_and_undo(app: Flask) -> None:
    firm = a_firm()
    one, other = _two(firm)
    client = signed_in(app, firm, Role.SALES)
    given = {"csrf_token": form_token(client, "/needs"), "need_id": str(other)}

    offered = client.get("/needs/duplicates").get_data(as_text=True)
    merged = client.post(f"/needs/{one}/merge", data=given)
    led = client.get(f"/needs/{other}")
    shown = client.get(f"/needs/{one}").get_data(as_text=True)
    wrong = client.post(f"/needs/{one}/merge", data={**given, "need_id": "x"})
    parted = client.post(f"/needs/{other}/part", data=given)

    assert f'value="{other}"' in offered
    assert (merged.status_code, led.location, wrong.status_code) == (303, f"/needs/{one}", 422)
    assert f"/needs/{other}/part" in shown
    assert (parted.status_code, client.get(f"/needs/{other}").status_code) == (303, 200)
