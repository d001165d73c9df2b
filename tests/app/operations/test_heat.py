"""The heat map: what instances did is counted once, and told by element, version and period."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from sqlalchemy import select

from app.accounts.models import Role
from app.database import transaction
from app.errors import ConflictError
from app.operations import heat_counting
from app.operations.heat_counting import HeatCounter, count_some
from app.operations.heat_pages import levels_of
from app.operations.heat_queries import ElementRow
from app.processes.models import HistoryStep
from tests.app.processes import running
from tests.app.test_pages import Desk
from tests.builders import Firm, a_firm
from tests.workflows.building import boundary, diagram, element, timer, user

API = "/api/v1/heat"


def _asking(*more: str) -> bytes:
    """Two tasks one after the other, the first for a day; then further ones."""
    names = ["ask", "check", *more]
    flows = [f"{one} -> {other}" for one, other in zip(["s", *names], [*names, "e"], strict=True)]
    return diagram(
        element("startEvent", "s")
        + "".join(map(user, names))
        + boundary("late", "ask", timer(timeDuration="P1D"))
        + element("endEvent", "e")
        + element("endEvent", "over"),
        "\n".join([*flows, "late -> over"]),
        process="asking",
    )


_REPEATING = diagram(
    element("startEvent", "s")
    + user(
        "vote",
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="who"/>',
    )
    + element("endEvent", "e"),
    "s -> vote\nvote -> e",
    process="repeating",
)
_CALLING = diagram(
    element("startEvent", "s")
    + element("callActivity", "call", calledElement="asking")
    + element("endEvent", "e"),
    "s -> call\ncall -> e",
    process="calling",
)


@pytest.fixture(autouse=True)
def _as_each_request_asks(app: Flask) -> None:
    """Forget the language of the request before: these share the application's context."""
    refresh()


@pytest.fixture
def firm_of(app: Flask) -> Firm:
    """A firm of this test's own, for everything in it is counted."""
    firm = a_firm()
    running.publish(firm, asking=_asking(), repeating=_REPEATING, calling=_CALLING)
    return firm


def _age(firm: Firm, instance_id: UUID, **by: float) -> None:
    """Let what an instance has done so far have happened earlier."""
    with transaction(firm.org_id) as tx:
        for step in tx.session.scalars(select(HistoryStep).where(HistoryStep.instance_id == instance_id)):
            step.at -= timedelta(**by)


def _heat(client: FlaskClient, firm: Firm, name: str = "asking.bpmn", **query: Any) -> dict[str, Any]:
    answer = client.get(f"{API}/{name}", query_string=query, headers=firm.headers("auditor"))
    assert answer.status_code == 200, answer.text
    return {row["element"]: row for row in answer.get_json()["elements"]}


def test_visits_are_counted_with_how_long_they_took(client: FlaskClient, firm_of: Firm) -> None:
    for hours in (1, 2, 10):
        instance_id = running.begin(firm_of, "asking")
        _age(firm_of, instance_id, hours=hours)
        running.complete(firm_of, instance_id, "ask")

    count_some(firm_of.org_id)

    heat = _heat(client, firm_of)
    assert (heat["ask"]["completed"], heat["ask"]["open"]) == (3, 0)
    assert heat["ask"]["median"] == pytest.approx(2 * 3600, rel=0.03)
    assert heat["ask"]["p95"] == pytest.approx(10 * 3600, rel=0.03)
    assert (heat["check"]["completed"], heat["check"]["open"], heat["check"]["median"]) == (0, 3, None)
    assert (heat["s"]["completed"], heat["s"]["median"]) == (3, 0)


def test_what_was_interrupted_is_counted_apart_and_lends_no_time(client: FlaskClient, firm_of: Firm) -> None:
    instance_id = running.begin(firm_of, "asking")
    running.tick(firm_of, instance_id, days=2)

    count_some(firm_of.org_id)

    ask = _heat(client, firm_of)["ask"]
    assert (ask["completed"], ask["cancelled"], ask["median"]) == (0, 1, None)


def test_nothing_is_counted_twice_and_a_visit_may_span_two_countings(
    client: FlaskClient, firm_of: Firm
) -> None:
    instance_id = running.begin(firm_of, "asking")
    _age(firm_of, instance_id, hours=3)

    counted = [count_some(firm_of.org_id), count_some(firm_of.org_id)]
    running.complete(firm_of, instance_id, "ask")
    counted += [count_some(firm_of.org_id), count_some(firm_of.org_id)]

    ask = _heat(client, firm_of)["ask"]
    assert counted == [1, 0, 1, 0]
    assert ask["completed"] == 1
    assert ask["median"] == pytest.approx(3 * 3600, rel=0.03)


def test_the_parts_of_a_repeated_activity_are_counted_and_not_what_holds_them(
    client: FlaskClient, firm_of: Firm
) -> None:
    instance_id = running.begin(firm_of, "repeating", people=["ann", "bo", "cy"])
    for _ in range(3):
        running.complete(firm_of, instance_id, "vote")

    count_some(firm_of.org_id)

    assert _heat(client, firm_of, "repeating.bpmn")["vote"]["completed"] == 3


