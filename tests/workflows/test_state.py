"""States of earlier versions are read; those of later ones are refused."""

from __future__ import annotations

from typing import Any

import pytest

import workflows
from rules import feel
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


@pytest.mark.parametrize("state", [b"", b"garbage", b"{}", b"[2]", b"[]", b'"2"', b"\xff"])
def test_what_is_no_state_is_refused_as_that(state: bytes) -> None:
    deployment = workflows.deploy({"0.bpmn": diagram(_BODY, _FLOWS)})

    with pytest.raises(UnknownStateError, match=f"{len(state)} bytes.* are no state of an instance"):
        workflows.tick(deployment, state, NOW)


@pytest.mark.parametrize("given", [{"n": "\ud83d"}, {"\udc00": 1}, {"n": [{"m": "a\ud83d"}]}])
def test_half_a_character_is_refused_where_it_comes_in(given: dict[str, Any]) -> None:
    run = Run(diagram(_BODY, _FLOWS))

    for verb in (workflows.change, lambda *given: workflows.complete(*given[:2], "3", *given[2:])):
        with pytest.raises(feel.FeelValueError, match="half a character"):
            verb(run.deployment, run.step.state, given, NOW)

    assert run.change(n="\U0001f600\u00fc").variables["n"] == "\U0001f600\u00fc"


def test_what_wraps_several_rounds_is_nothing_that_a_person_completes() -> None:
    run = Run(diagram(element("startEvent", "s") + user("a", many(times="2")), "s -> a"))
    assert sorted(run.open) == ["3", "4"]

    with pytest.raises(workflows.NotOpenError):
        run.do(workflows.complete, run.step.state, "2", {}, run.now)
