"""A call that leaves out what a called process's table reads is told before it is published."""

from __future__ import annotations

from pathlib import Path

import pytest

import workflows
from tests.workflows.building import diagram

SHARED = Path(workflows.__file__).parent / "bpmn" / "shared"
TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="t" name="t" namespace="t">
<inputData id="a" name="amount"><variable id="av" name="amount" typeRef="number"/></inputData>
<inputData id="r" name="order_risk"><variable id="rv" name="order_risk" typeRef="number"/></inputData>
<decision id="before" name="before"><variable id="bv" name="before"/>
<informationRequirement id="n1"><requiredInput href="#r"/></informationRequirement>
<literalExpression id="l1"><text>order_risk</text></literalExpression></decision>
<decision id="policy" name="policy"><variable id="pv" name="policy"/>
<informationRequirement id="n2"><requiredInput href="#a"/></informationRequirement>
<informationRequirement id="n3"><requiredDecision href="#before"/></informationRequirement>
<literalExpression id="l2"><text>[amount, before]</text></literalExpression></decision></definitions>"""
ASK = (
    '<bpmn:startEvent id="s"/><bpmn:businessRuleTask id="ask" camunda:decisionRef="policy" '
    'camunda:resultVariable="x">{}</bpmn:businessRuleTask><bpmn:endEvent id="e"/>'
)
AMOUNT = '<camunda:in source="amount" target="amount"/>'
RISK = '<camunda:in source="order_risk" target="order_risk"/>'
OWN = (
    "<bpmn:extensionElements><camunda:inputOutput>"
    '<camunda:inputParameter name="order_risk">0</camunda:inputParameter>'
    "</camunda:inputOutput></bpmn:extensionElements>"
)


def said(handed: str, inside: str = "", before: str = "", more: str = "") -> list[tuple[str, str, str]]:
    call = (
        '<bpmn:startEvent id="s"/><bpmn:callActivity id="call" calledElement="called">'
        f"<bpmn:extensionElements>{handed}</bpmn:extensionElements></bpmn:callActivity>"
        '<bpmn:endEvent id="e"/>'
    )
    first = "s -> pre\npre -> ask\nask -> e" if before else "s -> ask\nask -> e"
    files = {
        "caller.bpmn": diagram(call, "s -> call\ncall -> e", "caller"),
        "called.bpmn": diagram(ASK.format(inside) + before, first + more, "called"),
    }
    findings = workflows.check(files, {"t.dmn": TABLE})
    return [(each.severity, each.element, each.message) for each in findings if "hand on" in each.message]


def test_what_is_left_out_is_named_with_how_to_add_it() -> None:
    assert said(AMOUNT) == [
        (
            "warning",
            "call",
            "does not hand on 'order_risk', which a table of 'called' reads: "
            "add it as camunda:in, source and target",
        )
    ]


@pytest.mark.parametrize(
    ("handed", "inside", "before"),
    [
        pytest.param(AMOUNT + RISK, "", "", id="handed on"),
        pytest.param('<camunda:in variables="all"/>', "", "", id="with all others"),
        pytest.param(AMOUNT, OWN, "", id="set by the task itself"),
        pytest.param(
            AMOUNT,
            "",
            '<bpmn:scriptTask id="pre" camunda:resultVariable="order_risk" scriptFormat="feel">'
            "<bpmn:script>1</bpmn:script></bpmn:scriptTask>",
            id="worked out by the called process",
        ),
        pytest.param(AMOUNT, "", '<bpmn:userTask id="pre"/>', id="asked by a person before"),
        pytest.param(
            AMOUNT,
            "",
            '<bpmn:serviceTask id="pre" camunda:type="external" camunda:topic="t"/>',
            id="answered by a service before",
        ),
        pytest.param(
            AMOUNT,
            "",
            '<bpmn:callActivity id="pre" calledElement="caller"><bpmn:extensionElements>'
            '<camunda:out source="x" target="order_risk"/></bpmn:extensionElements></bpmn:callActivity>',
            id="brought back by another call",
        ),
        pytest.param(
            AMOUNT + RISK,
            "",
            '<bpmn:businessRuleTask id="pre" camunda:decisionRef="elsewhere" camunda:resultVariable="y"/>',
            id="read by a table that is not here",
        ),
    ],
)
def test_nothing_is_said_of_what_is_there(handed: str, inside: str, before: str) -> None:
    assert said(handed, inside, before) == []


def test_a_way_back_is_followed_once() -> None:
    gates = '<bpmn:exclusiveGateway id="pre"/><bpmn:exclusiveGateway id="again"/>'

    assert [each[1] for each in said(AMOUNT, "", gates, "\nask -> again\nagain -> pre")] == ["call"]
