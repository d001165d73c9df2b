"""Cancelling with compensation: what was completed is undone, the last first, and then the instance ends."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import (
    Run,
    boundary,
    diagram,
    element,
    event_sub,
    many,
    script,
    service,
    sub,
    undoing,
    user,
)

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")


def _cancel(run: Run) -> workflows.Step:
    return run.do(workflows.cancel_undoing, run.step.state, run.now)


def _two() -> Run:
    body = _START + user("a") + undoing("c", "a") + user("b") + undoing("d", "b") + user("z")
    return Run(diagram(body, "s -> a\na -> b\nb -> z"))


def test_what_was_done_is_undone_in_reverse_and_then_it_ends() -> None:
    run = _two()
    run.complete("a")
    run.complete("b")

    _cancel(run)
    assert (run.tasks, run.step.finished) == (["undo_b"], None)
    run.complete("undo_b")
    assert run.tasks == ["undo_a"]
    assert run.step.tokens == (("p", "undo_a"),)
    run.complete("undo_a")

    assert (run.tasks, run.step.finished, run.step.cancelled) == ([], "cancelled", True)


def test_where_nothing_was_done_it_ends_at_once() -> None:
    run = _two()

    _cancel(run)

    assert (run.step.finished, run.step.cancelled, run.step.state) == ("cancelled", True, b"")
    assert [closed.how for closed in run.step.closed] == ["cancelled"]


def test_what_a_running_subprocess_has_done_inside_is_undone_first() -> None:
    inside = element("startEvent", "go") + user("x") + undoing("c", "x") + user("y")
    body = _START + user("a") + undoing("d", "a") + sub("inner", inside, "go -> x\nx -> y")
    run = Run(diagram(body, "s -> a\na -> inner"))
    run.complete("a")
    run.complete("x")

    _cancel(run)
    assert run.tasks == ["undo_x"]
    run.complete("undo_x")
    assert run.tasks == ["undo_a"]
    run.complete("undo_a")

    assert run.step.finished == "cancelled"


def _calling() -> Run:
    mapping = (
        '<bpmn:extensionElements><camunda:in source="seat" target="chair"/>'
        '<camunda:out source="chair" target="seat"/></bpmn:extensionElements>'
    )
    call = element("callActivity", "inner", mapping, calledElement="child")
    body = _START + user("a") + undoing("d", "a") + call + user("z")
    handler = undoing("c", "x").replace('id="undo_x"', 'id="undo_x" camunda:assignee="= chair"')
    child = diagram(
        _START + user("x") + handler + script("sit", '"window"', "chair") + user("y"),
        "s -> x\nx -> sit\nsit -> y",
        process="child",
    )
    return Run(diagram(body, "s -> a\na -> inner\ninner -> z"), child, seat="aisle")


def test_what_a_running_call_has_done_inside_is_undone_first_with_its_own_variables() -> None:
    run = _calling()
    run.complete("a")
    run.complete("x")

    _cancel(run)
    assert (run.tasks, run.step.opened[-1].assignee) == (["undo_x"], "window")
    run.complete("undo_x")
    assert run.tasks == ["undo_a"]
    assert run.variables["seat"] == "aisle"  # what is undone hands nothing out
    run.complete("undo_a")

    assert run.step.finished == "cancelled"


def test_what_a_call_that_has_ended_did_inside_is_not_undone_step_by_step() -> None:
    run = _calling()
    for task in ("a", "x", "y"):
        run.complete(task)

    _cancel(run)

    assert run.tasks == ["undo_a"]


def test_the_rounds_of_a_repeated_activity_are_undone_together() -> None:
    body = _START + user("m", many(times="2")) + undoing("c", "m") + user("z")
    run = Run(diagram(body, "s -> m\nm -> z"))
    run.complete("m")
    run.complete("m")

    _cancel(run)

    assert run.tasks == ["undo_m", "undo_m"]


def test_handlers_that_need_nobody_end_it_in_one_step() -> None:
    undo = script("mend", "1", "mended").replace(
        "<bpmn:scriptTask ", '<bpmn:scriptTask isForCompensation="true" '
    )
    listens = boundary("c", "a", "<bpmn:compensateEventDefinition/>")
    link = '<bpmn:association sourceRef="c" targetRef="mend"/>'
    run = Run(diagram(_START + user("a") + listens + undo + link + user("z"), "s -> a\na -> z"))
    run.complete("a")

    _cancel(run)

    assert run.step.finished == "cancelled"
    assert ("mend", "completed") in [(event.element, event.kind) for event in run.step.events]


def test_what_is_being_undone_is_cancelled_for_good_only() -> None:
    run = _two()
    run.complete("a")
    _cancel(run)

    with pytest.raises(workflows.UndoingError, match="this is cancelled already"):
        _cancel(run)
    run.do(workflows.cancel, run.step.state, run.now)

    assert run.step.finished == "cancelled"


def test_a_process_without_a_start_event_is_undone_as_any_other() -> None:
    run = Run(diagram(user("a") + undoing("c", "a") + user("z"), "a -> z"))
    run.complete("a")

    _cancel(run)
    run.complete("undo_a")

    assert run.step.finished == "cancelled"


def test_what_is_being_undone_is_not_undone_anew() -> None:
    throw = element("intermediateThrowEvent", "t", "<bpmn:compensateEventDefinition/>")
    run = Run(diagram(_START + user("a") + undoing("c", "a") + throw, "s -> a\na -> t"))
    run.complete("a")
    assert run.tasks == ["undo_a"]

    with pytest.raises(workflows.UndoingError, match="being undone already"):
        _cancel(run)


def test_no_event_subprocess_takes_over_a_cancelled_instance() -> None:
    undo = boundary("c", "a", "<bpmn:compensateEventDefinition/>")
    line = '<bpmn:association sourceRef="c" targetRef="undo_a"/>'
    handler = service("undo_a", isForCompensation="true")
    caught = event_sub("es", "<bpmn:errorEventDefinition/>", user("y"), "es_start -> y")
    run = Run(diagram(_START + user("a") + undo + line + handler + user("z") + caught, "s -> a\na -> z"))
    run.complete("a")
    _cancel(run)

    run.fail("do.it", "BOOM")
    assert (run.tasks, run.stuck) == ([], ["undo_a"])
    run.retry()
    run.answer("do.it")

    assert run.step.finished == "cancelled"
