"""An approval whose decision nobody reads is told before it is published."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import diagram

ENDS = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
ASK = '<bpmn:exclusiveGateway id="ask" default="ask_no"/><bpmn:endEvent id="no"/>'
ASKED = 'ask -> e: decision = "approved"\nask -> no: default'
SET = (
    '<bpmn:scriptTask id="set" camunda:resultVariable="x" scriptFormat="feel">'
    "<bpmn:script>{}</bpmn:script></bpmn:scriptTask>"
)


def approval(key: str = "approve", inside: str = "") -> str:
    return (
        f'<bpmn:userTask id="{key}" camunda:formKey="approval" camunda:candidateGroups="a">{inside}'
        "</bpmn:userTask>"
    )


def extended(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def parameter(kind: str, text: str) -> str:
    inside = f'<camunda:{kind}Parameter name="early">{text}</camunda:{kind}Parameter>'
    return extended(f"<camunda:inputOutput>{inside}</camunda:inputOutput>")


def unheeded(body: str, flows: str) -> list[str]:
    findings = workflows.check({"p.bpmn": diagram(ENDS + body, flows)}, {})
    assert {each.severity for each in findings} <= {"error"}, findings
    return [each.element for each in findings if "read nowhere" in each.message]


@pytest.mark.parametrize(
    ("body", "flows"),
    [
        pytest.param(approval() + ASK, f"s -> approve\napprove -> ask\n{ASKED}", id="by a gateway"),
        pytest.param(
            approval() + SET.format("1") + ASK,
            f"s -> approve\napprove -> set\nset -> ask\n{ASKED}",
            id="by a gateway further on",
        ),
        pytest.param(
            approval(), 's -> approve\napprove -> e: decision = "approved"', id="by a flow of its own"
        ),
        pytest.param(
            approval() + SET.format("decision"), "s -> approve\napprove -> set\nset -> e", id="by a script"
        ),
        pytest.param(
            approval(inside=parameter("output", "= decision")),
            "s -> approve\napprove -> e",
            id="as an output",
        ),
        pytest.param(
            '<bpmn:subProcess id="sub"><bpmn:startEvent id="s2"/>'
            + approval()
            + '<bpmn:endEvent id="e2"/><bpmn:sequenceFlow id="f1" sourceRef="s2" targetRef="approve"/>'
            '<bpmn:sequenceFlow id="f2" sourceRef="approve" targetRef="e2"/></bpmn:subProcess>',
            "s -> sub\nsub -> e",
            id="perhaps by what encloses it",
        ),
    ],
)
def test_a_decision_that_is_read_is_heeded(body: str, flows: str) -> None:
    assert unheeded(body, flows) == []


@pytest.mark.parametrize(
    ("body", "flows", "elements"),
    [
        pytest.param(approval(), "s -> approve\napprove -> e", ["approve"], id="straight to the end"),
        pytest.param(
            approval("early") + approval() + ASK,
            f"s -> early\nearly -> approve\napprove -> ask\n{ASKED}",
            ["early"],
            id="overwritten by the next approval",
        ),
        pytest.param(
            approval() + SET.format("decisions"),
            "s -> approve\napprove -> set\nset -> e",
            ["approve"],
            id="another word",
        ),
        pytest.param(
            approval() + '<bpmn:exclusiveGateway id="again"/>',
            "s -> approve\napprove -> again\nagain -> e: x = 1\nagain -> approve: x = 2",
            ["approve"],
            id="round and round",
        ),
        pytest.param(
            approval(inside=parameter("input", "= decision")), "s -> approve\napprove -> e", ["approve"],
            id="only what it is given",
        ),
    ],
)  # fmt: skip
def test_a_decision_that_nothing_reads_is_told(body: str, flows: str, elements: list[str]) -> None:
    assert unheeded(body, flows) == elements


def test_another_form_decides_nothing() -> None:
    body = approval().replace('formKey="approval"', 'formKey="pack"')

    assert unheeded(body, "s -> approve\napprove -> e") == []


@pytest.mark.parametrize("mapping", ['source="decision"', 'variables="all"', 'sourceExpression="decision"'])
def test_a_called_process_that_is_given_it_may_read_it(mapping: str) -> None:
    called = diagram('<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>', "s -> e", process="called")
    given = extended(f'<camunda:in {mapping} target="d"/>')
    call = f'<bpmn:callActivity id="call" calledElement="called">{given}</bpmn:callActivity>'
    body = ENDS + approval() + call
    calling = diagram(body, "s -> approve\napprove -> call\ncall -> e")

    findings = workflows.check({"p.bpmn": calling, "c.bpmn": called}, {})

    assert [each for each in findings if "read nowhere" in each.message] == []


def test_what_was_published_before_still_runs() -> None:
    assert workflows.deploy(
        {"p.bpmn": diagram(ENDS + approval(), "s -> approve\napprove -> e")}, {}
    ).processes
