"""The pages of an import: a file is given, its columns are said, what became of it is told."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import Role
from app.needs.imports import commands
from tests.app.needs.imports.giving import found, give, texts
from tests.builders import Firm, a_firm
from tests.signing_in import form_token, signed_in


@pytest.fixture
def fresh(firm: Firm) -> Firm:
    return a_firm()


def _post(client: FlaskClient, path: str, **form: object) -> TestResponse:
    return client.post(path, data={"csrf_token": form_token(client, "/needs/import"), **form})


def test_a_file_is_given_mapped_and_kept(app: Flask, fresh: Firm) -> None:
    client = signed_in(app, fresh, Role.SALES)
    rows = "Sorte,Wunsch,Betrag,colour\nLampen,Zehn,5,red\nLampen,Zwei,viele,red\n,Drei,1,red\n"

    given = _post(client, "/needs/import", file=(io.BytesIO(rows.encode()), "Wünsche.csv"))
    path = given.headers["Location"]
    shown = client.get(path).get_data(as_text=True)
    columns = {"column-0": "need_type", "column-1": "text", "column-2": "value", "column-3": ""}
    again = client.get(_post(client, path, **columns).headers["Location"]).get_data(as_text=True)
    _post(client, path, start="1", **columns)
    done = client.get(path).get_data(as_text=True)
    refused = client.get(f"{path}/refused.csv")

    assert "Wünsche.csv" in shown
    assert "Of the first 3 rows, 3 would be refused as it stands." in shown
    assert "Of the first 3 rows, 2 would be refused as it stands." in again
    assert "&#39;viele&#39; is not a number" in again
    assert "1 of 3 rows kept." in done
    assert "Columns that were left out: colour." in done
    assert texts(fresh) == ["Zehn"]
    assert refused.mimetype == "text/csv"
    assert refused.get_data(as_text=True).count("\r\n") == 3
    assert "Wünsche.csv" in client.get("/needs/import").get_data(as_text=True)


def test_what_cannot_be_read_is_said_and_not_kept(app: Flask, fresh: Firm) -> None:
    client = signed_in(app, fresh, Role.SALES)

    nothing = _post(client, "/needs/import")
    no_mark = _post(client, "/needs/import", file=(io.BytesIO("a,b".encode("utf-16-le")), "x.csv"))
    path = _post(client, "/needs/import", file=(io.BytesIO(b"a,b\n1,2\n"), "x.csv")).headers["Location"]
    unmapped = _post(client, path, start="1")
    odd = _post(client, path, separator="x")

    assert (nothing.status_code, no_mark.status_code, unmapped.status_code, odd.status_code) == (422,) * 4
    assert "save it as “CSV UTF-8”" in no_mark.get_data(as_text=True)
    assert "say which column is the text" in unmapped.get_data(as_text=True)


def test_a_running_import_shows_its_progress_and_looks_again_by_itself(app: Flask, fresh: Firm) -> None:
    client = signed_in(app, fresh, Role.SALES)
    import_id = give(fresh, "type,text\n" + "lamps,Lamp\n" * 1_200)
    commands.start(fresh["sales"], import_id)

    shown = client.get(f"/needs/imports/{import_id}").get_data(as_text=True)

    assert 'hx-trigger="every 2s"' in shown
    assert re.search(r"<progress[^>]*aria-label=", shown)


def test_a_file_is_discarded_by_whom_it_belongs_to(app: Flask, fresh: Firm, stranger: Firm) -> None:
    import_id = give(fresh, "type,text\na,b\n")
    other, client = signed_in(app, stranger, Role.SALES), signed_in(app, fresh, Role.SALES)

    assert other.get(f"/needs/imports/{import_id}").status_code == 404
    assert _post(other, f"/needs/imports/{import_id}/discard").status_code == 404
    assert found(fresh, import_id).status == "mapping"
    assert _post(client, f"/needs/imports/{import_id}/discard").status_code == 303
    assert client.get(f"/needs/imports/{import_id}").status_code == 404


def test_a_failed_workbook_says_why(app: Flask, fresh: Firm) -> None:
    client = signed_in(app, fresh, Role.SALES)
    import_id = give(fresh, b"PK\x03\x04 no workbook", "needs.xlsx")
    waiting = client.get(f"/needs/imports/{import_id}").get_data(as_text=True)

    commands.fail(fresh.org_id, import_id, "cannot be read as a workbook")

    assert "The workbook is being opened." in waiting
    assert "The file cannot be read as a workbook." in client.get(f"/needs/imports/{import_id}").get_data(
        as_text=True
    )


def test_a_long_file_is_let_in_only_from_somebody_who_signed_in(app: Flask, fresh: Firm) -> None:
    content = b"type,text\n" + b"lamps,%s\n" % (b"L" * 2_000) * 4_500
    client = signed_in(app, fresh, Role.SALES)

    kept = _post(client, "/needs/import", file=(io.BytesIO(content), "long.csv"))
    strange = app.test_client().post("/needs/import", data={"file": (io.BytesIO(content), "long.csv")})

    assert kept.status_code == 303
    assert strange.status_code in (302, 413)
    import_id = UUID(kept.headers["Location"].rsplit("/", 1)[1])
    assert found(fresh, import_id).size == len(content)
