"""A page that says no says what is known of it, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app.accounts.models import Role
from app.database import db
from tests.builders import Firm
from tests.signing_in import form_token, signed_in

FRAGMENT = {"HX-Request": "true"}
UNCHANGED = "Nothing was changed."
UNKNOWN = "Whether it was done is not known: look before you try again."


@pytest.fixture(autouse=True)
def _as_each_request_asks(app: Flask) -> None:
    refresh()


@pytest.fixture
def client(app: Flask, firm: Firm) -> FlaskClient:
    return signed_in(app, firm, Role.SALES)


@pytest.fixture
def no_needs_table(client: FlaskClient) -> Iterator[None]:
    def fails(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "needs" in statement:
            raise OperationalError(statement, {}, Exception("no more room"))

    event.listen(db.engine, "before_cursor_execute", fails)
    yield
    event.remove(db.engine, "before_cursor_execute", fails)


def _seen(answer: TestResponse) -> str:
    """Return what a reader sees: without the sentences that scripts may need."""
    return re.sub(r"<script.*?</script>", "", answer.get_data(as_text=True), flags=re.DOTALL)


def _need(client: FlaskClient) -> dict[str, str]:
    return {"csrf_token": form_token(client, "/settings"), "need_type": "x", "text": "x", "currency": "EUR"}


def test_who_only_looked_is_not_told_that_nothing_was_changed(client: FlaskClient) -> None:
    text = _seen(client.get("/needs/0199c0de-0000-7000-8000-000000000001"))

    assert "Nothing here" in text
    assert UNCHANGED not in text


def test_who_was_refused_a_change_is_told_that_nothing_was_changed(client: FlaskClient) -> None:
    answer = client.post("/needs/0199c0de-0000-7000-8000-000000000001/note", data=_need(client))

    assert answer.status_code == 404
    assert UNCHANGED in answer.get_data(as_text=True)


@pytest.mark.usefixtures("no_needs_table")
def test_what_broke_claims_nothing_of_what_was_done(client: FlaskClient) -> None:
    changed = client.post("/needs/new", data=_need(client))
    looked = client.get("/needs")

    assert (changed.status_code, looked.status_code) == (500, 500)
    assert UNKNOWN in _seen(changed)
    assert UNCHANGED not in _seen(changed)
    assert UNKNOWN not in _seen(looked)
    assert UNCHANGED not in _seen(looked)


@pytest.mark.usefixtures("no_needs_table")
def test_a_part_of_a_page_says_the_same_in_a_line(client: FlaskClient) -> None:
    asked = {**FRAGMENT, "Accept-Language": "en"}

    missing = client.get("/nowhere", headers=asked).get_data(as_text=True)
    refused = client.post("/nowhere", data=_need(client), headers=asked).get_data(as_text=True)
    broken = client.post("/needs/new", data=_need(client), headers=asked).get_data(as_text=True)

    assert "<b>Not shown.</b>" in missing
    assert "<b>Not done.</b>" in refused
    assert f"<b>{UNKNOWN}</b>" in broken
