"""A person's words are taken out of a state wherever it keeps variables, and the instance goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import workflows
from tests.workflows.building import NOW, Run, diagram, element, many, sub, undoing, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_THROW = element("intermediateThrowEvent", "t", "<bpmn:compensateEventDefinition/>")
_ANN = "Ann Ott"
_INPUTS = (
    "<bpmn:extensionElements><camunda:inputOutput>"
    '<camunda:inputParameter name="buyer">= who</camunda:inputParameter>'
    "</camunda:inputOutput></bpmn:extensionElements>"
)


def _forget(run: Run) -> None:
    """Take her name out; it was there."""
    assert _ANN.encode() in run.step.state
    run.step = replace(run.step, state=workflows.rewritten(run.step.state, _without))
    assert _ANN.encode() not in run.step.state


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [_without(inside) for inside in value]
    return value.replace(_ANN, "C-1") if isinstance(value, str) else value


def _named(name: str) -> str:
    """A task whose handler is for whom its input parameter named."""
    handler = undoing(f"c{name}", name).replace("isForComp", 'camunda:assignee="= buyer" isForComp')
    return user(name, _INPUTS) + handler


def _trip() -> Run:
    inside = element("startEvent", "s2") + _named("a") + _named("b")
    body = _START + sub("trip", inside, "s2 -> a\na -> b") + user("c") + _THROW + user("z")
    return Run(diagram(body, "s -> trip\ntrip -> c\nc -> t\nt -> z"), who=_ANN)


def test_what_is_kept_to_undo_a_subprocess_names_nobody_any_more_and_is_undone() -> None:
    run = _trip()
    run.complete("a")
    run.complete("b")
    run.change(who="Ben")
    _forget(run)

    run.complete("c")

    assert run.task("undo_b").assignee == "C-1"
    run.complete("undo_b")
    run.complete("undo_a")
    assert run.tasks == ["z"]


def test_what_still_waits_while_others_are_undone_names_nobody_either() -> None:
    run = _trip()
    for name in ("a", "b", "c"):
        run.complete(name)
    run.change(who="Ben")
    _forget(run)

    run.complete("undo_b")

    assert run.task("undo_a").assignee == "C-1"


def test_a_call_that_waits_to_be_undone_inside_is_opened_without_the_name() -> None:
    mapping = '<bpmn:extensionElements><camunda:in source="who" target="buyer"/></bpmn:extensionElements>'
    calls = "".join(element("callActivity", name, mapping, calledElement="child") for name in ("one", "two"))
    handler = undoing("c", "x").replace('id="undo_x"', 'id="undo_x" camunda:assignee="= buyer"')
    child = diagram(_START + user("x") + handler + user("y"), "s -> x\nx -> y", process="child")
    body = _START + element("parallelGateway", "g") + calls
    run = Run(diagram(body, "s -> g\ng -> one\ng -> two"), child, who=_ANN)
    run.complete("x")
    run.complete("x")
    run.do(workflows.cancel_undoing, run.step.state, run.now)
    _forget(run)

    run.complete("undo_x")

    assert run.task("undo_x").assignee == "C-1"


def test_rounds_to_come_are_of_who_is_still_named() -> None:
    each = many("people", isSequential="true")
    run = Run(diagram(_START + user("m", each, camunda_assignee="= each"), "s -> m"), people=["Ben", _ANN])
    run.change(people=[])
    _forget(run)

    run.complete("m")

    assert run.task("m").assignee == "C-1"


def test_an_incident_does_not_say_the_name() -> None:
    run = Run(diagram(_START + user("m", many("who")), "s -> m"), who=_ANN)
    assert _ANN in run.incidents[0].message
    _forget(run)

    run.retry(who=["Ben"])

    assert run.tasks == ["m"]


def test_states_without_ledgers_and_of_what_has_ended_are_rewritten_too() -> None:
    first = b'[1,3,"key",[[null,"p",{"who":"Ann Ott"},[["2","a",16,0,0]]]],[[],[],[],[]]]'
    deployment = workflows.deploy({"0.bpmn": diagram(_START + user("a"), "s -> a")})

    rewritten = workflows.rewritten(first, _without)

    assert workflows.variables(rewritten, deployment, NOW) == {"who": "C-1"}
    assert workflows.rewritten(b"", _without) == b""
