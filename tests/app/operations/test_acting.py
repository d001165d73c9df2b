"""An operator's verbs over HTTP: previewed without a trace, done once, recorded with the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.models import AuditEntry
from app.database import reading
from app.moments import utc_now
from app.outbox.models import CallStatus
from app.processes import commands
from app.processes.models import Incident, Timer
from rules import feel
from tasks.worker import load_handlers
from tests.app.processes.running import (
    begin,
    call_of,
    complete,
    incidents_of,
    open_incidents,
    publish,
    stands_at,
    variables_of,
)
from tests.builders import Firm, a_firm
from tests.performing import a_call, perform, status_of
from tests.workflows.building import boundary, diagram, element, service, timer, undoing, user

_START = element("startEvent", "s")


def _long() -> bytes:
    """A task with a deadline, a call, a choice that needs a variable; an error of the call is caught."""
    catch = '<bpmn:errorEventDefinition errorRef="gone"/>'
    body = (
        _START
        + user("a")
        + boundary("late", "a", timer(timeDuration="PT1H"))
        + service("m")
        + boundary("caught", "m", catch)
        + user("b")
        + user("c")
    )
    return diagram(body, "s -> a\na -> m\nm -> b: good\ncaught -> c\nlate -> c", "long")


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish(firm, long=_long())
    return firm


@pytest.fixture
def instance_id(shop: Firm) -> UUID:
    return begin(shop, "long", limit=5)


def _post(client: FlaskClient, shop: Firm, path: str, who: str = "operator", /, **body: Any) -> TestResponse:
    refresh()
    body = {"reason": "The customer called", **body}
    return client.post(f"/api/v1/{path}", json=body, headers=shop.headers(who))


def _act(client: FlaskClient, shop: Firm, instance_id: UUID, verb: str, **more: Any) -> TestResponse:
    return _post(client, shop, f"instances/{instance_id}/actions", verb=verb, **more)


def _preview(client: FlaskClient, shop: Firm, instance_id: UUID, verb: str, **more: Any) -> Any:
    answer = _post(client, shop, f"instances/{instance_id}/actions/preview", verb=verb, **more)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def _entries(shop: Firm, stream_id: UUID) -> list[tuple[str, UUID | None, dict[str, Any]]]:
    statement = select(AuditEntry).where(AuditEntry.stream_id == stream_id).order_by(AuditEntry.seq)
    with reading(shop.org_id) as tx:
        return [
            (row.action, row.person_id, orjson.loads(row.detail)) for row in tx.session.scalars(statement)
        ]


def test_an_instance_is_suspended_and_resumed_with_a_reason(
    client: FlaskClient, shop: Firm, instance_id: UUID
) -> None:
    assert _act(client, shop, instance_id, "suspend").status_code == 204
    again = _act(client, shop, instance_id, "suspend")
    seen = client.get(f"/api/v1/instances/{instance_id}", headers=shop.headers("auditor")).get_json()
    assert _act(client, shop, instance_id, "resume").status_code == 204

    assert (again.status_code, seen["status"]) == (409, "suspended")
    assert _entries(shop, instance_id)[1:] == [
        (action, shop["operator"].person_id, {"reason": "The customer called"})
        for action in ("instance.suspended", "instance.resumed")
    ]


def test_a_move_is_foreseen_and_then_done(client: FlaskClient, shop: Firm, instance_id: UUID) -> None:
    move = {"element": "a", "target": "m"}

    foreseen = _preview(client, shop, instance_id, "move", **move)
    assert stands_at(shop, instance_id) == ["a"]
    assert _act(client, shop, instance_id, "move", **move).status_code == 204

    assert foreseen == {
        "leaves": ["a"],
        "passes": [],
        "reaches": ["m"],
        "calls": ["do.it"],
        "incidents": [],
        "changes": [],
        "next_due": None,
        "ends": None,
    }
    assert stands_at(shop, instance_id) == ["m"]
    assert _entries(shop, instance_id)[-1][::2] == (
        "token.moved",
        {"reason": "The customer called", "element": "a", "target": "m"},
    )


def test_variables_are_shown_and_recorded_old_and_new(
    client: FlaskClient, shop: Firm, instance_id: UUID
) -> None:
    given = {"variables": {"limit": 7.5, "note": "by hand"}}

    foreseen = _preview(client, shop, instance_id, "set_variables", **given)
    assert variables_of(shop, instance_id)["limit"] == 5
    assert _act(client, shop, instance_id, "set_variables", **given).status_code == 204

    assert foreseen["changes"] == [
        {"name": "limit", "before": "5", "after": "7.5"},
        {"name": "note", "before": None, "after": "by hand"},
    ]
    assert str(variables_of(shop, instance_id)["limit"]) == "7.5"
    assert _entries(shop, instance_id)[-1][2]["changes"] == {"limit": ["5", "7.5"], "note": [None, "by hand"]}


def test_a_timer_is_given_another_time(client: FlaskClient, shop: Firm, instance_id: UUID) -> None:
    due_at = (utc_now() + timedelta(days=3)).replace(microsecond=0)

    answer = _act(client, shop, instance_id, "reschedule", element="late", due_at=due_at.isoformat())
    nothing = _act(client, shop, instance_id, "reschedule", element="m", due_at=due_at.isoformat())

    assert (answer.status_code, nothing.status_code) == (204, 409)
    assert nothing.get_json()["error"]["message"] == "no timer waits at m"
    with reading(shop.org_id) as tx:
        assert tx.session.get_one(Timer, instance_id).due_at == due_at


def test_a_cancelled_instance_takes_no_verb_any_more(
    client: FlaskClient, shop: Firm, instance_id: UUID
) -> None:
    foreseen = _preview(client, shop, instance_id, "cancel")
    assert _act(client, shop, instance_id, "cancel").status_code == 204

    assert (foreseen["leaves"], foreseen["ends"]) == (["a"], "cancelled")
    for verb, more in (("move", {"element": "a", "target": "b"}), ("cancel", {}), ("suspend", {})):
        assert _act(client, shop, instance_id, verb, **more).status_code == 409


def test_a_cancelled_instance_undoes_first_what_it_did(client: FlaskClient, shop: Firm) -> None:
    body = _START + user("a") + undoing("c", "a") + user("b")
    publish(shop, undoes=diagram(body, "s -> a\na -> b", "undoes"))
    instance_id = begin(shop, "undoes")
    complete(shop, instance_id, "a")

    foreseen = _preview(client, shop, instance_id, "cancel", undo=True)
    assert _act(client, shop, instance_id, "cancel", undo=True).status_code == 204
    again = _act(client, shop, instance_id, "cancel", undo=True)
    assert stands_at(shop, instance_id) == ["undo_a"]
    complete(shop, instance_id, "undo_a")

    assert (foreseen["leaves"], foreseen["reaches"], foreseen["ends"]) == (["b"], ["undo_a"], None)
    assert again.get_json()["error"]["message"] == "this is cancelled already; what was done is being undone"
    seen = client.get(f"/api/v1/instances/{instance_id}", headers=shop.headers("auditor")).get_json()
    assert (seen["status"], stands_at(shop, instance_id)) == ("cancelled", [])


@pytest.mark.parametrize(
    ("verb", "lacking"),
    [
        pytest.param("move", {"element", "target"}, id="a move says from where and where to"),
        pytest.param("set_variables", {"variables"}, id="variables are named"),
        pytest.param("reschedule", {"element", "due_at"}, id="a timer is named and its time"),
        pytest.param("cancel", {"reason"}, id="everything has a reason"),
    ],
)
def test_what_a_verb_lacks_is_said(
    client: FlaskClient, shop: Firm, instance_id: UUID, verb: str, lacking: set[str]
) -> None:
    reason = " " if "reason" in lacking else "a reason"

    answer = _post(client, shop, f"instances/{instance_id}/actions", verb=verb, reason=reason)

    assert answer.status_code == 422
    assert set(answer.get_json()["error"]["fields"]) == lacking
    assert stands_at(shop, instance_id) == ["a"]


def test_what_the_engine_refuses_is_said_in_the_readers_language(
    client: FlaskClient, shop: Firm, instance_id: UUID
) -> None:
    path = f"/api/v1/instances/{instance_id}/actions"
    body = {"verb": "move", "reason": "x", "element": "a", "target": "late"}
    headers = {**shop.headers("operator"), "Accept-Language": "zh-CN"}
    refresh()

    answer = client.post(path, json=body, headers=headers)

    assert answer.status_code == 409
    assert answer.get_json()["error"]["message"] == "无法从 a 移到 late：流程不会自行进入那里"


def _stuck(shop: Firm) -> tuple[UUID, UUID]:
    """Return an instance that found no way on after its call, and its incident."""
    instance_id = begin(shop, "long", limit=5)
    complete(shop, instance_id, "a")
    commands.report(call_of(shop, instance_id, "do.it"), commands.Succeeded({"receipt": "R-1"}))
    return instance_id, incidents_of(shop, instance_id)[0].id


def _given_up(shop: Firm) -> tuple[UUID, UUID, UUID]:
    """Return an instance whose call was given up, the incident and the call."""
    instance_id = begin(shop, "long")
    complete(shop, instance_id, "a")
    call_id = call_of(shop, instance_id, "do.it")
    commands.report(call_id, commands.Failed("the carrier is away"))
    return instance_id, incidents_of(shop, instance_id)[0].id, call_id


def _help(client: FlaskClient, shop: Firm, incident_id: UUID, way: str, **more: Any) -> TestResponse:
    return _post(client, shop, f"incidents/{incident_id}/actions", way=way, **more)


def _foresee_help(client: FlaskClient, shop: Firm, incident_id: UUID, way: str, **more: Any) -> Any:
    answer = _post(client, shop, f"incidents/{incident_id}/actions/preview", way=way, **more)
    return answer.get_json()


def test_an_incident_keeps_what_its_element_saw(shop: Firm) -> None:
    instance_id, _ = _stuck(shop)

    [incident] = incidents_of(shop, instance_id)

    assert (incident.process, incident.element) == ("long", "m")
    assert incident.seen is not None
    assert feel.from_typed_json(incident.seen["set"]) == {"limit": 5, "receipt": "R-1"}


def test_an_incident_tells_what_was_seen_and_which_ways_lead_out(client: FlaskClient, shop: Firm) -> None:
    instance_id, incident_id = _stuck(shop)
    _, given_up, _ = _given_up(shop)

    def read(key: UUID, who: str = "operator") -> TestResponse:
        return client.get(f"/api/v1/incidents/{key}", headers=shop.headers(who))

    stuck, call = read(incident_id).get_json(), read(given_up).get_json()
    _help(client, shop, incident_id, "cancel")

    assert (stuck["element"], stuck["instance_id"]) == ("m", str(instance_id))
    assert stuck["seen"] == {"limit": "5", "receipt": "R-1"}
    assert stuck["ways"] == ["retry", "skip", "answer", "cancel"]
    assert call["seen"] == {}
    assert read(incident_id).get_json()["ways"] == []
    assert read(incident_id, "sales").status_code == 403


@pytest.mark.parametrize(
    ("way", "more", "reached"),
    [
        pytest.param("retry", {"variables": {"good": True}}, ["b"], id="tried again with what was lacking"),
        pytest.param("skip", {"target": "c"}, ["c"], id="left for another element"),
        pytest.param("answer", {"code": "gone"}, ["c"], id="caught by the boundary event"),
        pytest.param("cancel", {}, [], id="ended with its instance"),
    ],
)
def test_an_incident_has_four_ways_out(
    client: FlaskClient, shop: Firm, way: str, more: dict[str, Any], reached: list[str]
) -> None:
    instance_id, incident_id = _stuck(shop)

    foreseen = _foresee_help(client, shop, incident_id, way, **more)
    assert open_incidents(shop, instance_id) == ["m"]
    assert _help(client, shop, incident_id, way, **more).status_code == 204

    assert foreseen["reaches"] == stands_at(shop, instance_id) == reached
    [closed] = incidents_of(shop, instance_id)
    assert (closed.resolution, closed.resolved_by) == ("The customer called", shop["operator"].person_id)
    assert _help(client, shop, incident_id, way, **more).status_code == 409


@pytest.mark.parametrize(("way", "more"), [("skip", {"target": "c"}), ("answer", {"code": "gone"})])
def test_a_call_that_was_given_up_is_wanted_no_more_when_its_element_is_left(
    client: FlaskClient, shop: Firm, way: str, more: dict[str, Any]
) -> None:
    instance_id, incident_id, call_id = _given_up(shop)

    assert _help(client, shop, incident_id, way, **more).status_code == 204

    assert (stands_at(shop, instance_id), status_of(shop, call_id)) == (["c"], CallStatus.WITHDRAWN)


def test_trying_a_call_again_is_foreseen_as_that_call(client: FlaskClient, shop: Firm) -> None:
    _, incident_id, call_id = _given_up(shop)

    foreseen = _foresee_help(client, shop, incident_id, "retry")
    assert _help(client, shop, incident_id, "retry").status_code == 204

    assert foreseen["calls"] == ["do.it"]
    assert status_of(shop, call_id) == CallStatus.WAITING


def test_a_call_is_made_anew_with_what_was_changed(client: FlaskClient, shop: Firm) -> None:
    instance_id, incident_id, call_id = _given_up(shop)
    given = {"variables": {"good": True}}

    foreseen = _foresee_help(client, shop, incident_id, "retry", **given)
    assert _help(client, shop, incident_id, "retry", **given).status_code == 204
    anew = call_of(shop, instance_id, "do.it")
    commands.report(call_id, commands.Succeeded({"late": True}))
    commands.report(anew, commands.Succeeded({}))

    assert (foreseen["calls"], foreseen["reaches"]) == (["do.it"], [])
    assert (status_of(shop, call_id), anew != call_id) == (CallStatus.WITHDRAWN, True)
    assert (stands_at(shop, instance_id), open_incidents(shop, instance_id)) == (["b"], [])
    assert _entries(shop, instance_id)[-2][0] == "call.kept"


def test_an_error_that_nothing_catches_leaves_the_incident_as_it_is(client: FlaskClient, shop: Firm) -> None:
    instance_id, incident_id = _stuck(shop)

    answer = _help(client, shop, incident_id, "answer", code="lost")

    assert answer.status_code == 409
    assert answer.get_json()["error"]["message"] == "nothing around m catches the error lost"
    assert open_incidents(shop, instance_id) == ["m"]


def test_an_incident_at_timers_is_only_tried_again(client: FlaskClient, shop: Firm) -> None:
    instance_id = begin(shop, "long")
    commands.postpone_timer(shop.org_id, instance_id, "no such day", utc_now())
    [incident] = incidents_of(shop, instance_id)

    skipped = _help(client, shop, incident.id, "skip", target="b")
    foreseen = _foresee_help(client, shop, incident.id, "retry")

    assert skipped.status_code == 409
    assert "timers of an instance" in skipped.get_json()["error"]["message"]
    assert (foreseen["leaves"], foreseen["reaches"]) == ([], [])
    assert _help(client, shop, incident.id, "retry").status_code == 204


def test_an_incident_without_an_instance_is_only_tried_again(client: FlaskClient, shop: Firm) -> None:
    call_id = a_call(shop, "mail.send")
    commands.report(call_id, commands.Failed("no such address"))
    answer = client.get("/api/v1/incidents", headers=shop.headers("operator")).get_json()
    incident_id = next(row["id"] for row in answer["items"] if row["message"] == "no such address")

    refused = _help(client, shop, incident_id, "cancel")
    foreseen = _foresee_help(client, shop, incident_id, "retry")

    assert refused.status_code == 409
    assert foreseen["calls"] == ["mail.send"]


def _sent_in_vain(shop: Firm) -> tuple[UUID, UUID]:
    """Return the call of a message that nobody took, and its incident."""
    call_id = a_call(
        shop, "process.message", kind="message", name="hello", payload={}, correlation={"business_key": "?"}
    )
    commands.report(call_id, commands.Failed("0 instances await the message hello"))
    with reading(shop.org_id) as tx:
        return call_id, tx.session.scalars(
            select(Incident.id).where(Incident.service_call_id == call_id)
        ).one()


def test_a_message_that_nobody_took_is_given_to_another(client: FlaskClient, shop: Firm) -> None:
    load_handlers()
    catch = element("intermediateCatchEvent", "w", '<bpmn:messageEventDefinition messageRef="m"/>')
    said = '<bpmn:message id="m" name="hello"/>'
    publish(shop, listens=diagram(_START + catch + user("after"), "s -> w\nw -> after", "listens", said))
    instance_id = begin(shop, "listens", "K-9")
    call_id, incident_id = _sent_in_vain(shop)

    foreseen = _foresee_help(client, shop, incident_id, "redeliver", business_key="K-9")
    assert _help(client, shop, incident_id, "redeliver", business_key="K-9").status_code == 204
    perform(shop, call_id)

    assert foreseen["calls"] == ["process.message"]
    assert stands_at(shop, instance_id) == ["after"]


def test_what_nothing_waits_for_is_let_go(client: FlaskClient, shop: Firm) -> None:
    call_id, incident_id = _sent_in_vain(shop)

    foreseen = _foresee_help(client, shop, incident_id, "drop")
    assert _help(client, shop, incident_id, "drop").status_code == 204

    assert foreseen["calls"] == []
    assert status_of(shop, call_id) == CallStatus.WITHDRAWN


def test_what_an_element_waits_for_is_not_let_go(client: FlaskClient, shop: Firm) -> None:
    _, incident_id, _ = _given_up(shop)
    _, stuck_id = _stuck(shop)

    answers = [_help(client, shop, key, "drop") for key in (incident_id, stuck_id)]

    assert [answer.status_code for answer in answers] == [409, 409]


def test_what_is_no_message_is_given_to_nobody_else(client: FlaskClient, shop: Firm) -> None:
    call_id = a_call(shop, "mail.send")
    commands.report(call_id, commands.Failed("no such address"))
    with reading(shop.org_id) as tx:
        incident_id = tx.session.scalars(select(Incident.id).where(Incident.service_call_id == call_id)).one()

    answer = _help(client, shop, incident_id, "redeliver", business_key="K-9")

    assert answer.status_code == 409
    assert _help(client, shop, incident_id, "drop").status_code == 204


@pytest.mark.parametrize(
    ("way", "field"),
    [
        pytest.param("skip", "target", id="skip"),
        pytest.param("answer", "code", id="answer"),
        pytest.param("redeliver", "business_key", id="redeliver"),
    ],
)
def test_what_a_way_lacks_is_said(client: FlaskClient, shop: Firm, way: str, field: str) -> None:
    _, incident_id = _stuck(shop)

    answer = _help(client, shop, incident_id, way)

    assert (answer.status_code, set(answer.get_json()["error"]["fields"])) == (422, {field})


def test_a_preview_leaves_no_trace(client: FlaskClient, shop: Firm, instance_id: UUID) -> None:
    before = _entries(shop, instance_id)

    for verb, more in (
        ("suspend", {}),
        ("cancel", {}),
        ("move", {"element": "a", "target": "m"}),
        ("set_variables", {"variables": {"limit": 1}}),
        ("reschedule", {"element": "late", "due_at": datetime(2030, 1, 1).astimezone().isoformat()}),
    ):
        _preview(client, shop, instance_id, verb, **more)

    assert _entries(shop, instance_id) == before
    assert stands_at(shop, instance_id) == ["a"]
