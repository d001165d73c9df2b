"""The pages of an operator's verbs: what would come of it is shown before anything is done."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from werkzeug.test import TestResponse

from app.accounts.models import Role
from app.database import reading
from app.errors import InvalidError
from app.operations.acting_forms import variables_from
from app.processes import commands
from app.processes.models import Timer
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
from tests.performing import a_call
from tests.signing_in import form_token, signed_in
from tests.workflows.building import boundary, diagram, element, service, timer, user

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

_START = element("startEvent", "s")


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    catch = '<bpmn:errorEventDefinition errorRef="gone"/>'
    body = _START + user("a", name="Look at it") + boundary("late", "a", timer(timeDuration="PT1H"))
    body += service("m") + boundary("caught", "m", catch) + user("b") + user("c", name="Look again")
    flows = "s -> a\na -> m\nm -> b: good\ncaught -> c\nlate -> c"
    publish(firm, long=diagram(body, flows, "long"))
    return firm


@pytest.fixture
def olga(app: Flask, shop: Firm) -> FlaskClient:
    refresh()
    return signed_in(app, shop, Role.OPERATOR)


@pytest.fixture
def instance_id(shop: Firm) -> UUID:
    return begin(shop, "long", limit=5)


def _send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    return client.post(path, data={"csrf_token": form_token(client, path), "reason": "They called", **form})


def _shown(answer: TestResponse) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def test_a_move_is_shown_before_it_is_done(olga: FlaskClient, shop: Firm, instance_id: UUID) -> None:
    path = f"/instances/{instance_id}/act"
    form = {"verb": "move", "element": "long|a", "target": "long|c"}

    preview = _shown(_send(olga, path, **form))
    assert stands_at(shop, instance_id) == ["a"]
    done = _send(olga, path, **form, sure="1", revision="1")

    assert "<dt>Leaves</dt><dd>Look at it</dd> <dt>Reaches</dt><dd>Look again</dd>" in preview
    assert "Why: They called" in preview
    assert (done.status_code, done.location) == (303, f"/instances/{instance_id}")
    assert stands_at(shop, instance_id) == ["c"]


def test_what_moved_on_since_one_looked_is_looked_at_again(
    olga: FlaskClient, shop: Firm, instance_id: UUID
) -> None:
    complete(shop, instance_id, "a")

    answer = _send(olga, f"/instances/{instance_id}/act", verb="cancel", sure="1", revision="1")

    assert answer.status_code == 409
    assert "this has moved on since you looked: look again" in _shown(answer)
    assert stands_at(shop, instance_id) == ["m"]


def test_variables_are_shown_old_and_new(olga: FlaskClient, shop: Firm, instance_id: UUID) -> None:
    path, form = (
        f"/instances/{instance_id}/act",
        {"verb": "set_variables", "variables": 'limit = 7.5\nwho = "Ann"'},
    )

    preview = _shown(_send(olga, path, **form))
    _send(olga, path, **form, sure="1", revision="1")

    assert "<code>limit</code></th><td>5</td><td>7.5</td>" in preview
    assert "<code>who</code></th><td>–</td><td>Ann</td>" in preview
    assert variables_of(shop, instance_id)["who"] == "Ann"


def test_a_timer_is_set_in_utc(olga: FlaskClient, shop: Firm, instance_id: UUID) -> None:
    form = {"verb": "reschedule", "element": "long|late", "due_at": "2031-02-03T04:05"}

    answer = _send(olga, f"/instances/{instance_id}/act", **form, sure="1", revision="1")

    assert answer.status_code == 303
    with reading(shop.org_id) as tx:
        assert tx.session.get_one(Timer, instance_id).due_at == datetime(2031, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"verb": "cancel", "reason": " "}, "Why is empty", id="no reason"),
        pytest.param({"verb": "dance"}, "is none of ours", id="no verb"),
        pytest.param({"verb": "set_variables", "variables": "limit"}, "limit is not a name", id="no value"),
        pytest.param({"verb": "set_variables", "variables": "x = 1 +"}, "Variables x:", id="no FEEL"),
        pytest.param({"verb": "reschedule", "element": "a", "due_at": "soon"}, "is not a date", id="no time"),
        pytest.param(
            {"verb": "move", "element": "long|a", "target": "long|late"},
            "nothing can be moved from a to late",
            id="nowhere to move",
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_lost_of_the_form(
    olga: FlaskClient, shop: Firm, instance_id: UUID, form: dict[str, str], said: str
) -> None:
    answer = _send(olga, f"/instances/{instance_id}/act", **form)

    assert answer.status_code in (409, 422)
    assert "Nothing was done." in _shown(answer)
    assert said in _shown(answer)
    assert stands_at(shop, instance_id) == ["a"]


def test_a_suspended_instance_offers_to_go_on_and_an_ended_one_nothing(
    olga: FlaskClient, instance_id: UUID
) -> None:
    path = f"/instances/{instance_id}/act"
    _send(olga, path, verb="suspend", sure="1", revision="1")
    suspended = _shown(olga.get(path))
    _send(olga, path, verb="cancel", sure="1", revision="1")

    ended = _shown(olga.get(path))

    assert "?verb=resume" in suspended
    assert "?verb=suspend" not in suspended
    assert "This has ended" in ended
    assert "?verb=" not in ended


def test_only_operators_see_the_verbs(app: Flask, shop: Firm, instance_id: UUID) -> None:
    client = signed_in(app, shop, Role.SALES)

    assert client.get(f"/instances/{instance_id}/act").status_code == 403
    assert client.get(f"/incidents/{uuid4()}/act").status_code == 403


def _stuck(shop: Firm) -> tuple[UUID, UUID]:
    instance_id = begin(shop, "long", limit=5)
    complete(shop, instance_id, "a")
    commands.report(call_of(shop, instance_id, "do.it"), commands.Succeeded({"receipt": "R-1"}))
    return instance_id, incidents_of(shop, instance_id)[0].id


def test_an_incident_shows_what_its_element_saw_and_is_left_for_another(
    olga: FlaskClient, shop: Firm
) -> None:
    instance_id, incident_id = _stuck(shop)
    path = f"/incidents/{incident_id}/act"

    page = _shown(olga.get(path))
    preview = _shown(_send(olga, path, way="skip", target="long|c"))
    assert open_incidents(shop, instance_id) == ["m"]
    done = _send(olga, path, way="skip", target="long|c", sure="1")

    assert "<code>receipt</code></th><td>R-1</td>" in page
    assert "<dt>Reaches</dt><dd>Look again</dd>" in preview
    assert (done.status_code, done.location) == (303, "/incidents")
    assert stands_at(shop, instance_id) == ["c"]
    assert "This is resolved" in _shown(olga.get(path))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param(
            {"way": "answer", "code": "lost"}, "nothing around m catches the error lost", id="uncaught"
        ),
        pytest.param({"way": "skip", "target": ""}, "is empty", id="nowhere"),
        pytest.param({"way": "dance"}, "is none of ours", id="no way"),
    ],
)
def test_a_way_that_leads_nowhere_is_said(
    olga: FlaskClient, shop: Firm, form: dict[str, str], said: str
) -> None:
    instance_id, incident_id = _stuck(shop)

    answer = _send(olga, f"/incidents/{incident_id}/act", **form)

    assert answer.status_code in (409, 422)
    assert said in _shown(answer)
    assert open_incidents(shop, instance_id) == ["m"]


def test_an_incident_without_an_instance_offers_to_try_again(olga: FlaskClient, shop: Firm) -> None:
    commands.report(a_call(shop, "mail.send"), commands.Failed("no such address"))
    answer = olga.get("/incidents").get_data(as_text=True)
    path = "/incidents/" + answer.split("/act", 1)[0].rsplit("/incidents/", 1)[1] + "/act"

    page = _shown(olga.get(path))
    preview = _shown(_send(olga, path, way="retry"))

    assert "?way=skip" not in page
    assert "<dt>Asks for</dt><dd>mail.send</dd>" in preview


def test_nothing_is_found_of_another_organisation(app: Flask, stranger: Firm, shop: Firm) -> None:
    instance_id, incident_id = _stuck(shop)
    client = signed_in(app, stranger, Role.OPERATOR)

    assert client.get(f"/instances/{instance_id}/act").status_code == 404
    assert client.get(f"/incidents/{incident_id}/act").status_code == 404


def test_values_of_variables_are_feel(app: Flask) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)

    found = variables_from('a = 1.50\n\nb = [1, 2]\nc = {x: "y"}\nd = date("2026-03-02") ', now)

    assert (str(found["a"]), found["b"], found["c"]) == ("1.50", [1, 2], {"x": "y"})
    assert str(found["d"]) == "2026-03-02"
    with pytest.raises(InvalidError) as caught:
        variables_from("a = unknown\nb: 2", now)
    assert len(caught.value.fields["variables"]) == 2