def test_an_instance_is_open_in_the_processes_that_it_called_too(client: FlaskClient, firm_of: Firm) -> None:
    running.begin(firm_of, "calling")
    running.begin(firm_of, "asking")

    rows = client.get(API, headers=firm_of.headers("auditor")).get_json()["items"]

    assert {row["process"]: row["open"] for row in rows} == {"asking": 2, "calling": 1, "repeating": 0}
    assert _heat(client, firm_of)["ask"]["open"] == 2
    assert {row["stopped"] for row in rows} == {0}


def test_versions_are_told_apart(client: FlaskClient, firm_of: Firm) -> None:
    old = running.begin(firm_of, "asking")
    running.complete(firm_of, old, "ask")
    running.publish(firm_of, asking=_asking("sign"))
    running.begin(firm_of, "asking")

    count_some(firm_of.org_id)

    first, second, both = (_heat(client, firm_of, **query) for query in ({"version": 1}, {"version": 2}, {}))
    assert (first["ask"]["completed"], second["ask"]["completed"], both["ask"]["completed"]) == (1, 0, 1)
    assert (first["check"]["open"], second["ask"]["open"], both["ask"]["open"]) == (1, 1, 1)
    assert "sign" not in first
    assert "sign" in both


def test_what_is_no_longer_drawn_is_still_told(client: FlaskClient, firm_of: Firm) -> None:
    running.publish(firm_of, asking=_asking("sign"))
    instance_id = running.begin(firm_of, "asking")
    for name in ("ask", "check", "sign"):
        running.complete(firm_of, instance_id, name)
    running.publish(firm_of, asking=_asking())

    count_some(firm_of.org_id)

    sign = _heat(client, firm_of)["sign"]
    assert (sign["completed"], sign["kind"]) == (1, "")


def test_the_period_leaves_out_what_was_over_before(client: FlaskClient, firm_of: Firm) -> None:
    instance_id = running.begin(firm_of, "asking")
    running.complete(firm_of, instance_id, "ask")
    _age(firm_of, instance_id, days=10)

    count_some(firm_of.org_id)

    assert _heat(client, firm_of, days=7)["ask"]["completed"] == 0
    assert _heat(client, firm_of, days=30)["ask"]["completed"] == 1


def test_the_counter_goes_on_with_what_moved_since(
    client: FlaskClient, firm_of: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat_counting, "BUDGET_SECONDS", 30)
    monkeypatch.setattr(heat_counting, "LONGEST_COMMAND", timedelta(0))
    counter = HeatCounter()
    counter.count()
    at_rest = counter.count()

    instance_id = running.begin(firm_of, "asking")
    moved = counter.count()
    running.complete(firm_of, instance_id, "ask")
    again = counter.count()

    assert (at_rest, moved, again) == (0, 1, 1)
    assert _heat(client, firm_of)["ask"]["completed"] == 1


def test_two_relays_at_once_count_nothing_twice(app: Flask, client: FlaskClient, firm_of: Firm) -> None:
    for _ in range(12):
        running.begin(firm_of, "asking")
    both = Barrier(2)

    def relay() -> None:
        with app.app_context(), suppress(ConflictError):
            both.wait()
            count_some(firm_of.org_id)

    relays = [Thread(target=relay) for _ in range(2)]
    for each in relays:
        each.start()
    for each in relays:
        each.join()
    count_some(firm_of.org_id)

    assert _heat(client, firm_of)["s"]["completed"] == 12


def test_quarters_are_of_those_that_have_the_measure() -> None:
    rows = [
        ElementRow("p", name, name, "userTask", 1, 0, seconds, None, 0)
        for name, seconds in (("a", 0.0), ("b", 10.0), ("c", 20.0), ("d", 30.0), ("e", 40.0), ("f", None))
    ]

    assert levels_of(rows, "median") == {"b": 1, "c": 2, "d": 3, "e": 4}
    assert levels_of(rows, "open") == {}


def test_what_is_drawn_around_others_is_not_coloured() -> None:
    rows = [
        ElementRow("p", "around", "around", "subProcess", 1, 0, 90.0, None, 0),
        ElementRow("p", "within", "within", "userTask", 1, 0, 60.0, None, 0),
    ]

    assert levels_of(rows, "median") == {"within": 4}


def test_the_map_is_shown_by_measure_and_leads_to_the_instances(app: Flask, firm_of: Firm) -> None:
    instance_id = running.begin(firm_of, "asking", "H-1")
    _age(firm_of, instance_id, hours=2)
    running.complete(firm_of, instance_id, "ask")
    count_some(firm_of.org_id)
    desk = Desk(app.test_client(), firm_of, Role.SALES)

    processes = desk.get("/heat").text
    page = desk.get("/heat/asking.bpmn").text

    assert 'href="/heat/asking.bpmn"' in processes
    assert 'data-marks=\'{"heat": {"ask": 4}' in page
    assert "/instances?process=asking&amp;element=check" in page
    assert "H-1" in desk.get("/instances", process="asking", element="check").text
    assert desk.get("/heat/nowhere.bpmn").status_code == 404
    assert desk.get("/heat/asking.bpmn", version="9").status_code == 404


@pytest.mark.parametrize("measure", ["median", "p95", "completed", "open"])
def test_the_map_speaks_chinese_too(app: Flask, firm_of: Firm, measure: str) -> None:
    desk = Desk(app.test_client(), firm_of, Role.SALES)
    refresh()

    page = desk.client.get(f"/heat/asking.bpmn?show={measure}", headers={"Accept-Language": "zh-CN"})

    assert page.status_code == 200
    assert "95 分位用时" in page.text
