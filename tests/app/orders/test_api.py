"""Orders over HTTP: shapes, refusals, versions, and nothing for strangers."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.columns import new_id
from app.database import reading, transaction
from app.moments import utc_now
from app.orders.models import Shipment
from app.outbox.models import ServiceCall
from tests.builders import Firm
from tests.selling import a_customer, a_line, a_product, an_order

API = "/api/v1/orders"


def _body(shop: Firm, **more: object) -> dict[str, Any]:
    return {
        "customer_id": str(a_customer(shop)),
        "lines": [{"product_id": str(a_product(shop)), "quantity": "2"}],
        **more,
    }


def test_an_order_is_entered_with_amounts_as_text(client: FlaskClient, shop: Firm) -> None:
    answer = client.post(API, json=_body(shop), headers=shop.headers("sales"))

    order = answer.get_json()
    assert answer.status_code == 201
    assert (order["status"], float(order["total"]), order["currency"]) == ("draft", 200.0, "EUR")
    assert isinstance(order["total"], str)
    assert order["waiting"][0]["name"] == "Prepare order"
    assert order["standing"][0]["process"] == "order_lifecycle"


def test_the_version_of_an_order_is_its_etag(client: FlaskClient, shop: Firm) -> None:
    order, headers = an_order(shop), shop.headers("sales")
    etag = client.get(f"{API}/{order.id}", headers=headers).headers["ETag"]

    saved = client.patch(f"{API}/{order.id}", json={"note": "a"}, headers={**headers, "If-Match": etag})
    stale = client.patch(f"{API}/{order.id}", json={"note": "b"}, headers={**headers, "If-Match": etag})

    assert saved.status_code == 200
    assert saved.headers["ETag"] != etag
    assert stale.status_code == 412
    assert stale.get_json()["error"]["code"] == "stale"


def test_a_draft_is_submitted_and_cancelled(client: FlaskClient, shop: Firm) -> None:
    order, headers = an_order(shop), shop.headers("sales")

    submitted = client.post(f"{API}/{order.id}/submit", headers=headers)
    again = client.post(f"{API}/{order.id}/submit", headers=headers)
    cancelled = client.post(f"{API}/{order.id}/cancel", json={"reason": "twice"}, headers=headers)
    too_late = client.post(f"{API}/{order.id}/cancel", json={"reason": "twice"}, headers=headers)

    assert submitted.get_json()["status"] == "executing"
    assert again.status_code == 409
    assert cancelled.get_json()["status"] == "cancelled"
    assert (too_late.status_code, too_late.get_json()["error"]["code"]) == (409, "too_late")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"surprise": 1}, "surprise", id="an unknown field"),
        pytest.param({"customer_id": "x"}, "customer_id", id="no id"),
        pytest.param({"lines": [{"quantity": 2}]}, "lines", id="a number that is no text"),
        pytest.param({"lines": [{"quantity": "-1"}]}, "lines", id="less than nothing"),
        pytest.param({"lines": [{"quantity": "1", "discount_percent": "101"}]}, "lines", id="over 100 %"),
        pytest.param({"lines": [{"quantity": "1"}] * 201}, "lines", id="too many lines"),
        pytest.param({"wanted_on": "tomorrow"}, "wanted_on", id="no date"),
        pytest.param({"currency": "euro"}, "currency", id="no currency"),
        pytest.param({"submit": "yes"}, "submit", id="not true or false"),
        pytest.param({"title": "a\u0000b"}, "title", id="control characters"),
    ],
)
def test_what_is_wrong_is_named(
    client: FlaskClient, shop: Firm, change: dict[str, object], field: str
) -> None:
    answer = client.post(API, json=_body(shop, **change), headers=shop.headers("sales"))

    assert answer.status_code == 422
    assert field in answer.get_json()["error"]["fields"]


def test_an_unusable_key_is_named(client: FlaskClient, shop: Firm) -> None:
    headers = {**shop.headers("sales"), "Idempotency-Key": "x" * 121}

    answer = client.post(API, json=_body(shop), headers=headers)

    assert answer.status_code == 422


@pytest.mark.parametrize("cursor", ["x", "WyJub3ciLCJ4Il0", "WyIyMDI2LTAxLTAxIiwgIjAxIl0"])
def test_a_forged_cursor_is_refused(client: FlaskClient, shop: Firm, cursor: str) -> None:
    answer = client.get(API, query_string={"cursor": cursor}, headers=shop.headers("sales"))

    assert answer.status_code == 422


def test_an_unsaved_order_is_previewed(client: FlaskClient, shop: Firm) -> None:
    product = a_product(shop, price="2000")
    body = _body(shop, lines=[{"product_id": str(product), "quantity": "1"}])

    answer = client.post(f"{API}/preview", json=body, headers=shop.headers("sales")).get_json()

    assert [level["team"] for level in answer["levels"]] == ["sales_lead"]
    assert answer["by_rule"] is False
    assert answer["levels"][0]["rules"] == [1]


def test_a_kept_order_is_previewed_commented_and_told(client: FlaskClient, shop: Firm) -> None:
    order, headers = an_order(shop), shop.headers("lead")

    previewed = client.get(f"{API}/{order.id}/preview", headers=headers)
    said = client.post(f"{API}/{order.id}/comments", json={"text": "why so few?"}, headers=headers)
    told = client.get(f"{API}/{order.id}/timeline", headers=headers).get_json()["items"]
    papers = client.get(f"{API}/{order.id}/documents", headers=headers).get_json()["items"]

    assert previewed.get_json()["by_rule"] is True
    assert said.status_code == 201
    assert [(entry["kind"], entry["note"]) for entry in told][-1] == ("comment", "why so few?")
    assert papers == []


def test_a_carriers_report_is_taken_once(client: FlaskClient, shop: Firm) -> None:
    order, headers = an_order(shop, submit=True), shop.headers("operator")
    parcel = Shipment(
        id=new_id(),
        org_id=shop.org_id,
        order_id=order.id,
        carrier="Swift",
        tracking_number="SP1",
        is_simulated=False,
        status="created",
        created_at=utc_now(),
    )
    with transaction(shop.org_id) as tx:
        tx.session.add(parcel)
    report = {"event": "shipment.delivered", "reference": "SP1"}

    answers = [client.post(f"{API}/{order.id}/reports", json=report, headers=headers) for _ in range(2)]
    unknown = client.post(f"{API}/{order.id}/reports", json={**report, "reference": "SP2"}, headers=headers)
    unbilled = client.post(
        f"{API}/{order.id}/reports", json={"event": "payment.received", "reference": "B1"}, headers=headers
    )

    with reading(shop.org_id) as tx:
        statement = select(ServiceCall).where(ServiceCall.handler == "party.report")
        asked = [c for c in tx.session.scalars(statement) if c.inputs["shipment_id"] == str(parcel.id)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len(asked) == 1
    assert unknown.status_code == 422
    assert unbilled.status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "", None),
        ("patch", "", {"note": "x"}),
        ("post", "/submit", None),
        ("post", "/cancel", {"reason": "x"}),
        ("post", "/comments", {"text": "x"}),
        ("get", "/timeline", None),
        ("get", "/preview", None),
        ("get", "/documents", None),
        ("post", "/reports", {"event": "shipment.delivered", "reference": "x"}),
    ],
)
def test_another_organisations_order_does_not_exist(
    client: FlaskClient, shop: Firm, other_shop: Firm, method: str, path: str, body: dict[str, str] | None
) -> None:
    theirs = an_order(other_shop)

    answer = client.open(
        f"{API}/{theirs.id}{path}", method=method.upper(), json=body, headers=shop.headers("admin")
    )

    assert answer.status_code == 404
    assert theirs.number not in answer.get_data(as_text=True)


def test_another_organisations_orders_are_not_listed(
    client: FlaskClient, shop: Firm, other_shop: Firm
) -> None:
    theirs = an_order(other_shop, [a_line(a_product(other_shop, name="Secret lamp"))])
    headers = shop.headers("sales")

    listed = client.get(API, query_string={"search": "secret lamp"}, headers=headers).get_json()
    exported = client.get(f"{API}.csv", headers=headers).get_data(as_text=True)

    assert listed["items"] == []
    assert theirs.title not in exported


@pytest.mark.parametrize(
    ("who", "scopes", "method", "status"),
    [
        pytest.param("auditor", ("orders:read",), "get", 200, id="anybody reads"),
        pytest.param("auditor", ("orders:write",), "post", 403, id="only sales writes"),
        pytest.param("sales", ("orders:read",), "post", 403, id="a reading token does not write"),
        pytest.param("sales", ("inbox:read",), "get", 403, id="another scope reads nothing"),
    ],
)
def test_roles_and_scopes_are_asked(
    client: FlaskClient, shop: Firm, who: str, scopes: tuple[str, ...], method: str, status: int
) -> None:
    body = _body(shop) if method == "post" else None

    answer = client.open(API, method=method.upper(), json=body, headers=shop.headers(who, *scopes))

    assert answer.status_code == status


def test_nobody_reads_without_signing_in(client: FlaskClient, shop: Firm) -> None:
    assert client.get(API).status_code == 401
