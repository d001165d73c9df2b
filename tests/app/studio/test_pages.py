"""The library's pages: an owner edits, everybody else reads what is published."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.studio import commands
from tests.app.studio.files import APPROVAL, POLICY, POLICY_TESTS, present, renamed
from tests.builders import Firm
from tests.signing_in import form_token, signed_in

pytestmark = pytest.mark.own_databases


@pytest.fixture
def owner(app: Flask, shop: Firm) -> FlaskClient:
    return signed_in(app, shop, Role.PROCESS_OWNER)


@pytest.fixture
def seller(app: Flask, shop: Firm) -> FlaskClient:
    return signed_in(app, shop, Role.SALES)


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_an_owner_opens_the_editor_others_look(owner: FlaskClient, seller: FlaskClient) -> None:
    assert 'id="editor"' in text(owner, f"/processes/{APPROVAL}")
    assert 'id="rules"' in text(owner, f"/processes/{POLICY}")
    assert 'id="editor"' not in text(seller, f"/processes/{APPROVAL}")
    assert "The diagram in words" in text(seller, f"/processes/{APPROVAL}")
    assert "Amount above 1,000" in text(seller, f"/processes/{POLICY}")


def test_a_draft_is_shown_to_its_owners_only(shop: Firm, owner: FlaskClient, seller: FlaskClient) -> None:
    commands.save_draft(shop["owner"], APPROVAL, renamed(shop, "Secret plan"), 0)

    assert "Secret plan" in text(owner, f"/processes/{APPROVAL}/content")
    assert "Secret plan" not in text(seller, f"/processes/{APPROVAL}/content")
    assert "Draft 1" in text(owner, f"/processes/{APPROVAL}")
    assert "Draft 1" not in text(seller, f"/processes/{APPROVAL}")


def test_a_file_that_was_never_published_is_its_owners(
    shop: Firm, owner: FlaskClient, seller: FlaskClient
) -> None:
    commands.begin(shop["owner"], {"brand_new.bpmn": renamed(shop)})

    assert "Never published" in text(owner, "/processes/brand_new.bpmn/versions")
    assert "never published" in text(owner, "/processes")
    for path in ("", "/versions", "/content"):
        assert seller.get(f"/processes/brand_new.bpmn{path}").status_code == 404


def test_a_deployments_drawing_is_kept(shop: Firm, seller: FlaskClient) -> None:
    commands.save_draft(shop["owner"], APPROVAL, renamed(shop, "Approve better"), 0)
    commands.publish(shop["owner"], [APPROVAL], "better")

    assert "Approve better" not in text(seller, f"/processes/{APPROVAL}/content?deployment=1")
    assert "Approve better" in text(seller, f"/processes/{APPROVAL}/content?deployment=2")
    assert "Approve better" not in text(seller, f"/processes/{APPROVAL}/content?version=1")
    assert seller.get(f"/processes/{APPROVAL}/content?deployment=99").status_code == 404
    assert seller.get(f"/processes/{APPROVAL}/content?version=99").status_code == 404


def test_tests_are_edited_beside_their_table(owner: FlaskClient) -> None:
    answer = owner.get(f"/processes/{POLICY_TESTS}")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/processes/{POLICY}")


def test_an_owner_begins_imports_restores_and_discards(shop: Firm, owner: FlaskClient) -> None:
    token = {"csrf_token": form_token(owner, "/processes")}

    begun = owner.post("/processes/new", data={**token, "title": "Contract check", "kind": "dmn"})
    file = (BytesIO(present(shop, APPROVAL)), "From elsewhere.bpmn")
    imported = owner.post("/processes/import", data={**token, "file": file})
    discarded = owner.post(f"/processes/{APPROVAL}/discard", data=token)
    restored = owner.post(f"/processes/{APPROVAL}/restore", data={**token, "version": "1"})

    assert begun.headers["Location"] == "/processes/contract_check.dmn"
    assert imported.headers["Location"] == f"/processes/{APPROVAL}"  # named by its process
    assert discarded.headers["Location"] == "/processes"
    assert restored.headers["Location"] == f"/processes/{APPROVAL}"
    assert "Draft 1" in text(owner, f"/processes/{APPROVAL}")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param("import", {}, id="no file"),
        pytest.param("new", {"title": "合同", "kind": "bpmn"}, id="no name for a file"),
        pytest.param(f"{APPROVAL}/restore", {"version": "²"}, id="no number"),
    ],
)
def test_what_is_missing_is_said(owner: FlaskClient, path: str, data: dict[str, str]) -> None:
    answer = owner.post(f"/processes/{path}", data={"csrf_token": form_token(owner, "/processes"), **data})

    assert answer.status_code == 422


def test_others_change_nothing(seller: FlaskClient) -> None:
    token = {"csrf_token": form_token(seller, "/processes")}

    for path in ("new", "import", f"{APPROVAL}/discard", f"{APPROVAL}/restore"):
        assert seller.post(f"/processes/{path}", data=token).status_code == 403
