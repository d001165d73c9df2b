"""Instances as operators see them: listed, where one stands, what it waits for, how it came there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert

from app.accounts.models import Role
from app.database import db, transaction
from app.moments import utc_now
from app.operations.instances_pages import VISITS
from app.operations.instances_variables import MOST_CHANGES
from app.processes.models import HistoryStep, Instance
from tests.app.processes import running
from tests.app.test_pages import Desk
from tests.builders import Firm, a_firm
from tests.workflows.building import boundary, diagram, element, timer, user

API = "/api/v1/instances"
_ASKING = diagram(
    element("startEvent", "s")
    + user("ask", name="Ask somebody", camunda_candidateGroups="sales")
    + boundary("late", "ask", timer(timeDuration="P2D"))
    + boundary("nudge", "ask", timer(timeCycle="R/P1D"), interrupting=False)
    + user("again")
    + element("receiveTask", "hear", messageRef="m1")
    + element("endEvent", "e")
    + element("endEvent", "told"),
    "s -> ask\nask -> again\nagain -> hear\nhear -> e\nlate -> e\nnudge -> told",
    process="asking",
    before='<bpmn:message id="m1" name="all.clear"/>',
)
_CALLING = diagram(
    element("startEvent", "s")
    + element("callActivity", "call", calledElement="asking")
    + element("endEvent", "e"),
    "s -> call\ncall -> e",
    process="calling",
)
_STUCK = diagram(
    element("startEvent", "s")
    + element("exclusiveGateway", "choose")
    + element("endEvent", "e")
    + element("endEvent", "f"),
    "s -> choose\nchoose -> e: amount > 5\nchoose -> f: amount > 7",
    process="stuck",
)


@pytest.fixture(scope="module")
def desk_of(app: Flask) -> Firm:
    firm = a_firm()
    running.publish(firm, asking=_ASKING, calling=_CALLING, stuck=_STUCK)
    return firm


@pytest.fixture
def ask(client: FlaskClient, desk_of: Firm) -> Any:
    """Asks the API as an operator."""

    def asked(path: str = "", who: str = "operator", **query: str) -> Any:
        answer = client.get(f"{API}{path}", query_string=query, headers=desk_of.headers(who))
        return answer.get_json() if answer.status_code == 200 else answer.status_code

    return asked


def _keys(found: dict[str, Any]) -> set[str]:
    return {row["business_key"] for row in found["items"]}


def test_the_list_is_narrowed_by_process_status_words_and_incidents(ask: Any, desk_of: Firm) -> None:
    running.begin(desk_of, "asking", "A-1")
    over = running.begin(desk_of, "asking", "A-2")
    for name in ("ask", "again"):
        running.complete(desk_of, over, name)
    running.begin(desk_of, "calling", "C-1")
    running.begin(desk_of, "stuck", "S-1", amount=1)

    assert _keys(ask(process="asking")) == {"A-1", "A-2"}
    assert _keys(ask(search="c-1")) == {"C-1"}
    assert _keys(ask(stopped="true")) == {"S-1"}
    assert "A-1" in _keys(ask(status="running"))
    assert _keys(ask(status="cancelled")) == set()
    assert ask(status="asleep") == 422


def test_the_list_is_narrowed_by_the_element_that_holds_a_token(ask: Any, desk_of: Firm) -> None:
    running.begin(desk_of, "asking", "E-1")
    moved = running.begin(desk_of, "asking", "E-2")
    running.complete(desk_of, moved, "ask")
    running.begin(desk_of, "calling", "E-3")

    assert {"E-1", "E-3"} <= _keys(ask(process="asking", element="ask"))
    assert {"E-1", "E-3"}.isdisjoint(_keys(ask(process="asking", element="again")))
    assert "E-2" in _keys(ask(process="asking", element="again"))
    assert _keys(ask(process="asking", element="as%")) == set()


def test_the_list_is_narrowed_by_the_day_of_beginning(ask: Any, desk_of: Firm) -> None:
    running.begin(desk_of, "asking", "D-1")
    today, tomorrow = utc_now().date(), utc_now().date() + timedelta(days=1)

    assert "D-1" in _keys(ask(started_from=str(today), started_to=str(today)))
    assert _keys(ask(started_from=str(tomorrow))) == set()


def test_pages_of_the_list_follow_each_other(ask: Any, desk_of: Firm) -> None:
    for number in range(3):
        running.begin(desk_of, "asking", f"P-{number}")

    first = ask(search="P-", limit="2")
    second = ask(search="P-", limit="2", cursor=first["next"])

    assert [row["business_key"] for row in first["items"] + second["items"]] == ["P-2", "P-1", "P-0"]
    assert second["next"] is None


def test_an_instance_tells_where_it_stands_and_which_timers_run(ask: Any, desk_of: Firm) -> None:
    instance_id = running.begin(desk_of, "asking", "T-1")

    found = ask(f"/{instance_id}")

    assert [(each["element"], each["count"]) for each in found["places"]] == [("ask", 1)]
    assert found["places"][0]["since"] == found["started_at"]
    assert [(each["element"], each["every"]) for each in found["timers"]] == [
        ("nudge", "P1D"),
        ("late", None),
    ]
    assert datetime.fromisoformat(found["timers"][0]["due_at"]) > utc_now()
    assert found["next_due"] == found["timers"][0]["due_at"]
    assert [(each["element"], each["whom"]) for each in found["items"]] == [("ask", ["Sales"])]


def test_an_instance_tells_which_message_it_awaits(ask: Any, desk_of: Firm) -> None:
    instance_id = running.begin(desk_of, "asking", "M-1")
    for name in ("ask", "again"):
        running.complete(desk_of, instance_id, name)

    found = ask(f"/{instance_id}")

    assert found["awaits"] == [{"kind": "message", "name": "all.clear", "element": "hear"}]
    assert found["timers"] == []


def test_the_timeline_tells_what_ended_and_what_lasts(ask: Any, desk_of: Firm) -> None:
    instance_id = running.begin(desk_of, "calling", "L-1")
    running.complete(desk_of, instance_id, "ask")

    items = ask(f"/{instance_id}/timeline")["items"]

    told = [(each["process"], each["element"], each["how"]) for each in items]
    assert told == [
        ("calling", "s", "completed"),
        ("asking", "s", "completed"),
        ("asking", "ask", "completed"),
        ("calling", "call", ""),
        ("asking", "again", ""),
    ]
    assert items[2]["seconds"] > 0
    assert items[2]["kind"] == "userTask"
    assert (items[4]["ended_at"], items[4]["seconds"]) == (None, None)


def test_parts_of_a_repeated_activity_have_their_own_lines(ask: Any, app: Flask, desk_of: Firm) -> None:
    many = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="who"/>'
    )
    body = element("startEvent", "s") + user("vote", many) + element("endEvent", "e")
    running.publish(desk_of, voting=diagram(body, "s -> vote\nvote -> e", process="voting"))
    instance_id = running.begin(desk_of, "voting", "R-1", people=["ann", "bo"])
    before = ask(f"/{instance_id}")["places"][0]["count"]
    for _ in range(2):
        running.complete(desk_of, instance_id, "vote")

    items = ask(f"/{instance_id}/timeline")["items"]

    assert before == 2
    votes = [(each["loop"], each["is_whole"]) for each in items if each["element"] == "vote"]
    assert sorted(votes, key=str) == [(0, False), (1, False), (None, True)]
    assert "all together" in _page(app, desk_of, instance_id)


def test_variables_are_told_with_what_they_were_before(ask: Any, desk_of: Firm) -> None:
    instance_id = running.begin(desk_of, "asking", "V-1", amount=5, notes=[{"by": "Ann"}])
    running.complete(desk_of, instance_id, "ask", {"amount": 7})

    amount, notes = ask(f"/{instance_id}/variables")["items"]

    assert (amount["name"], amount["value"], amount["count"]) == ("amount", "7", 2)
    assert [change["value"] for change in amount["changes"]] == ["7", "5"]
    assert [change["cause"] for change in amount["changes"]] == ["item.completed", "instance.started"]
    assert notes["value"] == [{"by": "Ann"}]


def test_a_value_that_was_too_long_to_keep_tells_its_length(ask: Any, desk_of: Firm) -> None:
    instance_id = running.begin(desk_of, "asking", "V-2", text="x" * 5_000)

    (text,) = ask(f"/{instance_id}/variables")["items"]

    assert (text["value"], text["length"]) == (None, 5_002)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        pytest.param("operator", True, id="an operator"),
        pytest.param("owner", True, id="a process owner"),
        pytest.param("auditor", True, id="an auditor"),
        pytest.param("sales", False, id="nobody of sales"),
        pytest.param("finance", False, id="no approver"),
    ],
)
def test_variables_are_shown_to_whoever_looks_after_processes(
    app: Flask, ask: Any, desk_of: Firm, who: str, may: bool
) -> None:
    roles = {"operator": Role.OPERATOR, "owner": Role.PROCESS_OWNER, "auditor": Role.AUDITOR}
    instance_id = running.begin(desk_of, "asking", "W-1", secret_word="Quetzal")
    desk = Desk(app.test_client(), desk_of, roles.get(who, Role.SALES))

    page = desk.get(f"/instances/{instance_id}").text

    assert ("Quetzal" in page) is may
    assert (ask(f"/{instance_id}/variables", who) != 403) is may


def _page(app: Flask, firm: Firm, instance_id: UUID, **query: str) -> str:
    text: str = Desk(app.test_client(), firm, Role.OPERATOR).get(f"/instances/{instance_id}", **query).text
    return text


def test_the_page_marks_where_an_instance_stopped_and_why(app: Flask, desk_of: Firm) -> None:
    instance_id = running.begin(desk_of, "stuck", "S-2", amount=1)

    page = _page(app, desk_of, instance_id)

    assert "Stopped at “Choose”" in page
    assert "no condition holds and there is no default flow" in page


def test_a_long_story_is_shown_in_parts(app: Flask, desk_of: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.operations.instances_pages.VISITS", 2)
    instance_id = running.begin(desk_of, "calling", "L-2")
    running.complete(desk_of, instance_id, "ask")

    latest, before = _page(app, desk_of, instance_id), _page(app, desk_of, instance_id, earlier="1")

    assert "The 1 before" in latest
    assert "Later ones" not in latest
    assert "Ask somebody" not in before
    assert "Later ones" in before


def test_a_page_of_thousands_of_steps_stays_small_and_asks_no_more(app: Flask, desk_of: Firm) -> None:
    short, long = running.begin(desk_of, "asking", "L-3"), running.begin(desk_of, "asking", "L-4")
    _go_round(desk_of, long, 3_000)
    with _statements() as few:
        _page(app, desk_of, short)

    with _statements() as many:
        page = _page(app, desk_of, long)

    timeline = page.partition('id="timeline"')[2].partition("</table>")[0]
    assert timeline.count('<th scope="row">') == VISITS + 1
    assert "3000 changes" in page
    assert f"and {3_000 - MOST_CHANGES} earlier" in page
    assert len(many) == len(few)


def _go_round(firm: Firm, instance_id: UUID, rounds: int) -> None:
    """Write so many steps that left and entered the same element again, each with a change."""
    names = {"process": "asking", "element": "ask"}
    events = [{**names, "kind": "completed"}, {**names, "kind": "entered"}]
    with transaction(firm.org_id) as tx:
        instance = tx.session.get_one(Instance, instance_id)
        first = instance.revision + 1
        rows = [
            {
                "org_id": firm.org_id,
                "instance_id": instance_id,
                "revision": first + n,
                "at": utc_now(),
                "cause": "item.completed",
                "events": events,
                "changed": [{"process": "asking", "scope": "0", "set": {"round": n}}],
            }
            for n in range(rounds)
        ]
        tx.session.execute(insert(HistoryStep), rows)
        instance.revision += rounds


@contextmanager
def _statements() -> Iterator[list[str]]:
    found: list[str] = []

    def heard(*given: Any) -> None:
        found.append(given[2])

    event.listen(db.engine, "before_cursor_execute", heard)
    yield found
    event.remove(db.engine, "before_cursor_execute", heard)


def test_the_list_page_keeps_what_was_filtered(app: Flask, desk_of: Firm) -> None:
    running.begin(desk_of, "asking", "F-1")
    desk = Desk(app.test_client(), desk_of, Role.OPERATOR)

    page = desk.get("/instances", process="asking", element="ask", status="running").text

    assert "F-1" in page
    assert '<option value="asking" selected>' in page
    assert '<option value="running" selected>' in page
    assert "No instances" in desk.get("/instances", search="nothing of the kind").text


def test_the_list_names_the_innermost_elements_as_they_are_drawn(app: Flask, desk_of: Firm) -> None:
    running.begin(desk_of, "calling", "N-1")
    desk = Desk(app.test_client(), desk_of, Role.OPERATOR)

    row = desk.get("/instances", search="N-1").text.split("N-1")[-1]

    assert ">Ask somebody<" in row
