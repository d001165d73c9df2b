"""An operator's verbs on many: each by itself, with a result for each, whatever happens to the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from werkzeug.test import TestResponse

from app.accounts.models import Role
from app.database import reading
from app.operations import bulk
from app.processes import advance, commands
from tests.app.processes.running import (
    begin,
    call_of,
    complete,
    incidents_of,
    open_incidents,
    publish,
    stands_at,
)
from tests.builders import Firm, a_firm
from tests.signing_in import form_token, signed_in
from tests.workflows.building import boundary, diagram, element, service, timer, user

_START = element("startEvent", "s")
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def _many() -> bytes:
    body = _START + user("a") + boundary("late", "a", timer(timeDuration="PT1H"))
    body += service("m") + user("b") + user("c")
    return diagram(body, "s -> a\na -> m\nm -> b: good\nlate -> c", "many")


@pytest.fixture
def shop(app: Flask) -> Firm:
    firm = a_firm()
    refresh()
    publish(firm, many=_many())
    return firm


def _post(client: FlaskClient, shop: Firm, path: str, **body: Any) -> TestResponse:
    body = {"reason": "The carrier is gone", **body}
    return client.post(f"/api/v1/{path}", json=body, headers=shop.headers("operator"))


def _items(answer: TestResponse) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.get_json()
    return {item["id"]: item for item in answer.get_json()["items"]}


def _suspended(shop: Firm, instance_id: UUID) -> bool:
    with reading(shop.org_id) as tx:
        return advance.look(tx, instance_id).suspended


def _stuck(shop: Firm, limit: int) -> tuple[UUID, UUID]:
    """Return an instance that stands at an incident, and the incident."""
    instance_id = begin(shop, "many", limit=limit)
    complete(shop, instance_id, "a")
    commands.report(call_of(shop, instance_id, "do.it"), commands.Failed(f"order {limit} is 'lost'"))
    return instance_id, incidents_of(shop, instance_id)[0].id


def test_a_selection_is_foreseen_and_each_is_done_by_itself(client: FlaskClient, shop: Firm) -> None:
    at_a = [begin(shop, "many") for _ in range(3)]
    elsewhere = begin(shop, "many")
    complete(shop, elsewhere, "a")
    move = {"verb": "move", "element": "a", "target": "c"}

    preview = _post(
        client, shop, "instances/actions/preview", **move, select={"process": "many", "element": "a"}
    )
    complete(shop, at_a[0], "a")  # somebody is faster
    done = _items(_post(client, shop, "instances/actions", **move, ids=[str(key) for key in at_a]))

    assert set(_items(preview)) == {str(key) for key in at_a}
    assert {item["foreseen"]["reaches"][0] for item in _items(preview).values()} == {"c"}
    assert not preview.get_json()["more"]
    assert done[str(at_a[0])]["refused"] == "nothing can be moved from a to c: nothing stands there"
    assert [done[str(key)]["refused"] for key in at_a[1:]] == [None, None]
    assert [stands_at(shop, key) for key in at_a] == [["m"], ["c"], ["c"]]
    assert stands_at(shop, elsewhere) == ["m"]


@pytest.mark.parametrize(
    ("select", "found"),
    [
        pytest.param({"status": "suspended"}, ["still"], id="by status"),
        pytest.param({"process": "many", "element": "m"}, ["stuck"], id="by element"),
        pytest.param({"stopped": True}, ["stuck"], id="stopped ones"),
        pytest.param({"started_to": "2001-01-01"}, [], id="by when they began"),
        pytest.param(
            {"process": "many"}, ["going", "still", "stuck"], id="by process, those that have not ended"
        ),
    ],
)
def test_a_selection_is_by_process_element_status_and_time(
    client: FlaskClient, shop: Firm, select: dict[str, Any], found: list[str]
) -> None:
    ended, still, going = (begin(shop, "many") for _ in range(3))
    stuck, _ = _stuck(shop, 1)
    _post(client, shop, f"instances/{still}/actions", verb="suspend")
    _post(client, shop, f"instances/{ended}/actions", verb="cancel")
    names = {str(still): "still", str(going): "going", str(stuck): "stuck", str(ended): "ended"}

    preview = _post(client, shop, "instances/actions/preview", verb="cancel", select=select)

    if found:
        assert sorted(names[key] for key in _items(preview)) == found
    else:
        assert preview.status_code == 422


def test_a_large_selection_says_that_there_are_more(
    client: FlaskClient, shop: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)
    for _ in range(3):
        begin(shop, "many")

    answer = _post(client, shop, "instances/actions/preview", verb="suspend", select={"process": "many"})

    assert (len(_items(answer)), answer.get_json()["more"]) == (2, True)


def test_nothing_selected_and_too_much_are_refused(client: FlaskClient, shop: Firm) -> None:
    key = str(begin(shop, "many"))

    for ids in ([], [key] * 501):
        assert _post(client, shop, "instances/actions", verb="suspend", ids=ids).status_code == 422
    twice = _items(_post(client, shop, "instances/actions", verb="suspend", ids=[key, key]))

    assert twice[key]["refused"] is None


def test_incidents_are_counted_by_what_caused_them(client: FlaskClient, shop: Firm) -> None:
    ids = [str(_stuck(shop, number)[1]) for number in (41, 42)]

    answer = client.get("/api/v1/incidents/causes", headers=shop.headers("auditor"))

    [cause] = answer.get_json()["items"]
    assert (cause["process"], cause["element"], cause["pattern"]) == ("many", "m", "order … is …")
    assert (cause["count"], cause["example"]) == (2, "order 42 is 'lost'")
    assert cause["ids"] == ids[::-1]


def test_the_incidents_of_a_cause_are_left_each_by_itself(client: FlaskClient, shop: Firm) -> None:
    (one, first), (other, second) = _stuck(shop, 1), _stuck(shop, 2)
    ids, skip = [str(first), str(second)], {"way": "skip", "target": "c"}

    preview = _items(_post(client, shop, "incidents/actions/preview", **skip, ids=ids))
    assert open_incidents(shop, one) == ["m"]
    _post(client, shop, f"incidents/{first}/actions", way="cancel")
    done = _items(_post(client, shop, "incidents/actions", **skip, ids=ids))

    assert [preview[key]["foreseen"]["reaches"] for key in ids] == [["c"], ["c"]]
    assert done[ids[0]]["refused"] == "this incident is resolved already"
    assert done[ids[1]]["refused"] is None
    assert (stands_at(shop, one), stands_at(shop, other)) == ([], ["c"])


@pytest.fixture
def olga(app: Flask, shop: Firm) -> FlaskClient:
    return signed_in(app, shop, Role.OPERATOR)


def _send(client: FlaskClient, path: str, ids: list[UUID], **form: str) -> str:
    data = {"csrf_token": form_token(client, path), "reason": "A test", **form, "ids": [str(k) for k in ids]}
    return " ".join(client.post(path, data=data).get_data(as_text=True).split())


@sqlite_only
def test_a_page_shows_what_would_come_of_each_and_then_what_came(olga: FlaskClient, shop: Firm) -> None:
    one, other, left_out = (begin(shop, "many", f"K-{n}") for n in range(3))
    _post(olga, shop, f"instances/{one}/actions", verb="suspend")
    path = "/instances/bulk?process=many&verb=suspend"

    page = " ".join(olga.get(path).get_data(as_text=True).split())
    preview = _send(olga, path, [one, other], verb="suspend")
    assert not _suspended(shop, other)
    done = _send(olga, path, [other], verb="suspend", sure="1")

    assert "<h1>3 instances</h1>" in page
    assert page.count(" checked>") == 3
    assert "this is suspended already" in preview
    assert "It can be done to 1." in preview
    assert preview.count(" checked>") == 2
    assert "1 is done and in the record." in done
    assert _suspended(shop, other)
    assert not _suspended(shop, left_out)


@sqlite_only
def test_a_page_offers_where_the_selection_stands_and_which_timers_wait(
    olga: FlaskClient, shop: Firm
) -> None:
    begin(shop, "many")

    move = olga.get("/instances/bulk?verb=move").get_data(as_text=True)
    timers = olga.get("/instances/bulk?verb=reschedule").get_data(as_text=True)

    assert '<option value="many|a"' in move
    assert '<option value="many|c"' in move
    assert '<option value="many|late"' in timers
    assert '<option value="many|a"' not in timers


@sqlite_only
def test_the_page_of_incidents_leads_to_those_of_one_cause(olga: FlaskClient, shop: Firm) -> None:
    stuck = [_stuck(shop, number) for number in (7, 8)]
    page = olga.get("/incidents").get_data(as_text=True)
    path = page.split('href="/incidents/bulk', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    ids = [incident_id for _, incident_id in stuck]

    shown = olga.get(f"/incidents/bulk{path}").get_data(as_text=True)
    preview = _send(olga, f"/incidents/bulk{path}", ids, way="skip", target="many|b")
    done = _send(olga, f"/incidents/bulk{path}", ids, way="skip", target="many|b", sure="1")

    assert "2 incidents of one cause" in shown
    assert "reaches b" in preview
    assert "2 are done and in the record." in done
    assert [stands_at(shop, instance_id) for instance_id, _ in stuck] == [["b"], ["b"]]


@sqlite_only
@pytest.mark.parametrize(
    ("path", "form"),
    [
        pytest.param("/instances/bulk", {"verb": "move"}, id="instances"),
        pytest.param(
            "/incidents/bulk?process=many&element=m&pattern=order … is …", {"way": "skip"}, id="incidents"
        ),
    ],
)
def test_what_lacks_is_said_before_anything_is_foreseen(
    olga: FlaskClient, shop: Firm, path: str, form: dict[str, str]
) -> None:
    instance_id, incident_id = _stuck(shop, 1)

    page = _send(olga, path, [instance_id if "verb" in form else incident_id], **form)

    assert "Nothing was done." in page
    assert "is empty" in page


@sqlite_only
def test_nobody_but_operators_sees_the_pages(app: Flask, shop: Firm) -> None:
    client = signed_in(app, shop, Role.SALES)

    assert client.get("/instances/bulk").status_code == 403
    assert client.get("/incidents/bulk").status_code == 403
    assert "/instances/bulk" not in client.get("/instances").get_data(as_text=True)


@sqlite_only
def test_a_selection_of_another_organisation_is_nobodys(app: Flask, shop: Firm, stranger: Firm) -> None:
    instance_id = begin(shop, "many")
    client = app.test_client()

    [result] = _items(
        _post(client, stranger, "instances/actions", verb="cancel", ids=[str(instance_id)])
    ).values()

    assert result["refused"].startswith("there is no instance")
    assert stands_at(shop, instance_id) == ["a"]
