"""An amount is in money that somebody pays with today, wherever it comes from."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Organisation
from app.catalogue import commands as catalogue
from app.currencies import CURRENCIES, currency_problem, exact, minor_units, shortest
from app.database import transaction
from app.errors import InvalidError
from app.needs import commands as needs
from tasks.commands.people import add_organisation
from tests.builders import Firm, a_firm
from tests.selling import a_customer, publish_shipped

NO_MONEY = ["XXX", "XTS", "XAU", "XDR", "DEM", "ZZZ", "eur", "EURO", ""]
PROBLEM = "is not a currency of today, three capital letters such as EUR"


@pytest.mark.parametrize("code", ["EUR", "USD", "CNY", "JPY", "KWD", "XAF", "XOF", "XCD", "CHF"])
def test_money_of_today_is_taken(code: str) -> None:
    assert currency_problem(code) is None


@pytest.mark.parametrize("code", [*NO_MONEY, None, 978])
def test_what_nobody_pays_with_is_none(code: object) -> None:
    assert currency_problem(code) == PROBLEM


@pytest.mark.parametrize(("code", "places"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("XYZ", 2)])
def test_a_currency_has_its_own_decimals(code: str, places: int) -> None:
    assert minor_units(code) == places


def test_every_currency_can_be_written_in_three_letters() -> None:
    assert {len(code) for code in CURRENCIES} == {3}
    assert 140 < len(CURRENCIES) < 170


@pytest.mark.parametrize("code", NO_MONEY)
def test_no_need_product_or_business_is_in_it(firm: Firm, code: str) -> None:
    refused = []
    for attempt in (
        lambda: needs.create(firm["sales"], {"need_type": "x", "text": "x", "currency": code}),
        lambda: catalogue.create(
            firm["sales"], {"sku": "X", "name": "X", "price": Decimal(1), "currency": code}
        ),
        lambda: add_organisation("new-firm", "A new firm", code),
    ):
        with pytest.raises(InvalidError) as error:
            attempt()
        refused.append(error.value.fields)

    assert refused == [{"currency": [PROBLEM]}] * 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/needs", {"need_type": "x", "text": "x"}),
        ("/api/v1/products", {"sku": "X", "name": "X", "price": "1.00"}),
        ("/api/v1/orders", {"customer_id": "0199c0de-0000-7000-8000-000000000001"}),
    ],
)
def test_the_api_names_the_field(client: FlaskClient, firm: Firm, path: str, body: dict[str, Any]) -> None:
    headers = firm.headers("sales")

    answer = client.post(path, json={**body, "currency": "XAU"}, headers=headers)

    assert answer.status_code == 422
    assert answer.get_json()["error"]["fields"] == {"currency": [PROBLEM]}


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("12", "EUR", "12.00"),
        ("12.5000", "EUR", "12.50"),
        ("0.1234", "EUR", "0.1234"),
        ("-5", "EUR", "-5.00"),
        ("1310.0000", "JPY", "1310"),
        ("100.5", "JPY", "100.5"),
        ("3.5", "KWD", "3.500"),
        ("1E+3", "EUR", "1000.00"),
        ("7", None, "7.00"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(amount: str, currency: str | None, written: str) -> None:
    assert exact(Decimal(amount), currency) == written


@pytest.mark.parametrize(("number", "written"), [("12.0000", "12"), ("12.50", "12.5"), ("1E+2", "100")])
def test_a_quantity_has_no_needless_zeros(number: str, written: str) -> None:
    assert shortest(Decimal(number)) == written


@pytest.mark.parametrize(("currency", "value"), [("EUR", "12.50"), ("KWD", "12.500"), ("JPY", "12.5")])
def test_the_api_writes_a_need_in_its_currency(
    client: FlaskClient, firm: Firm, currency: str, value: str
) -> None:
    headers = firm.headers("sales")
    body = {"need_type": "x", "text": "x", "value": "12.5", "quantity": "3.0", "currency": currency}
    made = client.post("/api/v1/needs", json=body, headers=headers).get_json()

    need = client.get(f"/api/v1/needs/{made['id']}", headers=headers).get_json()

    assert (need["value"], need["quantity"]) == (value, "3")


def test_an_order_is_written_in_its_currency_to_the_last_line(client: FlaskClient) -> None:
    shop = a_firm()
    publish_shipped(shop)
    with transaction(shop.org_id) as tx:
        tx.session.get_one(Organisation, shop.org_id).currency = "KWD"
    customer_id, headers = a_customer(shop), shop.headers("sales")
    product = {"sku": "C", "name": "Chair", "currency": "KWD", "price": "10.5", "tax_percent": "5"}
    product_id = client.post("/api/v1/products", json=product, headers=headers).get_json()["id"]
    body = {
        "customer_id": str(customer_id),
        "lines": [{"product_id": product_id, "quantity": "2", "discount_percent": "10.0"}],
    }

    made = client.post("/api/v1/orders", json=body, headers=headers).get_json()
    order = client.get(f"/api/v1/orders/{made['id']}", headers=headers).get_json()
    customer = client.get(f"/api/v1/customers/{customer_id}", headers=headers).get_json()
    table = client.get("/api/v1/orders.csv", headers=headers).get_data(as_text=True)

    line = order["lines"][0]
    assert (order["subtotal"], order["discount"], order["total"]) == ("21.000", "2.100", "19.845")
    assert (line["unit_price"], line["net"], line["quantity"]) == ("10.500", "18.900", "2")
    assert line["discount_percent"] == "10"
    assert re.fullmatch(r"\d+\.\d{3}", customer["credit_limit"])
    assert ",KWD,21.000,2.100,0.945,19.845," in table
