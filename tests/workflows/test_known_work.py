"""What nobody can perform and what FEEL cannot call is told before it is published."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import diagram

ENDS = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
FLOWS = "s -> work\nwork -> e"
HANDLERS = {"stock.reserve": {"order_id"}, "mail.send": {"to", "template"}}


def work(kind: str, topic: str, inputs: tuple[str, ...] = ()) -> bytes:
    parameters = "".join(
        f'<camunda:inputParameter name="{name}">x</camunda:inputParameter>' for name in inputs
    )
    inside = f"<camunda:inputOutput>{parameters}</camunda:inputOutput>"
    body = (
        f'<bpmn:{kind} id="work" camunda:type="external" camunda:topic="{topic}">'
        f"<bpmn:extensionElements>{inside}</bpmn:extensionElements></bpmn:{kind}>"
    )
    return diagram(ENDS + body, FLOWS)


def said(content: bytes, handlers: dict[str, set[str]] | None) -> list[tuple[str, str]]:
    findings = workflows.check({"p.bpmn": content}, {}, handlers)
    return [(each.element, each.message) for each in findings if each.severity == "error"]


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "businessRuleTask"])
def test_a_handler_that_there_is_not_is_named(kind: str) -> None:
    assert said(work(kind, "stock.resrve", ("order_id",)), HANDLERS) == [
        ("work", "there is no handler 'stock.resrve'; did you mean 'stock.reserve'?")
    ]


def test_what_resembles_no_handler_is_answered_with_all_of_them() -> None:
    assert said(work("serviceTask", "x"), HANDLERS) == [
        ("work", "there is no handler 'x'; there are mail.send, stock.reserve")
    ]


def test_an_input_without_which_a_handler_cannot_work_is_named() -> None:
    assert said(work("sendTask", "mail.send", ("to",)), HANDLERS) == [
        ("work", "the handler 'mail.send' needs the input parameter 'template'")
    ]


def test_a_handler_that_is_told_what_it_needs_is_not_mentioned() -> None:
    assert said(work("sendTask", "mail.send", ("to", "template", "more")), HANDLERS) == []


def test_where_nobody_says_what_machines_can_do_they_can_do_anything() -> None:
    assert said(work("serviceTask", "x"), None) == []


def test_a_handler_named_by_an_expression_is_refused_for_that() -> None:
    findings = said(work("serviceTask", "${name}"), HANDLERS)

    assert findings
    assert not any("there is no handler" in message for _, message in findings)


SCRIPT = (
    '<bpmn:scriptTask id="work" camunda:resultVariable="x" scriptFormat="feel">'
    "<bpmn:script>{}</bpmn:script></bpmn:scriptTask>"
)


@pytest.mark.parametrize(
    ("script", "hint"),
    [
        ("flor(1.5)", "'flor', which is no function of FEEL; did you mean 'floor'?"),
        ("frobnicate(1)", "'frobnicate', which is no function of FEEL"),
        ('"".getClass() = 1', "'getClass', which is no function of FEEL"),
        ("order.lines.size() > 1", "'size', which is no function of FEEL"),
        ("for n in [1] return frobnicate(n)", "'frobnicate', which is no function of FEEL"),
    ],
)
def test_a_function_that_there_is_not_is_named(script: str, hint: str) -> None:
    assert said(diagram(ENDS + SCRIPT.format(script), FLOWS), None) == [("work", f"the script calls {hint}")]


def test_so_it_is_in_a_condition() -> None:
    body = ENDS + '<bpmn:exclusiveGateway id="work" default="work_e"/><bpmn:endEvent id="z"/>'
    flows = "s -> work\nwork -> e: default\nwork -> z: coun(items) > 1"

    (found,) = said(diagram(body, flows), None)

    assert "did you mean 'count'?" in found[1]


@pytest.mark.parametrize(
    "script",
    [
        "count(items)",
        "{ twice: function(n) n * 2, all: twice(4) }.all",
        "(function(n) n + 1)(1)",
        "{ twice: function(n) n * 2 }.twice(4)",
        "for each in [{ f: function(n) n }] return each.f(1)",
        "amount + frobnicate",
    ],
)
def test_what_is_a_function_or_only_a_variable_passes(script: str) -> None:
    assert said(diagram(ENDS + SCRIPT.format(script), FLOWS), None) == []


def test_a_diagram_that_was_published_before_still_runs() -> None:
    content = diagram(ENDS + SCRIPT.format("frobnicate(1)"), FLOWS)

    assert workflows.deploy({"p.bpmn": content}, {}).processes.keys() == {"p"}
