"""What a deployment knows of its files: which of them an instance of a process may come through."""

from __future__ import annotations

from collections import OrderedDict

import pytest

import workflows
from tests.workflows.building import Run, diagram, element, timer, user
from workflows import catalog

_START = element("startEvent", "s")


def _table(name: str) -> bytes:
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="n">'
        f'<decision id="{name}" name="{name}"><variable name="{name}"/>'
        "<literalExpression><text>1</text></literalExpression></decision></definitions>"
    ).encode()


def _asking(decision: str) -> str:
    return element("businessRuleTask", f"ask_{decision}", camunda_decisionRef=decision)


@pytest.fixture(scope="module")
def deployment() -> workflows.Deployment:
    inside = element("startEvent", "is") + _asking("deep")
    inside += '<bpmn:sequenceFlow id="f" sourceRef="is" targetRef="ask_deep"/>'
    diagrams = {
        "order.bpmn": diagram(
            _START + _asking("level") + element("callActivity", "c", calledElement="pack"),
            "s -> ask_level\nask_level -> c",
            "order",
        ),
        "pack.bpmn": diagram(
            _START
            + element("subProcess", "q", inside)
            + element("callActivity", "again", calledElement="order"),
            "s -> q\nq -> again",
            "pack",
        ),
        "alone.bpmn": diagram(_START + user("a"), "s -> a", "alone"),
        "machine.bpmn": diagram(
            _START + element("businessRuleTask", "m", camunda_topic="rules.ask"), "s -> m", "machine"
        ),
    }
    tables = {f"{name}.dmn": _table(name) for name in ("level", "deep", "unused")}
    return workflows.deploy(diagrams, tables)


@pytest.mark.parametrize(
    ("process", "files"),
    [
        pytest.param(
            "order", {"order.bpmn", "level.dmn", "pack.bpmn", "deep.dmn"}, id="calls and tables, however deep"
        ),
        pytest.param("pack", {"order.bpmn", "level.dmn", "pack.bpmn", "deep.dmn"}, id="calls in a circle"),
        pytest.param("alone", {"alone.bpmn"}, id="a diagram by itself"),
        pytest.param("machine", {"machine.bpmn"}, id="a rule that a machine decides"),
        pytest.param("nothing", set(), id="a process that is not there"),
    ],
)
def test_the_files_that_an_instance_may_come_through_are_named(
    deployment: workflows.Deployment, process: str, files: set[str]
) -> None:
    assert deployment.files_used_by(process) == files


def test_only_the_deployments_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "KEPT", 2)
    monkeypatch.setattr(catalog, "_cache", OrderedDict())
    files = [{f"{key}.bpmn": diagram(_START + user(key), f"s -> {key}")} for key in ("a", "b", "c")]
    first, second = (workflows.deploy(each) for each in files[:2])
    assert workflows.deploy(files[0]) is first

    third = workflows.deploy(files[2])

    assert (workflows.deploy(files[0]), workflows.deploy(files[2])) == (first, third)
    assert workflows.deploy(files[1]) is not second


def test_a_process_tells_where_it_can_start_and_starts_there() -> None:
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    body = (
        element("startEvent", "s")
        + element("startEvent", "told", message)
        + element("startEvent", "daily", timer(timeCycle="R/P1D"))
        + user("a")
        + user("b")
    )
    content = diagram(body, "s -> a\ntold -> b\ndaily -> b", before='<bpmn:message id="m" name="news"/>')
    starts = workflows.deploy({"0.bpmn": content}).processes["p"].starts

    assert [(start.element, start.kind, start.text) for start in starts] == [
        ("s", "none", None),
        ("told", "message", "news"),
        ("daily", "cycle", "R/P1D"),
    ]
    assert Run(content).tasks == ["a"]
    assert Run(content, at="daily").tasks == ["b"]
    with pytest.raises(workflows.UnknownProcessError, match="nix"):
        Run(content, at="nix")
