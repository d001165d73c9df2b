"""Products: prices, versions, and stock that is corrected with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.catalogue import commands
from app.catalogue.models import Product
from app.database import reading, transaction
from app.errors import InvalidError, NotFoundError, RefusedError, StaleError
from tests.builders import Firm, a_firm
from tests.selling import a_product

API = "/api/v1/products"


def _values(**more: Any) -> dict[str, Any]:
    return {"sku": f"S-{uuid4()}", "name": "Lamp", "currency": "EUR", "price": Decimal("9.5"), **more}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"sku": " "}, "sku"),
        ({"sku": "x" * 61}, "sku"),
        ({"name": ""}, "name"),
        ({"price": Decimal(-1)}, "price"),
        ({"cost": Decimal(10**10)}, "cost"),
        ({"tax_percent": Decimal(101)}, "tax_percent"),
        ({"currency": "euro"}, "currency"),
        ({"unit": "x" * 21}, "unit"),
    ],
)
def test_what_is_wrong_with_a_product_is_named(firm: Firm, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        commands.create(firm["sales"], _values(**values))

    assert list(refused.value.fields) == [field]


def test_a_number_stands_for_one_product(firm: Firm) -> None:
    commands.create(firm["sales"], _values(sku="LMP-1"))
    other = commands.create(firm["sales"], _values(sku="LMP-2"))

    with pytest.raises(InvalidError, match="not saved"):
        commands.create(firm["sales"], _values(sku="LMP-1"))
    with pytest.raises(InvalidError, match="not saved"):
        commands.change(firm["sales"], other.id, {"sku": "LMP-1"}, None)

    assert commands.change(firm["operator"], other.id, {"sku": "LMP-2", "name": "Lamp"}, 1).version == 2


def test_an_older_version_is_not_saved_over_a_newer(firm: Firm) -> None:
    made = commands.create(firm["sales"], _values())
    commands.change(firm["sales"], made.id, {"price": Decimal(8)}, 1)

    with pytest.raises(StaleError):
        commands.change(firm["sales"], made.id, {"price": Decimal(7)}, 1)


def test_only_sales_and_operators_change_products(firm: Firm) -> None:
    with pytest.raises(RefusedError):
        commands.create(firm["lead"], _values())


def test_a_correction_is_kept_in_the_record_with_before_after_and_why(firm: Firm) -> None:
    product_id = a_product(firm, on_hand=10)

    commands.correct_stock(firm["operator"], product_id, Decimal(7), " Three were broken ")

    with reading(firm.org_id) as tx:
        statement = select(AuditEntry.detail).where(AuditEntry.action == "stock.corrected")
        said = [text for text in tx.session.scalars(statement) if str(product_id) in text]
        assert tx.session.get_one(Product, product_id).on_hand == 7
    assert len(said) == 1
    assert "Three were broken" in said[0]


@pytest.mark.parametrize(
    ("is_stocked", "reserved", "on_hand", "reason", "field"),
    [
        pytest.param(True, 0, 5, " ", "reason", id="no reason"),
        pytest.param(False, 0, 5, "x", "on_hand", id="a service"),
        pytest.param(True, 6, 5, "x", "on_hand", id="less than is promised"),
        pytest.param(True, 0, -1, "x", "on_hand", id="less than nothing"),
        pytest.param(True, 0, 10**10, "x", "on_hand", id="more than can be"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    firm: Firm, is_stocked: bool, reserved: int, on_hand: int, reason: str, field: str
) -> None:
    product_id = a_product(firm, on_hand=10, is_stocked=is_stocked)
    with transaction(firm.org_id) as tx:
        tx.session.get_one(Product, product_id).reserved = Decimal(reserved)

    with pytest.raises(InvalidError) as refused:
        commands.correct_stock(firm["operator"], product_id, Decimal(on_hand), reason)

    assert list(refused.value.fields) == [field]


def test_the_api_adds_changes_and_counts_a_product(client: FlaskClient, firm: Firm) -> None:
    headers = firm.headers("operator")
    body = {"sku": f"S-{uuid4()}", "name": "Lamp", "currency": "EUR", "price": "9.50", "tax_percent": "19"}
    made = client.post(API, json=body, headers=headers)
    path = f"{API}/{made.get_json()['id']}"
    etag = client.get(path, headers=headers).headers["ETag"]

    changed = client.patch(path, json={"cost": "4"}, headers={**headers, "If-Match": etag})
    stale = client.patch(path, json={"cost": "5"}, headers={**headers, "If-Match": etag})
    counted = client.put(f"{path}/stock", json={"on_hand": "12", "reason": "Counted"}, headers=headers)

    found = client.get(path, headers=headers).get_json()
    assert [made.status_code, changed.status_code, stale.status_code, counted.status_code] == [
        201,
        200,
        412,
        200,
    ]
    assert [Decimal(found[name]) for name in ("price", "cost", "on_hand")] == [Decimal("9.5"), 4, 12]


def test_products_are_listed_searched_and_paged(client: FlaskClient, firm: Firm) -> None:
    fresh = a_firm()
    for name in ("Chair", "Chair", "Desk 50%", "Lamp"):
        a_product(fresh, name=name, is_active=name != "Lamp")
    headers, seen, cursor = fresh.headers("sales"), [], None

    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = client.get(API, query_string=query, headers=headers).get_json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    found = client.get(API, query_string={"search": "50%"}, headers=headers).get_json()["items"]
    sold = client.get(API, query_string={"is_active": "true"}, headers=headers).get_json()["items"]
    forged = client.get(API, query_string={"cursor": "WyJhIiwieCJd"}, headers=headers)

    assert len(seen) == len(set(seen)) == 4
    assert [item["name"] for item in found] == ["Desk 50%"]
    assert len(sold) == 3
    assert forged.status_code == 422


def test_an_unknown_product_is_not_found(firm: Firm, stranger: Firm) -> None:
    theirs: UUID = a_product(stranger)

    with pytest.raises(NotFoundError):
        commands.correct_stock(firm["operator"], theirs, Decimal(1), "mine now")
