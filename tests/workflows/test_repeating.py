"""Activities done several times: together, in turn, until it is enough, while a condition holds."""

from __future__ import annotations

from typing import Any

import pytest

import workflows
from tests.workflows.building import (
    Run,
    boundary,
    diagram,
    element,
    many,
    script,
    service,
    sub,
    timer,
    user,
)

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_IN_TURN = {"isSequential": "true"}


def _run(task: str, **variables: Any) -> Run:
    return Run(diagram(_START + task + user("z"), "s -> a\na -> z"), **variables)


def test_one_task_for_each_of_a_collection_at_the_same_time() -> None:
    run = _run(user("a", many("people"), camunda_assignee="= each"), people=["ann", "bob"])
    assert sorted(str(task.assignee) for task in run.open.values()) == ["ann", "bob"]

    run.complete("a")
    assert run.tasks == ["a"]
    run.complete("a")

    assert run.tasks == ["z"]


def test_one_after_the_other() -> None:
    run = _run(user("a", many("people", **_IN_TURN), camunda_assignee="= each"), people=["ann", "bob"])
    seen = []
    while run.tasks == ["a"]:
        seen.append(run.task("a").assignee)
        run.complete("a")

    assert seen == ["ann", "bob"]
    assert run.tasks == ["z"]


@pytest.mark.parametrize("more", [{}, _IN_TURN], ids=["together", "in turn"])
def test_a_number_of_times(more: dict[str, str]) -> None:
    run = _run(user("a", many(times="n + 1", **more)), n=2)
    rounds = 0
    while "a" in run.tasks:
        run.complete("a")
        rounds += 1

    assert rounds == 3
    assert run.tasks == ["z"]


@pytest.mark.parametrize("more", [{}, _IN_TURN], ids=["together", "in turn"])
@pytest.mark.parametrize("loop", [{"over": "people"}, {"times": "0"}], ids=["nobody", "no times"])
def test_none_at_all_goes_on_at_once(loop: dict[str, str], more: dict[str, str]) -> None:
    body = user("a", many(**loop, **more)) + boundary("late", "a", timer(timeDuration="P1D"))

    run = _run(body, people=[])

    assert run.tasks == ["z"]
    assert run.step.next_due is None


def test_enough_of_them_cancel_the_rest() -> None:
    run = _run(user("a", many("people", until="nrOfCompletedInstances = 2")), people=["ann", "bob", "cem"])

    run.complete("a")
    run.complete("a")

    assert run.tasks == ["z"]
    assert sorted(closed.how for closed in run.step.closed) == ["cancelled", "completed"]


def test_the_condition_sees_the_counters_and_the_round_itself() -> None:
    until = "nrOfInstances = 3 and nrOfActiveInstances = 1 and loopCounter = 2 and each = &quot;cem&quot;"
    run = _run(user("a", many("people", until=until)), people=["ann", "bob", "cem"])

    run.complete("a")
    assert run.tasks == ["a", "a"]
    last = max(run.open, key=int)
    run.do(workflows.complete, run.step.state, last, {}, run.now)

    assert run.tasks == ["z"]


def test_a_condition_that_cannot_be_answered_is_an_incident_at_its_round_and_counts_once() -> None:
    run = _run(user("a", many(times="2", until="enough")))

    run.complete("a")
    assert run.stuck == ["a"]
    run.retry(enough=False)
    run.complete("a")

    assert run.tasks == ["z"]
    assert run.stuck == []


