"""Drafts: kept apart from what runs, and never overwritten unseen."""

from __future__ import annotations

import base64
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.database import reading
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError, StaleError
from app.studio import commands, queries
from tests.app.studio.files import APPROVAL, POLICY, POLICY_TESTS, changed, present, renamed
from tests.builders import Firm

URL = f"/api/v1/processes/files/{APPROVAL}"


def encoded(content: bytes) -> dict[str, str]:
    return {"content": base64.b64encode(content).decode()}


def test_a_draft_changes_nothing_that_runs(shop: Firm) -> None:
    before = present(shop, APPROVAL)

    commands.save_draft(shop["owner"], APPROVAL, renamed(shop), 0)

    assert present(shop, APPROVAL) == before
    with reading(shop.org_id) as tx:
        found = queries.read_file(tx, APPROVAL)
    assert (found.is_draft, found.version, found.based_on) == (True, 1, 1)


def test_a_save_over_a_newer_draft_is_refused_and_loses_nothing(shop: Firm) -> None:
    commands.save_draft(shop["owner"], APPROVAL, renamed(shop, "First"), 0)

    with pytest.raises(StaleError) as stale:
        commands.save_draft(shop["owner"], APPROVAL, renamed(shop, "Second"), 0)

    assert stale.value.details["version"] == 1
    with reading(shop.org_id) as tx:
        assert b"First" in queries.read_file(tx, APPROVAL).content


def test_two_people_who_begin_a_draft_at_one_moment_do_not_overwrite_each_other(
    app: Flask, shop: Firm
) -> None:
    said: list[str] = []

    def save(name: str) -> None:
        with app.app_context():
            try:
                commands.save_draft(shop["owner"], APPROVAL, renamed(shop, name), 0)
                said.append("saved")
            except (StaleError, ConflictError):
                said.append("refused")

    threads = [Thread(target=save, args=(name,)) for name in ("First", "Second", "Third")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(said) == ["refused", "refused", "saved"]


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        pytest.param("../etc/passwd", b"<definitions/>", "name", id="a path"),
        pytest.param("Order.bpmn", b"<definitions/>", "name", id="capitals"),
        pytest.param("a.exe", b"<definitions/>", "name", id="another kind of file"),
        pytest.param("a.bpmn", b"no xml", "content", id="no XML"),
        pytest.param("a.bpmn", b"<html/>", "content", id="another document"),
        pytest.param(
            "a.bpmn",
            b'<!DOCTYPE d [<!ENTITY e "x">]><definitions>&e;</definitions>',
            "content",
            id="an entity",
        ),
        pytest.param(
            "a.bpmn",
            b"<definitions>" + b" " * commands.LARGEST + b"</definitions>",
            "content",
            id="too large",
        ),
        pytest.param("a.tests.csv", b"\xff\xfe", "content", id="tests that are no text"),
    ],
)
def test_what_is_no_diagram_or_table_is_not_kept(shop: Firm, name: str, content: bytes, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        commands.save_draft(shop["owner"], name, content, None)

    assert list(refused.value.fields) == [field]


def test_a_draft_is_discarded_with_the_tests_beside_it(shop: Firm) -> None:
    commands.save_draft(shop["owner"], POLICY, changed(shop, POLICY, "&gt; 1000<", "&gt; 2000<"), 0)
    commands.save_draft(shop["owner"], POLICY_TESTS, present(shop, POLICY_TESTS), 0)

    commands.discard_draft(shop["owner"], POLICY, POLICY_TESTS)

    with reading(shop.org_id) as tx:
        assert not queries.read_file(tx, POLICY).is_draft
        assert not queries.read_file(tx, POLICY_TESTS).is_draft
    with pytest.raises(NotFoundError):
        commands.discard_draft(shop["owner"], POLICY, POLICY_TESTS)


@pytest.mark.parametrize("who", ["sales", "lead", "operator", "auditor"])
def test_only_process_owners_draft_and_publish(shop: Firm, who: str) -> None:
    actor = shop[who]

    for forbidden in (
        lambda: commands.save_draft(actor, APPROVAL, renamed(shop), 0),
        lambda: commands.discard_draft(actor, APPROVAL),
        lambda: commands.publish(actor, [APPROVAL], "mine"),
        lambda: commands.begin(actor, {"new.bpmn": renamed(shop)}),
        lambda: commands.restore(actor, APPROVAL, 1),
    ):
        with pytest.raises(RefusedError):
            forbidden()


def test_the_api_saves_by_version_and_says_which_is_newest(client: FlaskClient, shop: Firm) -> None:
    owner = shop.headers("owner")
    first = client.put(URL, json=encoded(renamed(shop)), headers={**owner, "If-Match": '"0"'})

    stale = client.put(URL, json=encoded(renamed(shop)), headers={**owner, "If-Match": '"0"'})
    second = client.put(URL, json=encoded(renamed(shop)), headers={**owner, "If-Match": '"1"'})

    assert (first.status_code, first.json) == (200, {"name": APPROVAL, "version": 1})
    assert (stale.status_code, stale.json["error"]["code"]) == (412, "stale")
    assert second.json["version"] == 2
    assert client.get(URL, headers=owner).headers["ETag"] == '"2"'


def test_a_draft_is_its_owners_others_read_what_is_published(client: FlaskClient, shop: Firm) -> None:
    commands.save_draft(shop["owner"], APPROVAL, renamed(shop, "Secret plan"), 0)

    as_owner = client.get(URL, headers=shop.headers("owner"))
    as_seller = client.get(URL, headers=shop.headers("sales"))

    assert (as_owner.headers["X-Placet-Draft"], as_seller.headers["X-Placet-Draft"]) == ("yes", "no")
    assert b"Secret plan" in as_owner.data
    assert b"Secret plan" not in as_seller.data


def test_content_that_is_not_base64_is_refused(client: FlaskClient, shop: Firm) -> None:
    answer = client.put(URL, json={"content": "%%%"}, headers=shop.headers("owner"))

    assert answer.status_code == 422
    assert answer.json["error"]["fields"] == {"content": ["is not base64"]}


def test_another_business_sees_no_draft_and_no_file_of_ours(
    client: FlaskClient, shop: Firm, stranger: Firm
) -> None:
    commands.save_draft(shop["owner"], "ours_alone.bpmn", renamed(shop), 0)

    theirs = stranger.headers("owner")

    assert client.get("/api/v1/processes/files/ours_alone.bpmn", headers=theirs).status_code == 404
    assert client.get("/api/v1/processes/files/ours_alone.bpmn/versions", headers=theirs).status_code == 404
    assert client.delete("/api/v1/processes/files/ours_alone.bpmn", headers=theirs).status_code == 404
