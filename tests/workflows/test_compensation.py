"""Undoing what was completed: in reverse, once, as far as it went."""

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
    timer,
    undoing,
    user,
)
from workflows import compensation

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_UNDO = "<bpmn:compensateEventDefinition/>"
_THROW = element("intermediateThrowEvent", "t", _UNDO)
_CANCEL = "<bpmn:cancelEventDefinition/>"
_ERRORS = '<bpmn:error id="er" errorCode="E1"/>'
_ERROR = '<bpmn:errorEventDefinition errorRef="er"/>'


def _two(throw: str = _UNDO, more: str = "", flows: str = "") -> bytes:
    body = (
        _START
        + user("a")
        + undoing("ba", "a")
        + user("b")
        + undoing("bb", "b")
        + user("c")
        + element("intermediateThrowEvent", "t", throw)
        + user("z")
        + more
    )
    return diagram(body, f"s -> a\na -> b\nb -> c\nc -> t\nt -> z\n{flows}", before=_ERRORS)


def _walk(run: Run, *tasks: str) -> None:
    for name in tasks:
        run.complete(name)


def test_what_was_completed_is_undone_in_reverse_one_after_the_other() -> None:
    run = Run(_two())
    _walk(run, "a", "b", "c")
    assert run.tasks == ["undo_b"]

    run.complete("undo_b")
    assert run.tasks == ["undo_a"]
    run.complete("undo_a")

    assert run.tasks == ["z"]


def test_one_activity_alone_may_be_undone() -> None:
    run = Run(_two('<bpmn:compensateEventDefinition activityRef="a"/>'))
    _walk(run, "a", "b", "c", "undo_a")

    assert run.tasks == ["z"]


def test_nothing_to_undo_goes_on_at_once() -> None:
    body = _START + element("intermediateThrowEvent", "t", _UNDO) + user("z")

    assert Run(diagram(body, "s -> t\nt -> z")).tasks == ["z"]


def test_who_does_not_wait_goes_on_while_it_is_undone() -> None:
    run = Run(_two('<bpmn:compensateEventDefinition waitForCompletion="false"/>'))
    _walk(run, "a", "b", "c")
    assert run.tasks == ["undo_b", "z"]

    run.complete("z")
    assert run.step.finished is None
    _walk(run, "undo_b", "undo_a")

    assert run.step.finished == "ended"


def test_who_does_not_wait_for_nothing_leaves_nothing_behind() -> None:
    throw = element("endEvent", "t", '<bpmn:compensateEventDefinition waitForCompletion="false"/>')

    assert Run(diagram(_START + throw, "s -> t")).step.finished == "t"


def test_nothing_is_undone_twice() -> None:
    again = element("intermediateThrowEvent", "t2", _UNDO) + user("y")
    run = Run(_two(more=again, flows="z -> t2\nt2 -> y"))
    _walk(run, "a", "b", "c", "undo_b", "undo_a", "z")

    assert run.tasks == ["y"]


def test_each_round_of_a_loop_is_undone() -> None:
    body = (
        _START
        + element("exclusiveGateway", "m")
        + user("a")
        + undoing("ba", "a")
        + element("exclusiveGateway", "x", default="x_t")
        + element("endEvent", "t", _UNDO)
    )
    run = Run(diagram(body, "s -> m\nm -> a\na -> x\nx -> m: again\nx -> t"))
    for again in (True, True, False):
        run.complete("a", again=again)
    rounds = 0
    while run.tasks == ["undo_a"]:
        run.complete("undo_a")
        rounds += 1

    assert rounds == 3
    assert run.step.finished == "t"


def test_the_handler_sees_what_its_activity_saw() -> None:
    inputs = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="seat">= flight + "-1"</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    body = (
        _START
        + user("a", inputs)
        + undoing("ba", "a").replace('id="undo_a"', 'id="undo_a" camunda:assignee="= seat"')
        + element("endEvent", "t", _UNDO)
    )
    run = Run(diagram(body, "s -> a\na -> t"), flight="LH1")
    run.complete("a", flight="LH2")

    assert run.task("undo_a").assignee == "LH1-1"


def test_the_rounds_of_one_activity_are_undone_together() -> None:
    body = (
        _START
        + user("a", many("people"))
        + undoing("ba", "a").replace('id="undo_a"', 'id="undo_a" camunda:assignee="= each"')
        + user("b")
        + undoing("bb", "b")
        + element("intermediateThrowEvent", "t", _UNDO)
        + user("z")
    )
    run = Run(diagram(body, "s -> a\na -> b\nb -> t\nt -> z"), people=["ann", "bob"])
    _walk(run, "a", "a", "b")
    assert run.tasks == ["undo_b"]
    run.complete("undo_b")
    assert sorted(str(task.assignee) for task in run.open.values()) == ["ann", "bob"]
    _walk(run, "undo_a", "undo_a")

    assert run.tasks == ["z"]