@pytest.mark.parametrize(
    ("loop", "why"),
    [
        pytest.param({"over": "n"}, "no list", id="a number as a collection"),
        pytest.param({"over": "nix"}, "null", id="no collection"),
        pytest.param({"times": "x"}, "null", id="no number"),
        pytest.param({"times": "n / 2"}, "2.5", id="a broken number"),
        pytest.param({"times": "- n"}, "-5", id="less than nothing"),
        pytest.param({"times": "10001"}, "more than 10000", id="too many"),
        pytest.param(
            {"over": "concatenate(for i in 1..6000 return i, for i in 1..6000 return i)"},
            "more than 10000",
            id="too long",
        ),
    ],
)
def test_rounds_that_cannot_be_counted_are_an_incident_until_they_can(loop: dict[str, str], why: str) -> None:
    run = _run(user("a", many(**loop)), n=5)
    assert run.stuck == ["a"]
    assert why in run.incidents[0].message

    if loop in ({"over": "n"}, {"times": "n / 2"}):
        run.retry(n=2 if "times" in loop else ["ann"])
        assert run.tasks == ["a"]


def test_a_boundary_event_ends_all_rounds() -> None:
    body = user("a", many("people")) + boundary("late", "a", timer(timeDuration="P1D")) + user("l")
    run = Run(diagram(_START + body, "s -> a\nlate -> l"), people=["ann", "bob"])
    assert run.tasks == ["a", "a"]

    run.advance(days=2)

    assert run.tasks == ["l"]
    assert len(run.step.closed) == 2


def test_calls_of_machines_are_made_for_each_and_taken_back() -> None:
    body = service("a", many("parts")) + boundary("late", "a", timer(timeDuration="P1D")) + user("l")
    run = Run(diagram(_START + body, "s -> a\nlate -> l"), parts=[1, 2, 3])
    assert len(run.calls) == 3

    run.answer("do.it")
    run.advance(days=2)

    assert len(run.step.withdrawn) == 2
    assert run.calls == {}
    assert run.tasks == ["l"]


def test_an_error_of_one_round_is_caught_for_all() -> None:
    body = service("a", many("parts")) + boundary("bad", "a", "<bpmn:errorEventDefinition/>") + user("l")
    run = Run(diagram(_START + body, "s -> a\nbad -> l"), parts=[1, 2])

    run.fail("do.it", "OUT")

    assert run.tasks == ["l"]
    assert run.calls == {}


def test_results_are_collected_in_the_order_of_the_rounds() -> None:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="parts" camunda:elementVariable="each">'
        "<bpmn:loopDataOutputRef>found</bpmn:loopDataOutputRef>"
        '<bpmn:outputDataItem id="one" name="answer"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    output = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="answer">= each * 10</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    run = _run(user("a", output + loop), parts=[1, 2, 3])
    for key in ("5", "3", "4"):
        run.do(workflows.complete, run.step.state, key, {}, run.now)

    assert run.tasks == ["z"]
    assert run.variables["found"] == [10, 20, 30]


def test_results_without_a_name_are_null() -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
        "<bpmn:loopDataOutputRef>found</bpmn:loopDataOutputRef></bpmn:multiInstanceLoopCharacteristics>"
    )
    run = _run(user("a", loop))
    run.complete("a")
    run.complete("a")

    assert run.variables["found"] == [None, None]


def test_the_standards_own_words_for_a_collection() -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>people</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="who"/></bpmn:multiInstanceLoopCharacteristics>'
    )

    run = _run(user("a", loop, camunda_assignee="= who"), people=["ann"])

    assert run.task("a").assignee == "ann"


def test_a_subprocess_for_each_has_its_own_joins() -> None:
    inside = (
        element("startEvent", "s2")
        + element("parallelGateway", "g")
        + user("b", camunda_assignee="= each")
        + user("c")
        + element("parallelGateway", "j")
        + user("d")
    )
    flows = "s2 -> g\ng -> b\ng -> c\nb -> j\nc -> j\nj -> d"
    run = _run(sub("a", many("people") + inside, flows), people=["ann", "bob"])
    assert run.tasks == ["b", "b", "c", "c"]

    run.complete("b")
    run.complete("c")
    assert run.tasks == ["b", "c", "d"]
    for name in ("b", "c", "d", "d"):
        run.complete(name)

    assert run.tasks == ["z"]


