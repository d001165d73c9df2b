"""States of earlier versions are read; those of later ones are refused."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import NOW, Run, boundary, diagram, element, many, timer, user
from workflows.state import UnknownStateError

_BODY = (
    element("startEvent", "s")
    + element("parallelGateway", "g")
    + user("a")
    + boundary("late", "a", timer(timeDuration="P1D"))
    + user("b")
    + element("inclusiveGateway", "j")
    + user("z")
)
_FLOWS = "s -> g\ng -> a\ng -> b\na -> j\nb -> j\nj -> z"
_FIRST = (
    b'[1,6,"key",[[null,"p",{"n":1},[["3","a",16,{"via":"g_a","attached":true},0],'
    b'["4","late",8,{"host":"3","due":1772528400.0},0],["6","j",8,{"arrived":{"b_j":1}},0]]]],'
    b'[["4"],[],[],["6"]]]'
)


def test_a_state_of_the_first_version_goes_on() -> None:
    deployment = workflows.deploy({"0.bpmn": diagram(_BODY, _FLOWS)})

    step = workflows.complete(deployment, _FIRST, "3", {}, NOW)

    assert [task.element for task in step.opened] == ["z"]
    assert step.next_due is None
    assert step.variables == {"n": 1}
    assert step.state.startswith(b"[2,")


def test_a_state_of_a_later_version_is_refused() -> None:
    deployment = workflows.deploy({"0.bpmn": diagram(_BODY, _FLOWS)})

    with pytest.raises(UnknownStateError, match="99"):
        workflows.tick(deployment, b'[99,1,"key",[],{}]', NOW)


def test_what_wraps_several_rounds_is_nothing_that_a_person_completes() -> None:
    run = Run(diagram(element("startEvent", "s") + user("a", many(times="2")), "s -> a"))
    assert sorted(run.open) == ["3", "4"]

    with pytest.raises(workflows.NotOpenError):
        run.do(workflows.complete, run.step.state, "2", {}, run.now)
