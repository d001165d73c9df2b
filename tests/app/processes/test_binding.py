"""Calls bound to the newest deployment, to a version or to a tag, over the tables."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import Role
from app.database import transaction
from app.moments import utc_now
from app.processes import advance, deployments
from app.processes.operating import Act, Verb, perform
from tests.app.processes.running import begin, complete, incidents_of, publish, stands_at
from tests.builders import Firm, a_firm
from tests.signing_in import signed_in
from tests.workflows.building import diagram, element, user

_START = element("startEvent", "s")


def _child(task: str, tag: str) -> bytes:
    content = diagram(_START + user(task), f"s -> {task}", process="child")
    return content.replace(b'id="child"', f'id="child" camunda:versionTag="{tag}"'.encode())


def _parent(how: str, **words: str) -> bytes:
    called = element("callActivity", "c", calledElement="child", camunda_calledElementBinding=how, **words)
    return diagram(_START + user("first") + called + user("z"), "s -> first\nfirst -> c\nc -> z")


@pytest.fixture
def shop(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Firm:
    firm = a_firm()
    publish(firm, child=_child("one", "old"))
    publish(firm, child=_child("two", "mid"))
    return firm


@pytest.mark.parametrize(
    ("how", "words", "task"),
    [
        pytest.param("deployment", {}, "two", id="its own"),
        pytest.param("latest", {}, "three", id="the newest"),
        pytest.param("version", {"camunda_calledElementVersion": "1"}, "one", id="a version"),
        pytest.param("versionTag", {"camunda_calledElementVersionTag": "mid"}, "two", id="a tag"),
    ],
)
def test_a_call_is_bound_when_it_is_made_and_stays_with_its_version(
    shop: Firm, how: str, words: dict[str, str], task: str
) -> None:
    publish(shop, parent=_parent(how, **words))
    instance_id = begin(shop, "p")
    publish(shop, child=_child("three", "new"))
    complete(shop, instance_id, "first")
    assert stands_at(shop, instance_id) == ["c", task]

    publish(shop, child=_child("four", "newer"))
    deployments._snapshots.clear()  # as another process would find it
    complete(shop, instance_id, task)

    assert stands_at(shop, instance_id) == ["z"]


def test_a_version_that_never_was_is_an_incident(shop: Firm) -> None:
    publish(shop, parent=_parent("version", camunda_calledElementVersion="7"))
    instance_id = begin(shop, "p")

    complete(shop, instance_id, "first")

    (incident,) = incidents_of(shop, instance_id)
    assert incident.element == "c"
    assert incident.message == "the process 'child' is not here in version 7"


def test_an_operator_sees_and_moves_what_runs_on_another_deployment(app: Flask, shop: Firm) -> None:
    publish(shop, caller=_parent("latest"))
    instance_id = begin(shop, "p")
    publish(shop, child=diagram(_START + user("three") + user("four"), "s -> three\nthree -> four", "child"))
    complete(shop, instance_id, "first")
    client = signed_in(app, shop, Role.OPERATOR)

    pages = [client.get(f"/instances/{instance_id}/act?verb={verb}") for verb in ("move", "reschedule")]
    with transaction(shop.org_id) as tx:
        act = Act(Verb.MOVE, "by hand", "child", "three", "four")
        perform(tx, advance.load(tx, instance_id), act, None, utc_now())

    assert [page.status_code for page in pages] == [200, 200]
    assert 'value="child|three"' in pages[0].get_data(as_text=True)
    assert stands_at(shop, instance_id) == ["c", "four"]