def _trip(more: str = "", throw: str = _UNDO, kind: str = "subProcess", loop: str = "") -> bytes:
    inside = (
        loop
        + element("startEvent", "s2")
        + user("a")
        + undoing("ba", "a")
        + user("b")
        + undoing("bb", "b")
        + more
    )
    body = (
        _START
        + sub("trip", inside, "s2 -> a\na -> b", kind=kind)
        + user("c")
        + element("intermediateThrowEvent", "t", throw)
        + user("z")
    )
    return diagram(body, "s -> trip\ntrip -> c\nc -> t\nt -> z", before=_ERRORS)


@pytest.mark.parametrize("throw", [_UNDO, '<bpmn:compensateEventDefinition activityRef="trip"/>'])
def test_a_completed_subprocess_is_undone_from_inside(throw: str) -> None:
    run = Run(_trip(throw=throw))
    _walk(run, "a", "b", "c")
    assert run.tasks == ["undo_b"]
    _walk(run, "undo_b", "undo_a")

    assert run.tasks == ["z"]


def test_its_own_event_subprocess_undoes_it_in_its_own_way() -> None:
    throw = element("intermediateThrowEvent", "t2", '<bpmn:compensateEventDefinition activityRef="a"/>')
    own = event_sub("es", _UNDO, user("x") + throw + user("y"), "es_start -> x\nx -> t2\nt2 -> y")
    run = Run(_trip(own))
    _walk(run, "a", "b", "c")
    assert run.tasks == ["x"]
    _walk(run, "x", "undo_a", "y")

    assert run.tasks == ["z"]


def test_its_own_handler_undoes_it_as_a_whole() -> None:
    content = _trip().replace(
        b'<bpmn:userTask id="c"', undoing("bt", "trip").encode() + b'<bpmn:userTask id="c"'
    )
    run = Run(content)
    _walk(run, "a", "b", "c", "undo_trip")

    assert run.tasks == ["z"]


def test_subprocesses_that_were_done_several_times_are_each_undone() -> None:
    run = Run(_trip(loop=many(times="2")))
    _walk(run, "a", "b", "a", "b", "c")
    assert run.tasks == ["undo_b", "undo_b"]
    _walk(run, "undo_b", "undo_b", "undo_a", "undo_a")

    assert run.tasks == ["z"]


def test_an_event_subprocess_undoes_what_its_scope_did() -> None:
    more = event_sub("es", _ERROR, element("endEvent", "t2", _UNDO), "es_start -> t2") + element(
        "endEvent", "bad", _ERROR
    )
    run = Run(
        _trip(more, kind="subProcess").replace(
            b'id="a_b" sourceRef="a" targetRef="b"', b'id="a_b" sourceRef="a" targetRef="bad"'
        )
    )
    run.complete("a")
    assert run.tasks == ["undo_a"]
    run.complete("undo_a")

    assert run.tasks == ["c"]


def test_half_of_it_undone_and_then_interrupted_the_rest_can_still_be_undone() -> None:
    body = (
        _START
        + element("parallelGateway", "g")
        + user("w")
        + element("endEvent", "bad", _ERROR)
        + user("a")
        + undoing("ba", "a")
        + user("b")
        + undoing("bb", "b")
        + element("intermediateThrowEvent", "t", _UNDO)
        + event_sub("es", _ERROR, user("x") + element("endEvent", "t2", _UNDO), "es_start -> x\nx -> t2")
    )
    run = Run(diagram(body, "s -> g\ng -> w\nw -> bad\ng -> a\na -> b\nb -> t", before=_ERRORS))
    _walk(run, "a", "b")
    assert run.tasks == ["undo_b", "w"]

    run.complete("w")
    assert run.tasks == ["x"]
    run.complete("x")
    assert run.tasks == ["undo_a"]
    run.complete("undo_a")

    assert run.step.finished == "ended"


def test_an_interrupted_subprocess_takes_its_ledger_with_it_while_it_is_being_undone() -> None:
    throw = element("intermediateThrowEvent", "t2", _UNDO)
    inside = element("startEvent", "s2") + user("a") + undoing("ba", "a") + throw
    body = (
        _START
        + sub("sp", inside, "s2 -> a\na -> t2")
        + boundary("late", "sp", timer(timeDuration="P1D"))
        + element("endEvent", "t", _UNDO)
    )
    run = Run(diagram(body, "s -> sp\nlate -> t"))
    run.complete("a")
    assert run.tasks == ["undo_a"]

    run.advance(days=2)

    assert run.step.finished == "t"


