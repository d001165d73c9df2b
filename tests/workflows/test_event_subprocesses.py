"""Event subprocesses: they listen while their scope lives, and run beside its tokens or instead of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import workflows
from tests.workflows.building import Run, condition, diagram, element, event_sub, script, sub, timer, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_DECLARED = (
    '<bpmn:message id="m" name="news"/><bpmn:signal id="sg" name="alarm"/>'
    '<bpmn:error id="er" errorCode="E1"/>'
)
_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
_ERROR = '<bpmn:errorEventDefinition errorRef="er"/>'

_POKES: dict[str, tuple[str, Callable[[Run], object]]] = {
    "message": (_MESSAGE, lambda run: run.message("news")),
    "signal": ('<bpmn:signalEventDefinition signalRef="sg"/>', lambda run: run.signal("alarm")),
    "timer": (timer(timeDuration="PT1H"), lambda run: run.advance(hours=2)),
    "condition": (condition("late"), lambda run: run.change(late=True)),
}
each_trigger = pytest.mark.parametrize("kind", list(_POKES))


def _process(inside: str) -> bytes:
    return diagram(_START + user("a") + user("b") + inside, "s -> a\na -> b", before=_DECLARED)


@each_trigger
def test_an_interrupting_one_runs_instead_of_its_scope(kind: str) -> None:
    definition, poke = _POKES[kind]
    run = Run(_process(event_sub("es", definition, user("x"), "es_start -> x")))
    assert run.tasks == ["a"]

    poke(run)
    assert run.tasks == ["x"]
    run.complete("x")

    assert run.step.finished == "ended"


@each_trigger
def test_another_runs_beside_it_and_keeps_the_instance_alive(kind: str) -> None:
    definition, poke = _POKES[kind]
    run = Run(_process(event_sub("es", definition, user("x"), "es_start -> x", False)))

    poke(run)
    assert run.tasks == ["a", "x"]
    run.complete("a")
    run.complete("b")
    assert run.step.finished is None
    run.complete("x")

    assert run.step.finished == "ended"


@each_trigger
def test_what_only_listens_keeps_nothing_alive(kind: str) -> None:
    definition, _ = _POKES[kind]
    run = Run(_process(event_sub("es", definition, user("x"), "es_start -> x", False)))

    run.complete("a")
    run.complete("b")

    assert run.step.finished == "ended"
    assert run.step.subscriptions == ()
    assert run.step.next_due is None


@each_trigger
def test_in_a_subprocess_the_process_goes_on_behind_it(kind: str) -> None:
    definition, poke = _POKES[kind]
    inside = element("startEvent", "s2") + user("i") + event_sub("es", definition, user("x"), "es_start -> x")
    content = diagram(_START + sub("sp", inside, "s2 -> i") + user("z"), "s -> sp\nsp -> z", before=_DECLARED)
    run = Run(content)

    poke(run)
    assert run.tasks == ["x"]
    run.complete("x")

    assert run.tasks == ["z"]


def test_a_message_may_name_its_start_event_or_the_subprocess() -> None:
    content = _process(event_sub("es", _MESSAGE, user("x"), "es_start -> x", False))
    run = Run(content)
    assert [each.element for each in run.step.subscriptions] == ["es_start"]

    run.message("news", at="es_start")
    run.message("news", at="es")

    assert run.tasks == ["a", "x", "x"]


def test_a_cycle_starts_it_as_often_as_it_says() -> None:
    run = Run(_process(event_sub("es", timer(timeCycle="R2/PT1H"), user("x"), "es_start -> x", False)))
    for _ in range(4):
        run.advance(hours=1)

    assert run.tasks == ["a", "x", "x"]


def _failing(catching: str) -> bytes:
    inside = element("startEvent", "s2") + user("i") + user("k") + element("endEvent", "bad", _ERROR)
    fork = element("parallelGateway", "g")
    flows = "s2 -> g\ng -> i\ng -> k\ni -> bad"
    return diagram(
        _START + sub("sp", inside + fork + catching, flows) + user("z"), "s -> sp\nsp -> z", before=_DECLARED
    )


def test_an_error_is_caught_in_its_scope_with_what_it_says() -> None:
    caught = '<bpmn:errorEventDefinition camunda:errorCodeVariable="code"/>'
    run = Run(_failing(event_sub("es", caught, user("x"), "es_start -> x")))
    assert run.tasks == ["i", "k"]

    run.complete("i")

    assert run.tasks == ["x"]
    assert run.variables["code"] == "E1"
    run.complete("x")
    assert run.tasks == ["z"]


def test_an_error_inside_one_goes_outwards_and_not_round_in_circles() -> None:
    inner = event_sub(
        "es", _ERROR, user("x") + element("endEvent", "again", _ERROR), "es_start -> x\nx -> again"
    )
    outer = event_sub("out", _ERROR, user("y"), "out_start -> y")
    content = _failing(inner).replace(b"</bpmn:process>", outer.encode() + b"</bpmn:process>")
    run = Run(content)

    run.complete("i")
    run.complete("x")

    assert run.tasks == ["y"]


def test_its_own_code_goes_before_any() -> None:
    anything = event_sub("one", "<bpmn:errorEventDefinition/>", user("x"), "one_start -> x")
    exact = event_sub("two", _ERROR, user("y"), "two_start -> y")
    run = Run(_failing(anything + exact))

    run.complete("i")

    assert run.tasks == ["y"]


def test_one_that_needs_nobody_ends_its_scope_in_one_step() -> None:
    run = Run(_process(event_sub("es", _MESSAGE, script("x", "1", "n"), "es_start -> x")))

    run.message("news")

    assert run.step.finished == "ended"


def test_a_listener_that_cannot_wait_is_an_incident_and_no_reason_to_stay() -> None:
    run = Run(_process(event_sub("es", timer(timeDuration="= nix"), user("x"), "es_start -> x", False)))
    assert run.stuck == ["es"]

    run.complete("a")
    run.complete("b")

    assert run.step.finished == "ended"
    assert run.stuck == []


@pytest.mark.parametrize(
    ("inside", "named", "reason"),
    [
        pytest.param(
            sub("es", element("startEvent", "n"), triggeredByEvent="true"), "es", "with a trigger", id="none"
        ),
        pytest.param(
            event_sub("es", _MESSAGE, element("startEvent", "n", _MESSAGE), ""), "es", "one start", id="two"
        ),
        pytest.param(event_sub("es", _ERROR, "", "", False), "es_start", "always ends", id="an error beside"),
        pytest.param(
            event_sub("es", "<bpmn:compensateEventDefinition/>", "", ""), "es", "never compensated", id="undo"
        ),
        pytest.param(
            event_sub("es", _MESSAGE, "<bpmn:standardLoopCharacteristics loopMaximum='2'/>", ""),
            "es",
            "not repeated",
            id="a loop",
        ),
        pytest.param(
            event_sub("es", _MESSAGE, "", "")
            + '<bpmn:boundaryEvent id="bd" attachedToRef="es"><bpmn:timerEventDefinition>'
            "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>",
            "bd",
            "attached to no activity",
            id="a boundary event",
        ),
        pytest.param(
            sub("sp", element("startEvent", "n", _MESSAGE)), "n", "starts with its activity", id="a trigger"
        ),
    ],
)
def test_what_cannot_listen_is_refused(inside: str, named: str, reason: str) -> None:
    found = workflows.check({"p.bpmn": _process(inside)}, {})

    assert any(f.element == named and reason in f.message for f in found if f.severity == "error"), found
