"""What XML allows to be written in several ways is read in one."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import Run, boundary, diagram, element, event_sub, many, timer, user

_START = element("startEvent", "s")


@pytest.mark.parametrize(("said", "tasks"), [("0", ["a", "x"]), (" false ", ["a", "x"]), ("1", ["x"])])
def test_a_boundary_event_says_whether_it_ends_its_task(said: str, tasks: list[str]) -> None:
    late = boundary("late", "a", timer(timeDuration="PT1H")).replace('"true"', f'"{said}"')
    run = Run(diagram(_START + user("a") + late + user("x"), "s -> a\nlate -> x"))

    run.advance(hours=2)

    assert run.tasks == tasks


def test_an_event_subprocess_and_a_loop_say_theirs() -> None:
    beside = event_sub("es", timer(timeDuration="PT1H"), user("x"), "es_start -> x", False)
    task = user("a", many(times="2", isSequential="1"))
    run = Run(diagram(_START + task + beside.replace('"false"', '"0"').replace('"true"', '"1"'), "s -> a"))
    assert run.tasks == ["a"]

    run.advance(hours=2)

    assert run.tasks == ["a", "x"]


def test_a_reference_may_have_the_prefix_of_its_namespace() -> None:
    late = boundary("late", "tns:a", timer(timeDuration="PT1H"))
    content = diagram(_START + user("a") + late + user("x"), "s -> a\nlate -> x")
    content = content.replace(b"<bpmn:definitions", b'<bpmn:definitions xmlns:tns="test"')
    run = Run(content)

    run.advance(hours=2)

    assert run.tasks == ["x"]


def test_an_event_definition_may_stand_apart() -> None:
    end = element("endEvent", "t", "<bpmn:eventDefinitionRef>tns:TT</bpmn:eventDefinitionRef>")
    body = _START + element("parallelGateway", "g") + user("a") + user("b") + end
    apart = '<bpmn:terminateEventDefinition id="TT"/>'
    run = Run(diagram(body, "s -> g\ng -> a\ng -> b\na -> t", before=apart))

    run.complete("a")

    assert run.step.finished == "t"


def test_a_time_that_stands_apart_may_be_used_twice() -> None:
    apart = (
        '<bpmn:timerEventDefinition id="TT"><bpmn:timeDuration id="d">PT1H</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition>"
    )
    reference = "<bpmn:eventDefinitionRef>TT</bpmn:eventDefinitionRef>"
    body = (
        _START
        + element("intermediateCatchEvent", "w", reference)
        + element("intermediateCatchEvent", "v", reference)
    )
    run = Run(diagram(body + user("z"), "s -> w\nw -> v\nv -> z", before=apart))

    run.advance(hours=1)
    run.advance(hours=1)

    assert run.tasks == ["z"]


def test_a_definition_that_is_not_there_is_refused() -> None:
    end = element("endEvent", "t", "<bpmn:eventDefinitionRef>nix</bpmn:eventDefinitionRef>")

    found = workflows.check({"p.bpmn": diagram(_START + end, "s -> t")}, {})

    assert [(f.severity, f.element) for f in found] == [("error", "t")]
    assert "eventDefinitionRef" in found[0].message


@pytest.mark.parametrize("more", ["loop", "boundary"])
def test_a_receive_task_behind_an_event_gateway_only_waits(more: str) -> None:
    task = element("receiveTask", "r", many(times="2") if more == "loop" else "")
    late = boundary("late", "r", timer(timeDuration="PT1H")) if more == "boundary" else ""
    wait = element("intermediateCatchEvent", "c", timer(timeDuration="PT2H"))
    body = _START + element("eventBasedGateway", "g") + task + late + wait
    found = workflows.check({"p.bpmn": diagram(body, "s -> g\ng -> r\ng -> c")}, {})

    assert any(f.element == "r" and "behind an event gateway" in f.message for f in found)
