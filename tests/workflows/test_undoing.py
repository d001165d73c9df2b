"""Compensation and transactions: what was done is undone, the last first, each thing once."""

from __future__ import annotations

import pytest

from tests.workflows.building import Run, boundary, element, script, service, sub, user
from tests.workflows.definitions import (
    CANCEL,
    COMPENSATION,
    END,
    ERROR,
    ESCALATION,
    MESSAGE,
    START,
    again_while,
    draw,
    end,
    gateway,
    many,
    throw,
    undone_by,
)

pytestmark = pytest.mark.usefixtures("each_way")
_BEGIN = element("startEvent", "s0")


def _done(*names: str) -> str:
    """Tasks with a handler each: `a` is undone by `undo_a`."""
    return "".join(user(name) + undone_by(name, f"undo_{name}") for name in names)


def _undo(run: Run, *names: str) -> None:
    """Undo these, one at a time and in this order."""
    for name in names:
        assert run.tasks == [f"undo_{name}"]
        run.complete(f"undo_{name}")


def _only(activity: str) -> str:
    return f'<bpmn:compensateEventDefinition activityRef="{activity}"/>'


def _in_a_row(definition: str = COMPENSATION) -> Run:
    body = START + _done("a", "b", "c") + throw("t", definition) + user("after")
    run = Run(draw(body, "s -> a\na -> b\nb -> c\nc -> t\nt -> after"))
    for name in "abc":
        run.complete(name)
    return run


def test_the_last_is_undone_first_and_one_waits_for_the_other() -> None:
    run = _in_a_row()

    _undo(run, "c", "b", "a")

    assert run.tasks == ["after"]


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_one_activity_is_undone_where_it_is_named(name: str) -> None:
    run = _in_a_row(_only(name))

    _undo(run, name)

    assert run.tasks == ["after"]


def test_the_order_is_that_in_which_things_were_finished() -> None:
    body = START + gateway("parallel", "f") + gateway("parallel", "j") + _done("a", "b")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> f\nf -> a\nf -> b\na -> j\nb -> j\nj -> t\nt -> after"))
    run.complete("b")
    run.complete("a")

    _undo(run, "a", "b")

    assert run.tasks == ["after"]


def test_what_is_undone_once_is_not_undone_again() -> None:
    body = (
        START + _done("a") + throw("t", COMPENSATION) + user("b") + throw("u", COMPENSATION) + user("after")
    )
    run = Run(draw(body, "s -> a\na -> t\nt -> b\nb -> u\nu -> after"))
    run.complete("a")
    _undo(run, "a")

    run.complete("b")

    assert run.tasks == ["after"]


def test_what_is_not_finished_is_not_undone() -> None:
    body = START + gateway("parallel", "f") + _done("a", "b") + throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> f\nf -> a\nf -> b\na -> t\nt -> after"))

    run.complete("a")

    assert run.tasks == ["b", "undo_a"]
    run.complete("undo_a")
    assert run.tasks == ["after", "b"]


def test_what_was_interrupted_is_not_undone() -> None:
    body = START + _done("a", "b") + boundary("bo", "b", MESSAGE) + throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> a\na -> b\nbo -> t\nt -> after"))
    run.complete("a")

    run.message("paid")

    _undo(run, "a")
    assert run.tasks == ["after"]


def test_with_nothing_to_undo_the_instance_goes_on_at_once() -> None:
    body = START + user("a") + throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> a\na -> t\nt -> after"))

    run.complete("a")

    assert run.tasks == ["after"]


def test_a_handler_is_no_part_of_the_ordinary_way() -> None:
    run = Run(draw(START + _done("a") + END, "s -> a\na -> e"))

    run.complete("a")

    assert run.step.finished == "e"


def test_every_round_of_a_loop_is_undone() -> None:
    body = START + _done("a", "b") + gateway("exclusive", "in") + gateway("exclusive", "x", default="x_t")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> in\nin -> a\na -> b\nb -> x\nx -> in: again\nx -> t\nt -> after"))
    for again in (True, True, False):
        run.complete("a")
        run.complete("b", again=again)

    _undo(run, "b", "a", "b", "a", "b", "a")

    assert run.tasks == ["after"]


def test_compensation_inside_a_loop_undoes_what_its_own_round_did() -> None:
    body = START + _done("a") + gateway("exclusive", "in") + gateway("exclusive", "x", default="x_e")
    body += throw("t", COMPENSATION) + user("b") + END
    run = Run(draw(body, "s -> in\nin -> a\na -> t\nt -> b\nb -> x\nx -> in: again\nx -> e"))

    for again in (True, True, False):
        run.complete("a")
        _undo(run, "a")
        run.complete("b", again=again)

    assert run.step.finished == "e"


