"""The page of messages that nobody awaited: what is seen there, and what an operator does."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh

from app.accounts.models import Role
from app.processes import keeping_messages, messages
from tests.app.processes.running import begin, publish, stands_at
from tests.builders import Firm, a_firm
from tests.signing_in import form_token, signed_in
from tests.workflows.building import diagram, element, user


@pytest.fixture(autouse=True)
def _as_each_request_asks(app: Flask) -> None:
    refresh()


@pytest.fixture
def shop(app: Flask) -> Firm:
    firm = a_firm()
    body = element("startEvent", "s") + element("receiveTask", "w", messageRef="paid") + user("after")
    publish(firm, waits=diagram(body, "s -> w\nw -> after", "waits"))
    return firm


@pytest.fixture
def client(app: Flask, shop: Firm) -> FlaskClient:
    return signed_in(app, shop, Role.OPERATOR)


def _seen(client: FlaskClient, path: str = "/messages") -> str:
    text = client.get(path, headers={"Accept-Language": "en"}).get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def _do(client: FlaskClient, path: str, **form: str) -> int:
    data = {"csrf_token": form_token(client, "/messages"), **form}
    return client.post(path, data=data, headers={"Accept-Language": "en"}).status_code


def _kept(shop: Firm, key: str = "K-9") -> str:
    keeping_messages.set_policy(shop["operator"], "paid", True, None)
    said = {"invoice": 17}
    kept = messages.deliver(shop["operator"], "paid", {"sum": 5}, key, correlation=said)
    return str(kept.kept_id)


def test_without_messages_the_page_says_what_becomes_of_them(client: FlaskClient) -> None:
    seen = _seen(client)

    assert "No message waits" in seen
    assert "All refused" in seen


def test_a_decision_is_made_and_seen(client: FlaskClient) -> None:
    assert _do(client, "/messages/policy", name="", keeps="1", hours="48") == 303
    assert _do(client, "/messages/policy", name="paid", keeps="0", hours="") == 303
    assert _do(client, "/messages/policy", name="paid", keeps="1", hours="0") == 422

    seen = _seen(client)
    assert "All others kept for 48 hours" in seen
    assert "paid refused" in seen


def test_what_waits_is_seen_with_what_it_says_and_delivered_to_whom_is_named(
    client: FlaskClient, shop: Firm
) -> None:
    kept = _kept(shop)
    both = [begin(shop, "waits", key) for key in ("K-1", "K-2")]
    seen = _seen(client)

    undecided = _do(client, f"/messages/{kept}/deliver", instance_id="")
    delivered = _do(client, f"/messages/{kept}/deliver", instance_id=str(both[1]))

    assert all(word in seen for word in ("paid", "K-9", "waiting", "invoice = 17", "sum", "Operator"))
    assert (undecided, delivered) == (409, 303)
    assert [stands_at(shop, each) for each in both] == [["w"], ["after"]]
    assert ("No message waits" in _seen(client), "delivered" in _seen(client, "/messages?all=1")) == (
        True,
        True,
    )


def test_what_is_discarded_is_seen_among_all_with_its_reason(client: FlaskClient, shop: Firm) -> None:
    kept = _kept(shop)

    assert _do(client, f"/messages/{kept}/discard", reason=" ") == 422
    assert _do(client, f"/messages/{kept}/discard", reason="Sent twice") == 303

    assert "No message waits" in _seen(client)
    assert "Sent twice" in _seen(client, "/messages?all=1")


@pytest.mark.parametrize(("role", "status"), [(Role.AUDITOR, 200), (Role.SALES, 403)])
def test_who_may_read_what_was_said(app: Flask, shop: Firm, role: Role, status: int) -> None:
    _kept(shop)

    answer = signed_in(app, shop, role).get("/messages")

    assert answer.status_code == status
    assert ("<form" in answer.get_data(as_text=True).split("<main")[-1]) is False or role is not Role.AUDITOR
