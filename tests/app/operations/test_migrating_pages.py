"""The pages that migrate instances, as a browser without scripts uses them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from tests.app.processes import running
from tests.builders import Firm, a_firm
from tests.signing_in import form_token, signed_in
from tests.workflows.building import diagram, element, user

_START = element("startEvent", "s")
PAGE = "/migrations/p?before=1&after=2"


@pytest.fixture
def firm(app: Flask) -> Firm:
    """Two instances of p on its first version: one can go to the second, one cannot."""
    firm = a_firm()
    running.publish(firm, p=diagram(_START + user("a", name="Look") + user("z"), "s -> a\na -> z"))
    return firm


def _two(firm: Firm) -> tuple[UUID, UUID]:
    goes, stays = running.begin(firm, "p", "K-1"), running.begin(firm, "p", "K-2")
    running.complete(firm, stays, "a")
    more = user("x1", name="X") + user("x2", name="X")
    running.publish(firm, p=diagram(_START + user("b", name="Look") + more, "s -> b\nb -> x1\nx1 -> x2"))
    return goes, stays


def _form(client: FlaskClient, *ids: UUID, **more: str) -> dict[str, Any]:
    token = form_token(client, PAGE)
    return {"csrf_token": token, "before": "1", "after": "2", "ids": list(map(str, ids)), **more}


def test_the_list_leads_to_where_instances_run_on_former_deployments(app: Flask, firm: Firm) -> None:
    client = signed_in(app, firm, Role.OPERATOR)
    assert "All instances run on what is published now" in client.get("/migrations").text
    _two(firm)

    shown = client.get("/migrations").text

    assert "/migrations/p?before=1&amp;after=2" in shown
    assert "Migrate…" not in signed_in(app, firm, Role.SALES).get("/migrations").text


def test_an_instance_on_a_former_deployment_leads_to_its_migration(app: Flask, firm: Firm) -> None:
    operator, owner, sales = (
        signed_in(app, firm, role) for role in (Role.OPERATOR, Role.PROCESS_OWNER, Role.SALES)
    )
    current = f"/instances/{running.begin(firm, 'p', 'K-0')}"
    assert "Migrate…" not in operator.get(current).text
    goes, _ = _two(firm)

    for client in (operator, owner):
        assert f'href="{PAGE.replace("&", "&amp;")}"' in client.get(f"/instances/{goes}").text
    assert "Migrate…" not in sales.get(f"/instances/{goes}").text
    assert operator.get(PAGE).status_code == 200


def test_a_page_says_what_stands_for_what(app: Flask, firm: Firm) -> None:
    _two(firm)
    client = signed_in(app, firm, Role.PROCESS_OWNER)

    shown = client.get("/migrations/p").text

    assert "same name: a guess" in shown
    assert "nothing stands for it" in shown
    assert "2 run on deployment 1." in shown


def test_the_chosen_are_checked_migrated_and_taken_back(app: Flask, firm: Firm) -> None:
    goes, stays = _two(firm)
    client = signed_in(app, firm, Role.OPERATOR)

    checked = client.post("/migrations/p", data=_form(client, goes, stays, verb="check")).text
    done = client.post("/migrations/p", data=_form(client, goes, stays, verb="run", reason="because")).text
    assert running.stands_at(firm, goes) == ["b"]
    back = client.post("/migrations/p/undo", data=_form(client, goes, reason="wrong"))

    assert "z is not in" not in checked
    assert "is not in the new version, and nothing stands for it there" in checked
    assert ">stayed<" in done
    assert "Can be taken back" in done
    assert back.status_code == 303
    assert running.stands_at(firm, goes) == ["a"]


def test_what_was_chosen_otherwise_counts(app: Flask, firm: Firm) -> None:
    goes, _ = _two(firm)
    client = signed_in(app, firm, Role.OPERATOR)
    form = _form(client, goes, verb="run", reason="because", **{"map:p:a": "x2"})

    client.post("/migrations/p", data=form)

    assert running.stands_at(firm, goes) == ["x2"]


def test_what_has_gone_on_is_not_taken_back_and_says_why(app: Flask, firm: Firm) -> None:
    goes, _ = _two(firm)
    client = signed_in(app, firm, Role.OPERATOR)
    client.post("/migrations/p", data=_form(client, goes, verb="run", reason="because"))
    form = _form(client, goes, reason="wrong")
    running.complete(firm, goes, "b")

    answer = client.post("/migrations/p/undo", data=form)

    assert answer.status_code == 200
    assert "this has gone on since it was migrated" in answer.text
    assert running.stands_at(firm, goes) == ["x1"]


def test_what_runs_on_another_deployment_and_is_gone_here_is_named_by_its_id(app: Flask, firm: Firm) -> None:
    def caller(last: str) -> bytes:
        words = {"calledElement": "${which}", "camunda_calledElementBinding": "latest"}
        body = _START + user("a") + element("callActivity", "call", **words) + user(last)
        return diagram(body, f"s -> a\na -> call\ncall -> {last}")

    called = diagram(_START + user("sign_it", name="Sign"), "s -> sign_it", process="q")
    running.publish(firm, p=caller("z"), q=called)
    key = running.begin(firm, "p", which="q")
    running.publish(firm, q=called.replace(b"Sign", b"Sign here"))
    running.complete(firm, key, "a")
    running.publish(firm, p=caller("y"), q=called.replace(b'"q"', b'"r"'))
    client = signed_in(app, firm, Role.OPERATOR)
    page = "/migrations/p?before=2&after=4"
    form = {"csrf_token": form_token(client, page), "before": "2", "after": "4", "ids": [str(key)]}

    shown = client.post("/migrations/p", data={**form, "verb": "run", "reason": "because"}).text

    assert "Can be taken back" in shown
    assert "sign_it" in shown


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        pytest.param(Role.SALES, PAGE, 403, id="sales"),
        pytest.param(Role.OPERATOR, "/migrations/q", 404, id="no such process"),
        pytest.param(Role.OPERATOR, "/migrations/p?before=1&after=9", 404, id="no such deployment"),
        pytest.param(Role.OPERATOR, "/migrations/p?before=1&after=1", 422, id="to where they are"),
    ],
)
def test_a_page_that_is_not_there_says_so(app: Flask, firm: Firm, role: Role, path: str, status: int) -> None:
    _two(firm)

    assert signed_in(app, firm, role).get(path).status_code == status


def test_nobody_chosen_is_told(app: Flask, firm: Firm) -> None:
    _two(firm)
    client = signed_in(app, firm, Role.OPERATOR)

    answer = client.post("/migrations/p", data=_form(client, verb="run", reason="because"))

    assert answer.status_code == 422
    assert "choose at least one instance" in answer.text
