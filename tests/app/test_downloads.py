"""Who takes a file that tells of customers is in the record: which one, of whom, with names or without."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.audit.queries import list_entries
from app.database import reading
from app.insights.pseudonyms import pseudonyms_of
from app.needs.imports import commands as imports
from app.needs.surveys import commands as surveys
from app.needs.surveys import queries as asked
from app.needs.surveys.models import Allocation, AnswerKind, Grouping
from tests.app.needs.imports.giving import give
from tests.builders import Firm, a_firm
from tests.selling import a_customer
from tests.signing_in import signed_in

NAME = "Quirin Zapotek"


@pytest.fixture
def firm(app: Flask) -> Firm:
    return a_firm()


def told(firm: Firm) -> list[dict[str, Any]]:
    """What the record says of downloads, the newest first."""
    with reading(firm.org_id) as tx:
        return [each.detail for each in list_entries(tx, action="file.downloaded")]


@pytest.mark.parametrize(
    ("file", "query", "narrowed"),
    [
        ("customers", {"search": "Zapotek", "is_active": "false"}, {"search": True, "is_active": False}),
        ("needs", {"need_type": "lamps", "open": "true"}, {"need_type": "lamps", "open": True}),
        ("needs", {"theme": "3", "pseudonyms": "false"}, {"need_theme": "3"}),
        ("orders", {"entered_from": "2026-01-31"}, {"entered_from": "2026-01-31"}),
    ],
)
def test_each_download_is_entered_with_what_it_was_narrowed_by(
    client: FlaskClient, firm: Firm, file: str, query: dict[str, str], narrowed: dict[str, Any]
) -> None:
    path = f"/api/v1/{file}.csv"

    assert client.get(path, query_string=query, headers=firm.headers("sales")).status_code == 200
    assert client.get(path, headers=firm.headers("auditor")).status_code == 200
    assert client.get(path, query_string={"limit": "1"}, headers=firm.headers("sales")).status_code == 422

    hidden, named = told(firm)
    assert named == {"file": f"{file}.csv", "persons": "with names", "narrowed": narrowed}
    assert hidden == {"file": f"{file}.csv", "persons": "with pseudonyms", "narrowed": {}}
    with reading(firm.org_id) as tx:
        by = [each.person_id for each in list_entries(tx, action="file.downloaded")]
    assert by == [firm["auditor"].person_id, firm["sales"].person_id]


def test_the_record_says_it_in_words(app: Flask, client: FlaskClient, firm: Firm) -> None:
    query = {"search": "Zapotek", "is_active": "false"}
    client.get("/api/v1/customers.csv", query_string=query, headers=firm.headers("sales"))
    browser = signed_in(app, firm, Role.AUDITOR)

    page = browser.get("/audit").text

    assert "A file about customers was downloaded" in page
    assert "with names" in page
    assert "Searched for words" in page
    assert "Zapotek" not in page


def test_rows_that_an_import_refused_are_such_a_file_too(app: Flask, client: FlaskClient, firm: Firm) -> None:
    import_id = give(firm, f"type,customer,text,value\ntea,{NAME},cups,many\n")
    imports.start(firm["sales"], import_id)
    path = f"/needs/imports/{import_id}/refused.csv"

    assert NAME in client.get(f"/api/v1{path}", headers=firm.headers("sales")).text
    assert NAME in signed_in(app, firm, Role.SALES).get(path).text

    assert [(each["file"], each["count"]) for each in told(firm)] == [("refused.csv", 1)] * 2


def test_whom_a_survey_asks_is_named_to_who_works_with_customers_only(app: Flask, firm: Firm) -> None:
    people = [a_customer(firm, f"{NAME} {number}", is_known=False) for number in range(4)]
    survey_id = surveys.create(
        firm["sales"], "Lamps", "More?", AnswerKind.YES_NO, Grouping.KIND, Allocation.EQUAL, 4
    )
    with reading(firm.org_id) as tx:
        count = len(asked.list_asked(tx, survey_id))

    named, hidden = (
        signed_in(app, firm, role).get(f"/surveys/{survey_id}/members.csv").text
        for role in (Role.SALES, Role.AUDITOR)
    )

    assert NAME in named
    assert str(people[0]) in named
    assert NAME not in hidden
    assert not [each for each in people if str(each) in hidden]
    pseudonym = pseudonyms_of(firm.org_id)
    rows = list(csv.DictReader(io.StringIO(hidden.removeprefix("\ufeff"))))
    assert [row["pseudonym"] for row in rows] == sorted(map(pseudonym, people))
    assert {row["group"] for row in rows} != {""}
    assert [(each["file"], each["persons"], each["count"]) for each in told(firm)] == [
        ("members.csv", "with pseudonyms", count),
        ("members.csv", "with names", count),
    ]
