"""The record as a page: what was done in words, what changed before and after, the entry itself behind."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import refresh

from app.accounts import commands as accounts
from app.accounts.models import Role
from app.catalogue import commands as catalogue
from app.operations.record_words import ACTIONS
from app.orders import commands as orders
from tests.app.audit.test_deeds import DEEDS
from tests.builders import PASSWORD, Firm
from tests.selling import a_product, an_order, publish_shipped
from tests.signing_in import signed_in

in_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def shop(firm: Firm) -> Firm:
    publish_shipped(firm)
    return firm


def _page(app: Flask, shop: Firm, action: str, language: str = "en") -> str:
    refresh()
    client = signed_in(app, shop, Role.AUDITOR)
    headers = {"Accept-Language": language}
    return client.get("/audit", query_string={"action": action}, headers=headers).get_data(as_text=True)


@in_sqlite
def test_a_change_is_a_table_of_before_and_after(app: Flask, shop: Firm) -> None:
    product = a_product(shop, price="9.50", name="Lamp")
    catalogue.change(shop["sales"], product, {"price": Decimal("12"), "name": "Lamp"}, None)

    page = _page(app, shop, "product.changed")

    assert "A product was changed" in page
    assert '<th scope="row">Price</th><td>9.5</td><td>12</td>' in page
    assert '<th scope="row">Name</th>' not in page
    assert "<details><summary" in page
    assert "product.changed catalogue" in page


@in_sqlite
def test_the_record_speaks_the_readers_language(app: Flask, shop: Firm) -> None:
    orders.comment(shop["sales"], an_order(shop).id, "Hurry")

    page = _page(app, shop, "order.commented", "zh-CN")
    rows = page[page.index("<tbody>") : page.index("</tbody>")]
    shown = re.sub("<details>.*?</details>|<[^>]*>", " ", rows, flags=re.DOTALL)

    assert "评论了订单" in shown
    assert re.findall("[A-Za-z]{4,}", shown) == ["Sales"]  # the name of a person


@in_sqlite
def test_the_record_joins_lists_as_the_readers_language_does(app: Flask, shop: Firm) -> None:
    accounts.add_person(
        shop.org_id,
        shop["admin"].person_id,
        email="two@example.com",
        name="Two",
        password=PASSWORD,
        roles=[Role.SALES, Role.AUDITOR],
        teams=[],
    )

    assert "auditor, sales" in _page(app, shop, "person.added")
    assert "审计人员、销售" in _page(app, shop, "person.added", "zh-CN")


def test_everything_that_people_do_has_words() -> None:
    named = {deed.action for deed in DEEDS.values()} - set(ACTIONS)

    assert {action for action in named if not action.endswith(".late")} == set()
