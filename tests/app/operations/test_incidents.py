"""Incidents over HTTP: listed, retried by operators, told in the record."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.database import reading, transaction
from app.moments import utc_now
from app.outbox.models import CallStatus, ServiceCall
from app.processes import commands
from tests.builders import Firm, a_firm
from tests.performing import a_call, status_of
from tests.selling import a_line, a_product, an_order, calls_of, publish_shipped

API = "/api/v1/incidents"


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm


def _failed_call(shop: Firm, error: str = "the carrier is away") -> UUID:
    """Let a service call of a running order fail for good."""
    order = an_order(shop, [a_line(a_product(shop))], submit=True)
    call = calls_of(shop, order.id)[0]
    commands.report(call.id, commands.Failed(error))
    return call.id


def _incidents(client: FlaskClient, shop: Firm, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(
        API, query_string=query, headers=shop.headers("auditor")
    ).get_json()["items"]
    return found


def test_a_call_that_failed_for_good_is_an_incident_of_its_order(client: FlaskClient, shop: Firm) -> None:
    _failed_call(shop, "the carrier burnt down")

    found = next(row for row in _incidents(client, shop) if row["message"] == "the carrier burnt down")

    assert found["number"].startswith("O-")
    assert found["order_id"]
    assert found["handler"] == "stock.reserve"
    assert found["resolved_at"] is None


def test_retrying_asks_for_the_call_again_and_tells_the_record(client: FlaskClient, shop: Firm) -> None:
    call_id = _failed_call(shop, "gone for lunch")
    incident = next(row for row in _incidents(client, shop) if row["message"] == "gone for lunch")
    body = {"reason": "They are back"}

    answer = client.post(f"{API}/{incident['id']}/retry", json=body, headers=shop.headers("operator"))
    again = client.post(f"{API}/{incident['id']}/retry", json=body, headers=shop.headers("operator"))

    assert (answer.status_code, again.status_code) == (204, 409)
    assert status_of(shop, call_id) == CallStatus.WAITING
    assert incident["id"] not in [row["id"] for row in _incidents(client, shop)]
    kept = next(row for row in _incidents(client, shop, all="true") if row["id"] == incident["id"])
    assert (kept["resolution"], kept["resolved_by"]) == ("They are back", "Operator")
    with reading(shop.org_id) as tx:
        statement = select(AuditEntry.detail).where(AuditEntry.action == "incident.retried")
        assert any(incident["id"] in said for said in tx.session.scalars(statement))


def test_a_call_is_not_retried_with_variables_that_would_take_no_effect(
    client: FlaskClient, shop: Firm
) -> None:
    call_id = _failed_call(shop, "wrong address")
    incident = next(row for row in _incidents(client, shop) if row["message"] == "wrong address")
    body = {"variables": {"address": "Long Street 1"}}

    answer = client.post(f"{API}/{incident['id']}/retry", json=body, headers=shop.headers("operator"))

    assert answer.status_code == 422
    assert "take no effect" in answer.get_json()["error"]["fields"]["variables"][0]
    assert status_of(shop, call_id) == CallStatus.FAILED
    assert incident["id"] in [row["id"] for row in _incidents(client, shop)]


def test_only_operators_retry(client: FlaskClient, shop: Firm) -> None:
    _failed_call(shop, "locked")
    incident = next(row for row in _incidents(client, shop) if row["message"] == "locked")

    answer = client.post(f"{API}/{incident['id']}/retry", json={}, headers=shop.headers("sales"))

    assert answer.status_code == 403


def test_all_incidents_of_one_cause_are_retried_and_no_others(client: FlaskClient, shop: Firm) -> None:
    calls = [_failed_call(shop, "the bank is closed") for _ in range(3)]
    other = _failed_call(shop, "the bank is closing")
    _withdraw(shop, calls[0])

    answer = client.post(
        f"{API}/retry", json={"message": "the bank is closed"}, headers=shop.headers("operator")
    )

    assert answer.get_json() == {"count": 2}
    assert [status_of(shop, call) for call in calls[1:]] == [CallStatus.WAITING] * 2
    assert status_of(shop, other) == CallStatus.FAILED


def _withdraw(shop: Firm, call_id: UUID) -> None:
    with transaction(shop.org_id) as tx:
        tx.session.get_one(ServiceCall, call_id).status = CallStatus.WITHDRAWN


def test_an_incident_without_an_instance_is_retried_by_its_call(client: FlaskClient, shop: Firm) -> None:
    call_id = a_call(shop, "mail.send")
    commands.report(call_id, commands.Failed("no such address"))
    incident = next(row for row in _incidents(client, shop) if row["message"] == "no such address")

    answer = client.post(f"{API}/{incident['id']}/retry", json={}, headers=shop.headers("operator"))

    assert (answer.status_code, incident["instance_id"], incident["title"]) == (204, None, "")
    assert status_of(shop, call_id) == CallStatus.WAITING


def test_a_timer_that_cannot_fire_is_one_incident_however_often(client: FlaskClient, shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    assert order.instance_id is not None

    for _ in range(2):
        commands.postpone_timer(shop.org_id, order.instance_id, "no such day", utc_now())

    assert len([row for row in _incidents(client, shop) if row["message"] == "no such day"]) == 1


def test_pages_of_incidents_hold_each_once(client: FlaskClient, shop: Firm) -> None:
    for _ in range(5):
        commands.report(a_call(shop, "mail.send"), commands.Failed("away"))
    headers, seen, cursor = shop.headers("operator"), [], None
    while True:
        query = {"limit": "2", "all": "true", **({"cursor": cursor} if cursor else {})}
        page = client.get(API, query_string=query, headers=headers).get_json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) >= 5
    assert client.get(API, query_string={"cursor": "x"}, headers=headers).status_code == 422


def test_an_instance_tells_where_it_stands_and_all_that_it_did(client: FlaskClient, shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop))], submit=True)

    found = client.get(f"/api/v1/instances/{order.instance_id}", headers=shop.headers("auditor")).get_json()

    assert (found["process"], found["status"], found["business_key"]) == (
        "order_lifecycle",
        "running",
        order.number,
    )
    assert [step["revision"] for step in found["steps"]] == list(range(1, found["revision"] + 1))
    assert found["steps"][0]["person"] == "Sales"
    assert found["calls"][0]["handler"] == "stock.reserve"
    assert client.get(f"/api/v1/instances/{uuid4()}", headers=shop.headers("auditor")).status_code == 404


def test_the_record_is_read_by_auditors_newest_first_page_by_page(client: FlaskClient, shop: Firm) -> None:
    headers, seen, cursor = shop.headers("auditor"), [], None
    while len(seen) < 12:
        query = {"limit": "5", **({"cursor": cursor} if cursor else {})}
        page = client.get("/api/v1/audit", query_string=query, headers=headers).get_json()
        seen += [(entry["stream_id"], entry["seq"]) for entry in page["items"]]
        cursor = page["next"]
        assert cursor

    assert len(seen) == len(set(seen))
    assert client.get("/api/v1/audit", headers=shop.headers("sales")).status_code == 403
    for forged in ("x", "WyJhIiwgImIiLCAiYyJd", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIngiLCAiMSJd"):
        answer = client.get("/api/v1/audit", query_string={"cursor": forged}, headers=headers)
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        pytest.param({"action": "team."}, {"team.added"}, id="by how the action begins"),
        pytest.param({"action": "nothing"}, set(), id="that nobody did"),
    ],
)
def test_the_record_is_searched(
    client: FlaskClient, shop: Firm, query: dict[str, str], actions: set[str]
) -> None:
    answer = client.get("/api/v1/audit", query_string=query, headers=shop.headers("auditor"))

    assert {entry["action"] for entry in answer.get_json()["items"]} == actions