def _nested(around: str = "") -> str:
    inner = element("startEvent", "s1") + _done("a", "b") + element("endEvent", "e1")
    return sub("w", inner, "s1 -> a\na -> b\nb -> e1") + around


def test_a_finished_subprocess_is_undone_from_the_inside() -> None:
    body = START + _nested() + _done("c") + throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> w\nw -> c\nc -> t\nt -> after"))
    for name in "abc":
        run.complete(name)

    _undo(run, "c", "b", "a")

    assert run.tasks == ["after"]


def test_a_subprocess_inside_a_subprocess_is_undone_from_the_inside() -> None:
    outer = sub(
        "v",
        element("startEvent", "s2") + _nested() + _done("c") + element("endEvent", "e2"),
        "s2 -> w\nw -> c\nc -> e2",
    )
    body = START + outer + throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> v\nv -> t\nt -> after"))
    for name in "abc":
        run.complete(name)

    _undo(run, "c", "b", "a")

    assert run.tasks == ["after"]


def test_a_subprocess_with_a_handler_of_its_own_is_undone_by_that_alone() -> None:
    body = START + _nested(undone_by("w", "undo_w")) + throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> w\nw -> t\nt -> after"))
    run.complete("a")
    run.complete("b")

    _undo(run, "w")

    assert run.tasks == ["after"]


def test_one_subprocess_is_undone_where_it_is_named() -> None:
    body = START + _done("c") + _nested() + throw("t", _only("w")) + user("after")
    run = Run(draw(body, "s -> c\nc -> w\nw -> t\nt -> after"))
    for name in "cab":
        run.complete(name)

    _undo(run, "b", "a")

    assert run.tasks == ["after"]


def test_a_subprocess_undoes_only_what_it_did_itself() -> None:
    inner = element("startEvent", "s1") + _done("a") + throw("t", COMPENSATION) + user("b")
    body = START + _done("c") + sub("w", inner, "s1 -> a\na -> t\nt -> b") + user("after")
    run = Run(draw(body, "s -> c\nc -> w\nw -> after"))
    run.complete("c")
    run.complete("a")

    _undo(run, "a")

    assert run.tasks == ["b"]


def test_the_rounds_of_a_subprocess_in_a_loop_are_each_undone() -> None:
    inner = again_while("again") + element("startEvent", "s1") + _done("a") + element("endEvent", "e1")
    body = START + sub("w", inner, "s1 -> a\na -> e1") + throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> w\nw -> t\nt -> after"))
    for again in (True, True, False):
        run.complete("a", again=again)

    _undo(run, "a", "a", "a")

    assert run.tasks == ["after"]


@pytest.mark.parametrize("sequential", [False, True], ids=["together", "one by one"])
def test_the_rounds_of_a_repeated_subprocess_are_undone_together(sequential: bool) -> None:
    inner = many(times="3", sequential=sequential) + element("startEvent", "s1") + _done("a")
    body = START + sub("w", inner + element("endEvent", "e1"), "s1 -> a\na -> e1")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> w\nw -> t\nt -> after"))
    for _ in range(3):
        run.complete("a")

    assert run.tasks == ["undo_a"] * 3
    for _ in range(3):
        run.complete("undo_a")
    assert run.tasks == ["after"]


def test_a_repeated_task_is_undone_once_for_each_round() -> None:
    body = START + user("a", many(times="2")) + undone_by("a", "undo_a")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> a\na -> t\nt -> after"))
    run.complete("a")
    run.complete("a")

    assert set(run.tasks) == {"undo_a"}
    while "undo_a" in run.tasks:
        run.complete("undo_a")
    assert run.tasks == ["after"]


def test_undoing_itself_may_be_stopped_half_way() -> None:
    inner = element("startEvent", "s1") + _done("a", "b", "c") + throw("t", COMPENSATION) + user("d")
    body = START + sub("w", inner, "s1 -> a\na -> b\nb -> c\nc -> t\nt -> d")
    body += boundary("bo", "w", MESSAGE) + user("after")
    run = Run(draw(body, "s -> w\nbo -> after"))
    for name in "abc":
        run.complete(name)
    _undo(run, "c")
    assert run.tasks == ["undo_b"]

    run.message("paid")

    assert run.tasks == ["after"]
    assert [name for _, name in run.step.tokens] == ["after"]