def test_a_subprocess_that_is_being_undone_may_be_interrupted() -> None:
    stop = event_sub("es", timer(timeDuration="P1D"), user("x"), "es_start -> x")
    run = Run(_trip().replace(b"</bpmn:process>", stop.encode() + b"</bpmn:process>"))
    _walk(run, "a", "b", "c")
    assert run.tasks == ["undo_b"]

    run.advance(days=2)
    assert run.tasks == ["x"]
    run.complete("x")

    assert run.step.finished == "ended"


def test_a_handler_may_be_a_subprocess_and_what_it_does_is_not_undone() -> None:
    handler = sub(
        "undo_a",
        element("startEvent", "s3") + user("h") + undoing("bh", "h"),
        "s3 -> h",
        isForCompensation="true",
    )
    body = (
        _START
        + user("a")
        + boundary("ba", "a", _UNDO)
        + '<bpmn:association sourceRef="ba" targetRef="undo_a"/>'
        + handler
        + element("intermediateThrowEvent", "t", _UNDO)
        + element("intermediateThrowEvent", "t2", _UNDO)
        + user("z")
    )
    run = Run(diagram(body, "s -> a\na -> t\nt -> t2\nt2 -> z"))
    _walk(run, "a", "h")

    assert run.tasks == ["z"]


def _transaction(more: str = "", flows: str = "") -> bytes:
    inside = (
        element("startEvent", "s2")
        + user("a")
        + undoing("ba", "a")
        + element("parallelGateway", "g")
        + user("b")
        + undoing("bb", "b")
        + element("exclusiveGateway", "x", default="x_ok")
        + element("endEvent", "off", _CANCEL)
        + element("endEvent", "ok")
        + user("w")
    )
    body = (
        _START
        + sub(
            "tx",
            inside,
            "s2 -> a\na -> g\ng -> b\ng -> w\nb -> x\nx -> off: off\nx -> ok",
            kind="transaction",
        )
        + boundary("cancelled", "tx", _CANCEL)
        + user("sorry")
        + user("z")
        + more
    )
    return diagram(body, "s -> tx\ntx -> z\ncancelled -> sorry" + flows)


def test_a_cancelled_transaction_is_undone_before_it_goes_on_from_its_cancel_event() -> None:
    run = Run(_transaction())
    run.complete("a")
    assert run.tasks == ["b", "w"]

    run.complete("b", off=True)
    assert run.tasks == ["undo_b"]
    _walk(run, "undo_b", "undo_a")

    assert run.tasks == ["sorry"]


def test_one_with_nothing_to_undo_goes_on_at_once() -> None:
    inside = element("startEvent", "s2") + element("endEvent", "off", _CANCEL)
    body = (
        _START
        + sub("tx", many(times="2") + inside, "s2 -> off", kind="transaction")
        + boundary("cancelled", "tx", _CANCEL)
        + user("sorry")
    )

    assert Run(diagram(body, "s -> tx\ncancelled -> sorry")).tasks == ["sorry"]


def test_one_that_succeeds_can_be_undone_later_as_any_subprocess() -> None:
    run = Run(_transaction(element("endEvent", "t", _UNDO), "\nz -> t"))
    _walk(run, "a", "w")
    run.complete("b", off=False)
    _walk(run, "z", "undo_b", "undo_a")

    assert run.step.finished == "t"


def test_a_ledger_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compensation, "MOST", 1)
    run = Run(_two())
    _walk(run, "a", "b")

    assert run.stuck == ["b"]
    assert "more than 1 completed activities" in run.incidents[0].message


