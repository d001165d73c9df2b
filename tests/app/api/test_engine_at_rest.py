"""Looking at anything leaves the engine at rest: no page and no answer reads an instance's state."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.accounts import commands
from app.accounts.models import Role
from tests.app.api.things import Things
from tests.builders import PASSWORD, Firm
from tests.selling import a_line, a_product, an_order
from workflows import state

# What pages are asked for beside their address, wherever they understand it.
ASKED = {
    "verb": "move",
    "way": "skip",
    "show": "open",
    "earlier": "0",
    "element": "approve_order",
    "all": "1",
}
# Asked who would approve an order, Placet runs the engine ahead: it is a calculation and not a page.
LOOKS_AHEAD = "/api/v1/orders/<uuid:order_id>/preview"


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every reading of a state since the test began."""
    readings: list[str] = []
    load = state.load

    def noted(*given: Any) -> Any:
        readings.append("read")
        return load(*given)

    monkeypatch.setattr(state, "load", noted)
    return readings


def _everybody(app: Flask, firm: Firm) -> FlaskClient:
    """A browser of somebody who may see everything."""
    email = f"all-{secrets.token_hex(4)}@{firm.slug}.example"
    commands.add_person(
        firm.org_id, None, email=email, name="Al", password=PASSWORD, roles=list(Role), teams=["director"]
    )
    client = app.test_client()
    assert client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
    return client


def _to_look_at(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and "GET" in (rule.methods or set()):
            yield rule


def test_nothing_that_is_looked_at_reads_the_state_of_an_instance(
    app: Flask, shop: Firm, things: Things, loaded: list[str]
) -> None:
    client, headers = _everybody(app, shop), shop.headers("admin")
    seen, reading = set(), set()
    client.get("/needs/board")  # what the diagram of needs allows is worked out once for each deployment

    for rule in _to_look_at(app):
        path = app.url_map.bind("localhost").build(rule.endpoint, {n: things[n] for n in rule.arguments})
        loaded.clear()
        if path.startswith("/api/v1/"):
            answer = client.get(path, headers=headers)
        else:
            answer = client.get(path, query_string=ASKED)
        if answer.status_code == 200:
            seen.add(rule.rule)
        if loaded:
            reading.add(rule.rule)

    assert reading == {LOOKS_AHEAD}
    assert {"/orders/<uuid:order_id>", "/instances", "/instances/<uuid:instance_id>", "/inbox"} <= seen
    assert len(seen) > 50


def test_the_form_of_a_draft_asks_who_will_approve_only_once_it_is_open(
    app: Flask, shop: Firm, loaded: list[str]
) -> None:
    client, draft = _everybody(app, shop), an_order(shop, [a_line(a_product(shop))])
    loaded.clear()

    page = client.get(f"/orders/{draft.id}/edit")

    assert page.status_code == 200
    assert "Looking ahead" in page.text
    assert loaded == []