def test_undoing_stopped_half_way_does_not_begin_again_later() -> None:
    inner = element("startEvent", "s1") + _done("a", "b") + throw("t", COMPENSATION) + user("d")
    body = START + _done("z") + sub("w", inner, "s1 -> a\na -> b\nb -> t\nt -> d")
    body += boundary("bo", "w", MESSAGE) + throw("u", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> z\nz -> w\nbo -> u\nu -> after"))
    for name in "zab":
        run.complete(name)
    _undo(run, "b")

    run.message("paid")

    _undo(run, "z")
    assert run.tasks == ["after"]


def test_an_error_event_subprocess_undoes_what_its_scope_did() -> None:
    start = element("startEvent", "s2", ERROR)
    rescue = sub(
        "es",
        start + throw("t", COMPENSATION) + user("told") + element("endEvent", "e2"),
        "s2 -> t\nt -> told\ntold -> e2",
        triggeredByEvent="true",
    )
    inner = element("startEvent", "s1") + _done("a", "b") + user("c") + end("bad", ERROR) + rescue
    body = START + sub("w", inner, "s1 -> a\na -> b\nb -> c\nc -> bad") + user("after")
    run = Run(draw(body, "s -> w\nw -> after"))
    for name in "abc":
        run.complete(name)

    _undo(run, "b", "a")

    assert run.tasks == ["told"]
    run.complete("told")
    assert run.tasks == ["after"]


def test_an_error_event_subprocess_of_the_process_undoes_finished_subprocesses_too() -> None:
    start = element("startEvent", "s2", ERROR)
    rescue = sub("es", start + end("t", COMPENSATION), "s2 -> t", triggeredByEvent="true")
    body = START + _nested() + user("c") + end("bad", ERROR) + rescue
    run = Run(draw(body, "s -> w\nw -> c\nc -> bad"))
    for name in "abc":
        run.complete(name)

    _undo(run, "b", "a")

    assert run.step.finished


def test_a_called_process_keeps_its_handlers_to_itself() -> None:
    called = draw(START + _done("a") + END, "s -> a\na -> e", "q")
    body = START + element("callActivity", "w", calledElement="q") + throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> w\nw -> t\nt -> after"), called)

    run.complete("a")

    assert run.tasks == ["after"]


def test_a_handler_may_be_a_machine() -> None:
    body = START + service("book") + undone_by("book", "undo", "serviceTask", camunda_topic="un.book")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> book\nbook -> t\nt -> after"))
    run.answer("do.it", booking=7)
    assert run.called == ["un.book"]

    run.answer("un.book")

    assert run.tasks == ["after"]


def test_a_handler_may_be_a_subprocess() -> None:
    inside = element("startEvent", "s1") + user("x") + user("y") + element("endEvent", "e1")
    flows = "".join(
        f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in (("s1", "x"), ("x", "y"), ("y", "e1"))
    )
    body = START + user("a") + undone_by("a", "undo", "subProcess", inside + flows)
    run = Run(draw(body + throw("t", COMPENSATION) + user("after"), "s -> a\na -> t\nt -> after"))
    run.complete("a")

    assert run.tasks == ["x"]
    run.complete("x")
    run.complete("y")

    assert run.tasks == ["after"]


def test_a_handler_sees_what_the_process_knows() -> None:
    body = START + user("a") + boundary("a_c", "a", COMPENSATION)
    handler = script("undo", "booking + 1", "undone").replace(
        "<bpmn:scriptTask", '<bpmn:scriptTask isForCompensation="true"'
    )
    body += (
        handler + '<bpmn:association id="as" sourceRef="a_c" targetRef="undo" associationDirection="One"/>'
    )
    run = Run(draw(body + throw("t", COMPENSATION) + user("after"), "s -> a\na -> t\nt -> after"))

    run.complete("a", booking=7)

    assert run.tasks == ["after"]
    assert run.variables["undone"] == 8


def test_a_handler_that_fails_is_an_incident_and_goes_on_when_it_is_tried_again() -> None:
    body = START + service("book") + undone_by("book", "undo", "serviceTask", camunda_topic="un.book")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> book\nbook -> t\nt -> after"))
    run.answer("do.it")
    run.fail("un.book", "down")
    assert run.stuck == ["undo"]

    run.retry()
    run.answer("un.book")

    assert run.tasks == ["after"]


# transactions


def _transaction(inner: str, flows: str) -> bytes:
    body = START + sub("tx", inner, flows, kind="transaction") + boundary("bo", "tx", CANCEL)
    body += user("cancelled") + user("after")
    return draw(body, "s -> tx\ntx -> after\nbo -> cancelled")


_BOOKING = element("startEvent", "s1") + _done("a", "b") + user("c")
_DECIDED = gateway("exclusive", "x", default="x_e1") + element("endEvent", "e1") + end("stop", CANCEL)
_FLOWS = "s1 -> a\na -> b\nb -> c\nc -> x\nx -> e1\nx -> stop: cancelled"


def test_a_cancelled_transaction_undoes_all_before_it_goes_its_other_way() -> None:
    run = Run(_transaction(_BOOKING + _DECIDED, _FLOWS))
    for name in "ab":
        run.complete(name)
    run.complete("c", cancelled=True)

    _undo(run, "b", "a")

    assert run.tasks == ["cancelled"]


def test_a_transaction_that_went_well_undoes_nothing() -> None:
    run = Run(_transaction(_BOOKING + _DECIDED, _FLOWS))
    for name in "ab":
        run.complete(name)

    run.complete("c", cancelled=False)

    assert run.tasks == ["after"]


def test_a_cancelled_transaction_ends_what_is_still_at_work_in_it() -> None:
    inner = element("startEvent", "s1") + gateway("parallel", "f") + _done("a", "b") + user("c")
    run = Run(_transaction(inner + end("stop", CANCEL), "s1 -> f\nf -> a\nf -> b\nf -> c\nc -> stop"))
    run.complete("a")
    assert run.tasks == ["b", "c"]

    run.complete("c")

    _undo(run, "a")
    assert run.tasks == ["cancelled"]


def test_a_transaction_that_went_well_may_be_undone_later() -> None:
    body = START + sub("tx", _BOOKING + _DECIDED, _FLOWS, kind="transaction")
    body += boundary("bo", "tx", CANCEL) + user("cancelled") + user("d")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> tx\ntx -> d\nbo -> cancelled\nd -> t\nt -> after"))
    for name in "ab":
        run.complete(name)
    run.complete("c", cancelled=False)
    run.complete("d")

    _undo(run, "b", "a")

    assert run.tasks == ["after"]


def test_a_transaction_in_a_loop_undoes_only_its_last_try() -> None:
    inner = element("startEvent", "s1") + _done("a") + user("c") + _DECIDED
    body = (
        START
        + gateway("exclusive", "in")
        + sub("tx", inner, "s1 -> a\na -> c\nc -> x\nx -> e1\nx -> stop: cancelled", kind="transaction")
    )
    body += boundary("bo", "tx", CANCEL) + user("again") + user("after")
    run = Run(draw(body, "s -> in\nin -> tx\ntx -> after\nbo -> again\nagain -> in"))

    for _ in range(3):
        run.complete("a")
        run.complete("c", cancelled=True)
        _undo(run, "a")
        assert run.tasks == ["again"]
        run.complete("again")
    run.complete("a")
    run.complete("c", cancelled=False)

    assert run.tasks == ["after"]


def test_an_error_ends_a_transaction_without_undoing() -> None:
    inner = element("startEvent", "s1") + _done("a") + user("c") + end("bad", ERROR)
    body = START + sub("tx", inner, "s1 -> a\na -> c\nc -> bad", kind="transaction")
    body += boundary("bo", "tx", ERROR) + user("failed")
    run = Run(draw(body, "s -> tx\nbo -> failed"))
    run.complete("a")

    run.complete("c")

    assert run.tasks == ["failed"]


def test_what_a_subprocess_escalates_leaves_its_handlers_ready() -> None:
    inner = element("startEvent", "s1") + _done("a") + throw("esc", ESCALATION) + element("endEvent", "e1")
    body = START + sub("w", inner, "s1 -> a\na -> esc\nesc -> e1")
    body += boundary("bo", "w", ESCALATION, interrupting=False) + user("told")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> w\nw -> t\nt -> after\nbo -> told"))

    run.complete("a")

    assert run.tasks == ["told", "undo_a"]
    run.complete("undo_a")
    assert run.tasks == ["after", "told"]


@pytest.mark.parametrize("rounds", [1, 10, 50])
def test_the_record_of_what_may_be_undone_grows_with_what_was_done(rounds: int) -> None:
    body = START + _done("a") + gateway("exclusive", "in") + gateway("exclusive", "x", default="x_t")
    body += throw("t", COMPENSATION) + user("after")
    run = Run(draw(body, "s -> in\nin -> a\na -> x\nx -> in: again\nx -> t\nt -> after"))

    for number in range(rounds):
        run.complete("a", again=number < rounds - 1)

    assert len(run.step.state) < 500 + 80 * rounds
    _undo(run, *["a"] * rounds)
    assert run.tasks == ["after"]
