"""Another organisation's ids, tried on every route that the application has: they lead to nothing."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from app import api_description
from app.accounts import commands
from app.accounts.models import Role
from app.database import Model, Owned, across_organisations
from tests.app.api.things import SECRET_WORD, Things
from tests.builders import PASSWORD, Firm
from tests.selling import FOLDERS, a_customer

pytestmark = pytest.mark.own_databases

# Whoever has a customer's link may follow it, whichever organisation they are signed in to.
BY_LINK = {
    "/feedback/<string:secret>",
    "/api/v1/feedback/<string:secret>",
    "/api/v1/forms/<string:slug>",
    "/f/<string:slug>",  # a business's form for its customers
    "/hooks/mail/<string:slug>",  # proves itself by a signature
}
# Everything that a form of ours may ask, right enough to get past the first look.
FORM = {
    "name": "A name",
    "email": "somebody@example.com",
    "password": "long enough",
    "text": "A text",
    "reason": "A reason",
    "said": "refused",
    "status": "lost",
    "on_hand": "5",
    "decision": "approved",
    "sku": "SKU-1",
    "currency": "EUR",
    "price": "1",
    "need_type": "x",
    "kind": "business",
    "is_active": "on",
    "roles": "sales",
    "version": "1",
}
CONTENT = base64.b64encode((FOLDERS[0] / "order_approval.bpmn").read_bytes()).decode()
# A draft of this name may well be made: it is then the stranger's own.
MAKES_ONE = {
    ("PUT", "/api/v1/processes/files/<string:name>"),
    ("POST", "/api/v1/processes/files/<string:name>/check"),
}


class Door:
    """A stranger who administers their own organisation: with a token at the API, signed in at the pages."""

    def __init__(self, app: Flask, firm: Firm) -> None:
        self.app = app
        email = f"boss-{secrets.token_hex(4)}@{firm.slug}.example"
        roles = list(Role)
        commands.add_person(
            firm.org_id, None, email=email, name="Boss", password=PASSWORD, roles=roles, teams=["director"]
        )
        self.token = firm.headers("admin")
        self.browser = app.test_client()
        signed = self.browser.post("/api/v1/sessions", json={"email": email, "password": PASSWORD}).get_json()
        self.csrf = {"X-CSRF-Token": signed["csrf_token"]}
        self.bodies = {
            (method, path): _example(operation)
            for method, path, operation in api_description.operations(api_description.description())
        }

    def knock(self, rule: Rule, method: str, values: dict[str, Any]) -> tuple[int, str]:
        """Return status and body of one request, with all that the caller gave taken out of the body."""
        path = self.app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
        if path.startswith("/api/v1/"):
            body = self.bodies.get((method.lower(), _documented(rule)))
            client: FlaskClient = self.app.test_client()
            answer = client.open(path, method=method, json=body, headers=self.token)
        else:
            form = FORM if method == "POST" else None
            answer = self.browser.open(path, method=method, data=form, headers=self.csrf)
        text = answer.get_data(as_text=True)
        for given in (*map(str, values.values()), answer.headers.get("X-Request-Id", "-")):
            text = text.replace(given, "…")
        return answer.status_code, text


def _example(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    body = json.loads(json.dumps(content.get("application/json", {}).get("example")))
    if body and "status" in body:
        body["status"] = "lost"
    if body and "tests" in body:
        return {}  # those that are kept
    if body and "content" in body:
        body["content"] = CONTENT
    return body


def _documented(rule: Rule) -> str:
    parts = (part.split(":")[-1].rstrip(">") if "<" in part else part for part in rule.rule.split("/"))
    return "/".join(
        f"{{{p}}}" if "<" in whole else p for p, whole in zip(parts, rule.rule.split("/"), strict=True)
    )


def _routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def _nonsense(values: dict[str, str]) -> dict[str, Any]:
    return {name: "nowhere.bpmn" if name == "name" else uuid4() for name in values}


def _rows_of(firm: Firm) -> dict[str, list[Any]]:
    """Return all that an organisation has, but the counters of its own doors."""
    found = {}
    with across_organisations() as tx:
        for mapper in Model.registry.mappers:
            if issubclass(mapper.class_, Owned):
                table = mapper.local_table
                rows = tx.execute(select(table).where(table.c.org_id == firm.org_id)).all()
                found[mapper.class_.__name__] = sorted(map(repr, rows))
    return found


@pytest.fixture(scope="module")
def door(app: Flask, stranger: Firm) -> Door:
    return Door(app, stranger)


@pytest.mark.untraced
def test_every_route_that_names_something_answers_a_stranger_as_if_it_did_not_exist(
    app: Flask, shop: Firm, things: Things, door: Door
) -> None:
    before = _rows_of(shop)
    wrong = []
    tried = 0

    for rule, method in _routes(app):
        if not rule.arguments or rule.rule in BY_LINK or (method, rule.rule) in MAKES_ONE:
            continue
        values = {name: things[name] for name in rule.arguments}
        status, body = door.knock(rule, method, dict(values))
        nowhere = door.knock(rule, method, _nonsense(values))
        tried += 1
        if (status, body) != nowhere or status != 404 or SECRET_WORD.lower() in body.lower():
            wrong.append(f"{method} {rule.rule}: {status} {body[:200]} / {nowhere[0]} {nowhere[1][:200]}")

    assert wrong == []
    assert tried > 60
    assert _rows_of(shop) == before


def _stands_in(known: str, body: str) -> bool:
    """Say whether an id is told, as a word of its own: a measured time may have the digits of a number."""
    return re.search(rf"(?<![\w.]){re.escape(known)}(?!\w)", body, re.IGNORECASE) is not None


@pytest.mark.untraced
def test_no_route_without_a_name_tells_a_stranger_anything(
    app: Flask, shop: Firm, things: Things, door: Door
) -> None:
    leaked = []

    for rule, method in _routes(app):
        if rule.arguments or method != "GET":
            continue
        _, body = door.knock(rule, method, {})
        ids = [value for name, value in things.items() if name not in ("name", "deployment")]
        leaked += [f"{rule.rule}: {each}" for each in ids if _stands_in(each, body)]
        leaked += [f"{rule.rule}: {SECRET_WORD}"] if SECRET_WORD.lower() in body.lower() else []

    assert leaked == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/needs", {"customer_id": "customer_id"}, id="a need of their customer"),
        pytest.param("/needs", {"owner_id": "person_id"}, id="a need that their seller owns"),
        pytest.param("/orders", {"customer_id": "customer_id"}, id="an order of their customer"),
        pytest.param("/orders/preview", {"customer_id": "customer_id"}, id="a preview for their customer"),
    ],
)
def test_another_organisations_ids_in_a_body_are_unknown(
    app: Flask, things: Things, door: Door, path: str, body: dict[str, str]
) -> None:
    example = door.bodies["post", f"/api/v1{path}"]
    clean = {
        name: value for name, value in example.items() if name not in ("owner_id", "customer_id", "lines")
    }
    client = app.test_client()

    answers = [
        client.post(
            f"/api/v1{path}", json={**clean, **{n: given(v) for n, v in body.items()}}, headers=door.token
        )
        for given in (things.__getitem__, lambda _: str(uuid4()))
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert SECRET_WORD not in answers[0].get_data(as_text=True)


def test_another_organisations_product_cannot_be_ordered(
    app: Flask, things: Things, door: Door, stranger: Firm
) -> None:
    body = {
        "customer_id": str(a_customer(stranger)),
        "lines": [{"product_id": things["product_id"], "quantity": "1"}],
    }

    answer = app.test_client().post("/api/v1/orders", json=body, headers=door.token)

    assert answer.status_code == 422
    assert SECRET_WORD not in answer.get_data(as_text=True)


def test_without_signing_in_every_route_but_the_open_ones_is_closed(app: Flask, things: Things) -> None:
    open_to_all = {
        "/",
        "/sign-in",
        "/language",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/docs",
        "/api/openapi.json",
        "/api/v1/sessions",
        *BY_LINK,
    }
    client = app.test_client()
    entered = []

    for rule, method in _routes(app):
        values = {name: things[name] for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
        answer = client.open(path, method=method, json={} if path.startswith("/api/") else None)
        to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
        if answer.status_code != 401 and not to_sign_in and rule.rule not in open_to_all:
            entered.append(f"{method} {rule.rule}: {answer.status_code}")

    assert entered == []