@pytest.mark.parametrize(
    ("body", "flows", "named", "reason"),
    [
        pytest.param(
            user("a") + boundary("b", "a", _UNDO),
            "s -> a",
            "b",
            "no activity that compensates",
            id="no handler",
        ),
        pytest.param(
            user("a") + undoing("b", "a") + user("c"),
            "s -> a\na -> c\nundo_a -> c",
            "undo_a",
            "no flow",
            id="flow",
        ),
        pytest.param(
            element("endEvent", "a", '<bpmn:compensateEventDefinition activityRef="nix"/>'),
            "s -> a",
            "a",
            "not in its scope",
            id="nothing to undo",
        ),
        pytest.param(element("endEvent", "a", _CANCEL), "s -> a", "a", "only in a transaction", id="no tx"),
        pytest.param(
            sub(
                "a",
                element("startEvent", "s2") + element("endEvent", "e", _CANCEL),
                "s2 -> e",
                kind="transaction",
            ),
            "s -> a",
            "e",
            "no cancel boundary event",
            id="nowhere to go on",
        ),
        pytest.param(
            user("a") + boundary("b", "a", _CANCEL),
            "s -> a",
            "b",
            "only a transaction",
            id="cancel of a task",
        ),
        pytest.param(
            sub("a", element("startEvent", "s2"), kind="transaction") + boundary("b", "a", _CANCEL, False),
            "s -> a",
            "b",
            "has ended",
            id="a cancel beside",
        ),
    ],
)
def test_what_cannot_be_undone_is_refused(body: str, flows: str, named: str, reason: str) -> None:
    found = workflows.check({"p.bpmn": diagram(_START + body, flows)}, {})

    assert any(f.element == named and reason in f.message for f in found if f.severity == "error"), found


def test_a_handler_that_nothing_calls_is_warned_of() -> None:
    content = diagram(_START + user("a") + user("h", isForCompensation="true"), "s -> a")

    found = workflows.check({"p.bpmn": content}, {})

    assert [(f.severity, f.element) for f in found] == [("warning", "h")]


def test_lines_from_elsewhere_associate_nothing() -> None:
    late = boundary("late", "a", timer(timeDuration="P1D"))
    lines = (
        '<bpmn:association sourceRef="a" targetRef="b"/><bpmn:association sourceRef="late" targetRef="b"/>'
    )
    content = _two(more=late + lines + script("n", "1", "n"))

    assert workflows.deploy({"p.bpmn": content}).specs["p"].handlers == {"undo_a", "undo_b"}


def test_a_handler_that_its_boundary_event_ends_counts_as_done() -> None:
    late = boundary("late", "undo_a", timer(timeDuration="PT1H")) + user("x")
    content = diagram(
        _START
        + user("a")
        + undoing("ba", "a")
        + element("intermediateThrowEvent", "t", _UNDO)
        + user("z")
        + late,
        "s -> a\na -> t\nt -> z\nlate -> x",
    )
    run = Run(content)
    run.complete("a")

    run.advance(hours=2)

    assert run.tasks == ["x", "z"]


def test_a_boundary_event_beside_a_handler_leaves_it_to_its_work() -> None:
    late = boundary("late", "undo_a", timer(timeDuration="PT1H"), False) + user("x")
    content = diagram(
        _START
        + user("a")
        + undoing("ba", "a")
        + element("intermediateThrowEvent", "t", _UNDO)
        + user("z")
        + late,
        "s -> a\na -> t\nt -> z\nlate -> x",
    )
    run = Run(content)
    run.complete("a")

    run.advance(hours=2)
    assert run.tasks == ["undo_a", "x"]
    run.complete("undo_a")

    assert run.tasks == ["x", "z"]


def test_what_is_being_undone_catches_no_error_of_its_handlers() -> None:
    undo = boundary("ba", "a", _UNDO) + '<bpmn:association sourceRef="ba" targetRef="undo_a"/>'
    inside = element("startEvent", "s2") + user("a") + undo + service("undo_a", isForCompensation="true")
    caught = boundary("eb", "sp", "<bpmn:errorEventDefinition/>") + user("x")
    inner = event_sub("es", "<bpmn:errorEventDefinition/>", user("y"), "es_start -> y")
    body = (
        _START
        + sub("sp", inside + inner, "s2 -> a")
        + caught
        + element("intermediateThrowEvent", "t", _UNDO)
        + user("z")
    )
    run = Run(diagram(body, "s -> sp\nsp -> t\nt -> z\neb -> x"))
    run.complete("a")

    run.fail("do.it", "BOOM")

    assert run.stuck == ["undo_a"]
    run.retry()
    run.answer("do.it")
    assert run.tasks == ["z"]


def test_the_rounds_of_a_handler_are_not_undone_themselves() -> None:
    inner = element("startEvent", "s3") + user("h") + undoing("bh", "h")
    handler = sub("undo_a", many(times="2") + inner, "s3 -> h", isForCompensation="true")
    body = (
        _START
        + user("a")
        + boundary("ba", "a", _UNDO)
        + '<bpmn:association sourceRef="ba" targetRef="undo_a"/>'
        + handler
        + element("intermediateThrowEvent", "t", _UNDO)
        + element("intermediateThrowEvent", "t2", _UNDO)
        + user("z")
    )
    run = Run(diagram(body, "s -> a\na -> t\nt -> t2\nt2 -> z"))
    _walk(run, "a", "h", "h")

    assert run.tasks == ["z"]
