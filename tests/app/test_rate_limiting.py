"""How often one address may try to sign in, whatever names it tries."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app, rate_limiting
from app.accounts import commands
from app.config import Settings
from app.database import db

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
RATE = 10
"""A minute; see the views."""

Try = Callable[[FlaskClient, str, int], TestResponse]


@pytest.fixture(params=["counted in the broker", "the broker is away"])
def guarded(
    request: pytest.FixtureRequest, settings: Settings, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """An application that limits; where the broker is away, it counts in its own memory."""
    if request.param == "the broker is away":
        with socket.create_server(("127.0.0.1", 0)) as closed:
            broker_url = f"redis://127.0.0.1:{closed.getsockname()[1]}/0"
    # One limiter serves all applications of a process: the others of these tests have none of it.
    for word in ("enabled", "_storage_dead"):
        monkeypatch.setattr(rate_limiting._limiter, word, False)
    made = create_app(replace(settings, broker_url=broker_url, rate_limits=True))
    with made.app_context():
        yield made
        db.engine.dispose()


def an_address() -> str:
    """Another one each time: what one has tried is remembered."""
    return f"2001:db8::{secrets.token_hex(2)}:{secrets.token_hex(2)}"


def _at_the_api(client: FlaskClient, address: str, number: int) -> TestResponse:
    return client.post(
        "/api/v1/sessions",
        json={"email": f"nobody{number}@example.com", "password": "wrong"},
        environ_base={"REMOTE_ADDR": address},
    )


def _at_the_page(client: FlaskClient, address: str, number: int) -> TestResponse:
    return client.post(
        "/sign-in",
        data={"email": f"nobody{number}@example.com", "password": "wrong"},
        environ_base={"REMOTE_ADDR": address},
    )


@pytest.mark.parametrize(
    "attempt", [pytest.param(_at_the_api, id="the API"), pytest.param(_at_the_page, id="the page")]
)
def test_an_address_that_tries_too_often_is_told_to_wait_and_no_other(guarded: Flask, attempt: Try) -> None:
    client, one, another = guarded.test_client(), an_address(), an_address()

    told = [attempt(client, one, number).status_code for number in range(RATE + 2)]
    other = attempt(client, another, 0)

    assert told == [401] * RATE + [429] * 2
    assert other.status_code == 401


def test_the_refusal_is_said_to_programs_in_their_shape_and_to_people_in_words(guarded: Flask) -> None:
    client, address = guarded.test_client(), an_address()
    for number in range(RATE):
        _at_the_api(client, address, number)
        _at_the_page(client, address, number)

    program = _at_the_api(client, address, 0)
    person = _at_the_page(client, address, 0)

    assert program.get_json()["error"]["code"] == "too_many_requests"
    assert person.status_code == 429
    assert "Too many tries. Wait a minute and try again." in person.get_data(as_text=True)


def test_looking_at_the_page_is_no_attempt(guarded: Flask) -> None:
    client = guarded.test_client()

    seen = {client.get("/sign-in").status_code for _ in range(2 * RATE)}

    assert seen == {200}


def test_many_people_behind_one_address_sign_in_at_once(guarded: Flask) -> None:
    slug = f"office-{secrets.token_hex(4)}"
    org_id = commands.create_organisation(slug, "An office")
    right = {"email": f"ann@{slug}.example", "password": "correct horse battery"}
    commands.add_person(
        org_id, None, email=right["email"], name="Ann", password=right["password"], roles=(), teams=()
    )
    address = an_address()

    told = [
        guarded.test_client()
        .post("/api/v1/sessions", json=right, environ_base={"REMOTE_ADDR": address})
        .status_code
        for _ in range(RATE + 2)
    ]

    assert told == [201] * (RATE + 2)
