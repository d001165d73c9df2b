"""A program gives a file, looks at it, says how it is read, begins it and watches it."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook

from app.needs.imports import commands, running
from tests.app.needs.imports.giving import give, texts
from tests.builders import Firm, a_firm

PATH = "/api/v1/needs/imports"


@pytest.fixture
def fresh(app: Flask) -> Firm:
    return a_firm()


@pytest.fixture
def headers(fresh: Firm) -> dict[str, str]:
    return fresh.headers("sales")


def _given(client: FlaskClient, headers: dict[str, str], content: str | bytes, kind: str = "text/csv") -> Any:
    return client.post(f"{PATH}?name=wishes.csv", data=content, content_type=kind, headers=headers)


def test_a_file_is_given_looked_at_mapped_begun_and_told(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    rows = "what;kind;worth\nTen;lamps;1.310,50\n;lamps;2\n"
    path = f"{PATH}/{_given(client, headers, rows).get_json()['id']}"

    before = client.get(path, headers=headers).get_json()
    wanted = {"mapping": ["text", "need_type", "value"], "decimal_mark": ","}
    preview = client.put(f"{path}/choices", json=wanted, headers=headers).get_json()
    begun = client.post(f"{path}/start", headers=headers)
    after = client.get(path, headers=headers).get_json()

    assert (before["name"], before["status"], before["choices"]["separator"]) == (
        "wishes.csv",
        "mapping",
        ";",
    )
    assert before["choices"]["header"] == ["what", "kind", "worth"]
    assert [(row["line"], bool(row["problems"])) for row in preview["rows"]] == [(2, False), (3, True)]
    assert (preview["looked_at"], preview["bad"]) == (2, 1)
    assert begun.status_code == 204
    assert (after["status"], after["percent"], after["kept"], after["bad"]) == ("done", 100, 1, 1)
    assert [(each["line"], each["column"]) for each in after["result"]["problems"]] == [(3, "text")]
    assert after["preview"] is None


def test_a_mapping_is_remembered_for_the_next_file_with_these_columns(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    given = _given(client, headers, "foo,bar\nlamps,Ten\n").get_json()
    first = f"{PATH}/{given['id']}"
    client.put(f"{first}/choices", json={"mapping": ["need_type", "text"]}, headers=headers)
    client.post(f"{first}/start", headers=headers)

    second = _given(client, headers, "foo,bar\nchairs,Two\n").get_json()["id"]

    shown = client.get(f"{PATH}/{second}", headers=headers).get_json()
    assert shown["choices"]["mapping"] == ["need_type", "text"]


def test_what_each_of_many_columns_says_can_be_said(client: FlaskClient, headers: dict[str, str]) -> None:
    rows = f"what,kind{',more' * 498}\nTen,lamps\n"
    path = f"{PATH}/{_given(client, headers, rows).get_json()['id']}"

    said = client.put(
        f"{path}/choices", json={"mapping": ["text", "need_type", *[""] * 498]}, headers=headers
    )

    assert (said.status_code, said.get_json()["bad"]) == (200, 0)


def test_how_far_a_long_file_is_can_be_watched(
    client: FlaskClient, fresh: Firm, headers: dict[str, str]
) -> None:
    rows = "type,text\n" + "".join(f"lamps,Lamp {number}\n" for number in range(1_100))
    import_id = give(fresh, rows)
    client.post(f"{PATH}/{import_id}/start", headers=headers)

    running.advance(fresh.org_id, import_id, 0)

    shown = client.get(f"{PATH}/{import_id}", headers=headers).get_json()
    assert (shown["status"], shown["kept"]) == ("running", 250)
    assert 0 < shown["percent"] < 100


def test_a_workbook_waits_for_a_worker(client: FlaskClient, fresh: Firm, headers: dict[str, str]) -> None:
    book, content = Workbook(), io.BytesIO()
    book.active.append(["type", "text"])
    book.save(content)

    given = _given(client, headers, content.getvalue(), "application/octet-stream")

    shown = client.get(f"{PATH}/{given.get_json()['id']}", headers=headers).get_json()
    assert (shown["status"], shown["choices"], shown["preview"]) == ("unpacking", None, None)
    why = "the workbook cannot be read"
    commands.fail(fresh.org_id, UUID(shown["id"]), why)
    assert client.get(f"{PATH}/{shown['id']}", headers=headers).get_json()["error"] == why


@pytest.mark.parametrize("content", ["", "\n\n"], ids=["nothing", "empty lines"])
def test_what_has_no_columns_is_no_file(
    client: FlaskClient, fresh: Firm, headers: dict[str, str], content: str
) -> None:
    answer = _given(client, headers, content)

    assert answer.status_code == 422
    assert client.get(PATH, headers=headers).get_json()["items"] == []


def test_a_choice_that_there_is_not_is_refused_by_name(
    client: FlaskClient, fresh: Firm, headers: dict[str, str]
) -> None:
    import_id = give(fresh, "foo,text\nlamps,Ten\n")
    path = f"{PATH}/{import_id}"

    wrong = client.put(f"{path}/choices", json={"mapping": ["colour", "text"]}, headers=headers)
    half = client.post(f"{path}/start", headers=headers)

    assert [wrong.status_code, half.status_code] == [422, 422]
    assert list(half.get_json()["error"]["fields"]) == ["mapping"]
    assert texts(fresh) == []


def test_files_are_listed_newest_first_page_by_page_and_forgotten(
    client: FlaskClient, fresh: Firm, headers: dict[str, str]
) -> None:
    given = [str(give(fresh, "type,text\nlamps,Ten\n", f"{n}.csv")) for n in range(3)]

    first = client.get(f"{PATH}?limit=2", headers=headers).get_json()
    rest = client.get(f"{PATH}?limit=2&cursor={first['next']}", headers=headers).get_json()

    assert [each["id"] for each in first["items"] + rest["items"]] == given[::-1]
    assert client.delete(f"{PATH}/{given[0]}", headers=headers).status_code == 204
    assert client.get(f"{PATH}/{given[0]}", headers=headers).status_code == 404


def test_refused_rows_come_back_with_their_reasons(
    client: FlaskClient, fresh: Firm, headers: dict[str, str]
) -> None:
    import_id = give(fresh, "type,text\nlamps,\n")
    client.post(f"{PATH}/{import_id}/start", headers=headers)

    answer = client.get(f"{PATH}/{import_id}/refused.csv", headers=headers)

    assert answer.mimetype == "text/csv"
    assert answer.get_data(as_text=True).splitlines()[1].startswith("2,text: ")
