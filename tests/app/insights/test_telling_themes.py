"""A need has its theme as soon as it is kept; a name that a person gives goes with the theme."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts import queries as accounts
from app.accounts.models import Role
from app.database import reading, transaction
from app.errors import InvalidError, NotFoundError, RefusedError
from app.insights.models import TrainedModel
from app.insights.themes import kind, naming, queries
from app.insights.themes.models import NeedTheme, Theme
from app.needs import commands as needs
from app.needs.imports.at_once import import_needs
from tests.app.insights.themed import themes_in_use
from tests.builders import Firm, a_firm
from tests.signing_in import form_token, signed_in


def need(firm: Firm, text: str) -> UUID:
    return needs.create(firm["sales"], {"need_type": "x", "text": text, "currency": "EUR"}).id


def theme_of(firm: Firm, need_id: UUID) -> str | None:
    with reading(firm.org_id) as tx:
        found = queries.of_need(tx, need_id)
    return found[1] if found else None


def test_a_new_need_has_its_theme_at_once_and_another_with_another_text(app: Flask) -> None:
    firm = a_firm()
    before = need(firm, "A lamp")
    themes_in_use(firm)

    lamp, desk = need(firm, "A lamp for room 4"), need(firm, "A desk")

    assert (theme_of(firm, lamp), theme_of(firm, desk)) == ("lamp", "desk")
    assert theme_of(firm, before) is None
    needs.change(firm["sales"], lamp, {"text": "A large desk"}, None)
    assert theme_of(firm, lamp) == "desk"


def test_needs_of_a_file_have_their_themes(app: Flask) -> None:
    firm = a_firm()
    themes_in_use(firm)

    report = import_needs(firm.org_id, None, io.BytesIO(b"need_type,text\nx,A lamp\nx,A desk\n"), "EUR")

    assert report.kept == 2
    with reading(firm.org_id) as tx:
        assert sorted(tx.session.scalars(select(NeedTheme.number))) == [1, 2]


def test_needs_that_come_while_a_version_is_learned_are_told_when_it_is_kept(app: Flask) -> None:
    firm = a_firm()
    late = need(firm, "A lamp")
    model_id = themes_in_use(firm)
    rows = [("theme", 1, ["lamp"], ["lamp"], [], False), ("theme", 2, ["desk"], ["desk"], [], False)]
    with transaction(firm.org_id) as tx:
        kind.keep(tx, model_id, rows)

    assert theme_of(firm, late) == "lamp"


def test_a_name_stays_with_the_theme_and_not_with_its_number(app: Flask, client: FlaskClient) -> None:
    firm = a_firm()
    themes_in_use(firm)
    lamp = need(firm, "A lamp")
    headers = firm.headers("sales")

    answer = client.put("/api/v1/themes/1/name", json={"name": "Lights  that fail"}, headers=headers)

    assert answer.status_code == 204
    assert theme_of(firm, lamp) == "Lights that fail"
    with reading(firm.org_id) as tx:
        person = accounts.names_of(tx, [firm["sales"].person_id])[firm["sales"].person_id]
    told = client.get("/api/v1/themes", headers=headers).get_json()["items"]
    assert {each["name"]: each["named_by"] for each in told} == {
        "Lights that fail": person,
        "desk": None,
    }
    _next_version(firm, ("lamp", "desk"), 2)
    assert theme_of(firm, need(firm, "Another lamp")) == "Lights that fail"
    _next_version(firm, ("parcel", "invoice"), 3)  # found anew: the number is another theme's
    assert theme_of(firm, need(firm, "A third lamp")) == "parcel"


def _next_version(firm: Firm, words: tuple[str, str], version: int) -> None:
    with transaction(firm.org_id) as tx:
        tx.session.execute(update(TrainedModel).values(used_as=None))
    themes_in_use(firm, words, version)


def test_a_name_is_given_on_the_page_and_taken_away_by_an_empty_one(app: Flask) -> None:
    firm = a_firm()
    themes_in_use(firm)
    need(firm, "A lamp")
    client = signed_in(app, firm, Role.SALES)

    given = {"name": "Lights", "csrf_token": form_token(client, "/themes")}
    assert client.post("/themes/1/name", data=given).status_code == 303

    shown = client.get("/themes").get_data(as_text=True)
    assert "<bdi>Lights</bdi>" in shown
    assert "Named by" in shown
    assert "<bdi>Lights</bdi>" in client.get("/needs/explore?rows=theme").get_data(as_text=True)
    naming.rename(firm["owner"], "1", " ")
    assert "<bdi>lamp</bdi>" in client.get("/themes").get_data(as_text=True)


def test_names_that_cannot_be_are_refused(app: Flask) -> None:
    firm = a_firm()
    themes_in_use(firm)

    with pytest.raises(InvalidError):
        naming.rename(firm["sales"], "1", "x" * 81)
    with pytest.raises(NotFoundError):
        naming.rename(firm["sales"], "7", "Lights")
    with pytest.raises(NotFoundError):
        naming.rename(firm["sales"], "x", "Lights")
    with pytest.raises(RefusedError):
        naming.rename(firm["auditor"], "1", "Lights")
    with reading(firm.org_id) as tx:
        assert {each.name for each in naming.names_of(tx, tx.session.scalars(select(Theme))).values()} == {
            "lamp",
            "desk",
        }
