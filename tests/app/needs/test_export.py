"""Needs and customers as spreadsheets: with names to who works with customers, with pseudonyms to others."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.accounts.models import Role
from app.customers import commands as customers
from app.customers import erasing
from app.customers import export as customer_export
from app.database import db, transaction
from app.insights.pseudonyms import pseudonyms_of
from app.insights.segments import kind as segments
from app.needs import commands, duplicates, export
from tests.builders import Firm, a_firm
from tests.selling import an_order, publish_shipped
from tests.signing_in import signed_in

NAME, WORDS = "Quirin Zapotek", "Ten lamps for Quirin Zapotek's hall"


def _a_need(firm: Firm, **more: Any) -> UUID:
    whom = customers.create(firm["sales"], {"name": NAME, "email": "q@zapotek.example", "city": "Brno"}).id
    given = {"need_type": "lamps", "text": WORDS, "customer_id": whom, "next_step": "call Quirin"}
    commands.create(firm["sales"], {**given, "currency": "EUR", "due_on": date(2026, 12, 1), **more})
    return whom


def _rows(
    client: FlaskClient, firm: Firm, what: str, person: str = "sales", **asked: str
) -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/{what}.csv", query_string=asked, headers=firm.headers(person))
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def test_who_works_with_customers_gets_all_that_a_list_would_show(client: FlaskClient) -> None:
    firm = a_firm()
    _a_need(firm, text="=cmd()")
    commands.create(firm["sales"], {"need_type": "desks", "text": "Two", "currency": "EUR"})

    (row,) = _rows(client, firm, "needs", need_type="lamps")
    (customer,) = _rows(client, firm, "customers")

    assert (row["customer"], row["text"], row["next_step"]) == (NAME, "'=cmd()", "call Quirin")
    assert (row["quantity"], row["due_on"], row["status"]) == ("1", "2026-12-01", "new")
    assert row["owner"] != ""
    assert (customer["name"], customer["city"], customer["pseudonym"]) == (NAME, "Brno", "")


@pytest.mark.parametrize(("person", "asked"), [("sales", "true"), ("auditor", "false")])
def test_with_pseudonyms_nobody_is_named_and_files_fit_together(
    client: FlaskClient, person: str, asked: str
) -> None:
    firm, other = a_firm(), a_firm()
    publish_shipped(firm)
    whom = _a_need(firm)
    _a_need(other)
    an_order(firm, customer_id=whom)

    files = {
        what: _rows(client, firm, what, person, pseudonyms=asked) for what in ("needs", "customers", "orders")
    }
    elsewhere = _rows(client, other, "customers", person, pseudonyms=asked)

    told = str(files)
    assert not [word for word in (NAME, "Quirin", "zapotek", "Brno", "lamps for") if word in told]
    pseudonym = files["customers"][0]["pseudonym"]
    assert len(pseudonym) == 24
    assert files["needs"][0]["customer"] == files["orders"][0]["customer_name"] == pseudonym
    assert elsewhere[0]["pseudonym"] != pseudonym
    assert files["needs"][0]["need_type"] == "lamps"


def test_nothing_leads_to_an_erased_customer_from_a_file_of_before(client: FlaskClient) -> None:
    firm = a_firm()
    publish_shipped(firm)
    whom = _a_need(firm)
    an_order(firm, customer_id=whom)
    before = _rows(client, firm, "customers", pseudonyms="true")[0]["pseudonym"]

    erasing.erase(firm["admin"], whom)

    told = str(
        [_rows(client, firm, what, pseudonyms=each) for what in ("needs", "customers") for each in "01"]
    )
    assert not [word for word in (NAME, "Quirin", "zapotek") if word in told]
    for what in ("needs", "customers", "orders"):
        assert before not in str(_rows(client, firm, what, pseudonyms="true"))
    assert len(_rows(client, firm, "needs")) == 1


def test_all_pages_are_gone_through(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = a_firm()
    for _ in range(3):
        _a_need(firm)
    monkeypatch.setattr(export, "AT_ONCE", 2)
    monkeypatch.setattr(customer_export, "AT_ONCE", 1)

    assert len({row["number"] for row in _rows(client, firm, "needs")}) == 3
    assert len({row["number"] for row in _rows(client, firm, "customers")}) == 3


def test_the_file_of_customers_says_what_each_asked_for_and_ordered(client: FlaskClient) -> None:
    firm, other = a_firm(), a_firm()
    publish_shipped(firm)
    whom = _a_need(firm)
    given = {"need_type": "lamps", "text": "Again", "customer_id": whom, "currency": "EUR"}
    kept, again = (commands.create(firm["sales"], given).id for _ in range(2))
    duplicates.merge(firm["sales"], kept, again)
    an_order(firm, customer_id=whom, submit=True)
    an_order(firm, customer_id=whom)
    _a_need(other)
    with transaction(firm.org_id) as tx:
        name = pseudonyms_of(firm.org_id)(whom)
        segments.keep(tx, None, [(name, 3, "recent often much", 1, 1, 10.0)])
    customers.create(firm["sales"], {"name": "Newcomer"})

    named, hidden = (_rows(client, firm, "customers", pseudonyms=each) for each in ("false", "true"))

    told = {row["name"]: (row["segment"], row["needs"], row["orders"]) for row in named}
    assert told == {NAME: ("3", "2", "1"), "Newcomer": ("", "0", "0")}
    assert sorted((row["segment"], row["needs"]) for row in hidden) == [("", "0"), ("3", "2")]


def test_a_page_of_customers_is_asked_about_at_once(app: Flask) -> None:
    firm = a_firm()

    def asked() -> int:
        statements: list[str] = []

        def heard(*given: Any) -> None:
            statements.append(given[2])

        event.listen(db.engine, "before_cursor_execute", heard)
        assert len(list(customer_export.csv_lines(firm.org_id))) == 1 + count
        event.remove(db.engine, "before_cursor_execute", heard)
        return len(statements)

    _a_need(firm)
    count = 1
    of_one = asked()
    for _ in range(5):
        _a_need(firm)
    count = 6
    assert asked() == of_one


def test_lists_lead_to_their_files(app: Flask) -> None:
    firm = a_firm()
    client = signed_in(app, firm, Role.SALES)

    needs = client.get("/needs?type=lamps&open=1").get_data(as_text=True)
    people = client.get("/customers?search=zap").get_data(as_text=True)

    assert "/api/v1/needs.csv?need_type=lamps&amp;open=True" in needs
    assert "/api/v1/customers.csv?search=zap&amp;segment=" in people
    assert client.get("/api/v1/needs.csv?need_type=lamps&open=True").status_code == 200