def test_one_within_another_knows_both_elements() -> None:
    inner = user("b", many("each.items").replace('"each"', '"item"'), camunda_assignee="= each.name + item")
    run = _run(
        sub("a", many("teams") + element("startEvent", "s2") + inner, "s2 -> b"),
        teams=[{"name": "x", "items": ["1", "2"]}, {"name": "y", "items": ["3"]}],
    )

    assert sorted(str(task.assignee) for task in run.open.values()) == ["x1", "x2", "y3"]
    for _ in range(3):
        run.complete("b")
    assert run.tasks == ["z"]


def test_a_thousand_rounds_in_turn_by_machine_alone() -> None:
    body = script("a", "n + 1", "n").replace(
        "</bpmn:scriptTask>", many(times="1000", **_IN_TURN) + "</bpmn:scriptTask>"
    )

    run = _run(body, n=0)

    assert run.tasks == ["z"]
    assert run.variables["n"] == 1000


def _loop(condition: str = "", **attributes: str) -> str:
    words = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    inside = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics {words}>{inside}</bpmn:standardLoopCharacteristics>"


def test_a_standard_loop_goes_on_while_its_condition_holds() -> None:
    run = _run(user("a", _loop("again")))
    for again in (True, True, False):
        assert run.tasks == ["a"]
        run.complete("a", again=again)

    assert run.tasks == ["z"]


def test_a_standard_loop_that_looks_first_may_do_nothing() -> None:
    run = _run(user("a", _loop("again", testBefore="true")), again=False)
    assert run.tasks == ["z"]

    run = _run(user("a", _loop("again", testBefore="true")), again=True)
    assert run.tasks == ["a"]


def test_a_standard_loop_has_a_most() -> None:
    run = _run(user("a", _loop("true", loopMaximum="2")))
    run.complete("a")
    run.complete("a")
    assert run.tasks == ["z"]

    run = _run(user("a", _loop(loopMaximum="1")))
    run.complete("a")
    assert run.tasks == ["z"]


def test_the_history_tells_the_rounds_apart() -> None:
    run = _run(user("a", many(times="2")))
    run.complete("a")

    rounds = [(event.kind, event.detail.get("loop")) for event in run.events if event.element == "a"]
    assert rounds == [("entered", None), ("entered", 0), ("entered", 1), ("completed", 0)]


def test_an_activity_that_cannot_leave_its_rounds_is_an_incident_at_the_whole() -> None:
    body = _START + user("a", many(times="1")) + user("b")
    run = Run(diagram(body, "s -> a\na -> b: go"))

    run.complete("a")
    assert run.stuck == ["a"]
    run.retry(go=True)

    assert run.tasks == ["b"]


@pytest.mark.parametrize(
    ("loop", "reason"),
    [
        pytest.param(many("people", times="3"), "by a number and by a collection", id="both"),
        pytest.param(many("people", behavior="None"), "behavior", id="events thrown by rounds"),
        pytest.param(many("people", until="n &gt;"), "not FEEL", id="a condition that is no FEEL"),
        pytest.param(many("${a.b()}"), "calls a method", id="a method as a collection"),
        pytest.param(_loop("again", loopMaximum="many"), "no number", id="a most that is none"),
        pytest.param(_loop("n &gt;"), "not FEEL", id="a loop that is no FEEL"),
        pytest.param(
            many("people").replace("></", "><bpmn:complexBehaviorDefinition/></"),
            "complexBehaviorDefinition",
            id="complex behaviour",
        ),
    ],
)
def test_loops_that_are_not_executed_are_refused(loop: str, reason: str) -> None:
    content = diagram(_START + user("a", loop), "s -> a")

    found = workflows.check({"p.bpmn": content}, {})

    assert any(f.element == "a" and reason in f.message for f in found if f.severity == "error"), found


def test_thousands_of_counted_rounds_in_turn_are_no_work_without_end() -> None:
    inside = element("startEvent", "s2") + script("b", "n + 1", "n")

    run = _run(sub("a", many(times="3000", **_IN_TURN) + inside, "s2 -> b"), n=0)

    assert (run.tasks, run.incidents, run.variables["n"]) == (["z"], [], 3000)
