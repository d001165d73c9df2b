"""An amount is in money that somebody pays with today, wherever it comes from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.catalogue import commands as catalogue
from app.currencies import CURRENCIES, currency_problem, minor_units
from app.errors import InvalidError
from app.needs import commands as needs
from tasks.commands.people import add_organisation
from tests.builders import Firm

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
