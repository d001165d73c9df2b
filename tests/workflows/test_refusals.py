"""What we do not execute is refused by name; hostile files do nothing."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

import workflows
from tests.workflows.building import Run, boundary, diagram, element, kept_back, script, timer, user

_START = element("startEvent", "s")


def _refused(content: bytes) -> list[tuple[str, str]]:
    findings = workflows.check({"p.bpmn": content}, {})
    return [(f.element, f.message) for f in findings if f.severity == "error"]


@pytest.mark.parametrize(
    ("body", "named", "reason"),
    [
        pytest.param(user("a", "<bpmn:standardLoopCharacteristics/>"), "a", "without end", id="loop"),
        pytest.param(element("adHocSubProcess", "a"), "a", "adHocSubProcess", id="an ad-hoc subprocess"),
        pytest.param(
            element("endEvent", "a", timer(timeDuration="P1D")), "a", "not executed", id="a time to end"
        ),
        pytest.param(element("complexGateway", "a"), "a", "complexGateway", id="a complex gateway"),
        pytest.param(element("callChoreography", "a"), "a", "callChoreography", id="what has no place"),
        pytest.param(
            element("subProcess", "a", triggeredByEvent="true"),
            "a",
            "event subprocess",
            id="event",
        ),
        pytest.param(user("a", isForCompensation="true"), "a", "stands in no flow", id="a handler in a flow"),
        pytest.param(
            element("intermediateCatchEvent", "a", "<bpmn:conditionalEventDefinition/>"),
            "a",
            "no condition",
            id="a condition of nothing",
        ),
        pytest.param(
            element("intermediateCatchEvent", "a", "<bpmn:linkEventDefinition/>"), "a", "no name", id="a link"
        ),
        pytest.param(
            element("intermediateCatchEvent", "a", timer(timeDuration="P1D") * 2),
            "a",
            "several",
            id="two",
        ),
        pytest.param(element("intermediateCatchEvent", "a"), "a", "waits for nothing", id="no trigger"),
        pytest.param(
            element("serviceTask", "a", camunda_delegateExpression="${boom.of(x)}"),
            "a",
            "foreign code",
            id="a bean that a method makes",
        ),
        pytest.param(
            element("sendTask", "a", camunda_expression="${boom.go()}"),
            "a",
            "foreign code",
            id="code that sends",
        ),
        pytest.param(
            element("serviceTask", "a", camunda_expression="${boom.go()}"), "a", "foreign code", id="a method"
        ),
        pytest.param(
            element("serviceTask", "a", camunda_expression="${boom.go}"), "a", "foreign code", id="an effect"
        ),
        pytest.param(
            element("serviceTask", "a", camunda_type="send-event"), "a", "camunda:type", id="another kind"
        ),
        pytest.param(
            element("serviceTask", "a", camunda_type="case", camunda_caseDefinitionKey="c"),
            "a",
            "the case 'c' is not here",
            id="a case",
        ),
        pytest.param(
            element("callActivity", "a", camunda_caseRef="c"),
            "a",
            "the case 'c' is not here",
            id="called",
        ),
        pytest.param(
            element("sendTask", "a", camunda_type="external"),
            "a",
            "sends nothing",
            id="a handler without a name",
        ),
        pytest.param(element("callActivity", "a", calledElement="nix"), "a", "not here", id="gone"),
        pytest.param(
            element("scriptTask", "a", "<bpmn:script>1</bpmn:script>", scriptFormat="groovy"),
            "a",
            "groovy",
            id="a foreign script",
        ),
        pytest.param(
            element("scriptTask", "a", scriptFormat="feel", camunda_resource="x.py"),
            "a",
            "another file",
            id="a script elsewhere",
        ),
        pytest.param(script("a", "1 +", "x"), "a", "not FEEL", id="a script that is no FEEL"),
        pytest.param(user("a", camunda_dueDate="= now( +"), "a", "not FEEL", id="attribute"),
        pytest.param(
            user("a") + boundary("b", "nowhere", timer(timeDuration="P1D")),
            "b",
            "no activity",
            id="lone",
        ),
        pytest.param(
            element(
                "serviceTask",
                "a",
                '<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="x">'
                '<camunda:script scriptFormat="js">1</camunda:script></camunda:inputParameter>'
                "</camunda:inputOutput></bpmn:extensionElements>",
                camunda_topic="t",
            ),
            "a",
            "script as a parameter",
            id="a script as a parameter",
        ),
    ],
)
def test_what_is_not_executed_is_refused_naming_the_element(body: str, named: str, reason: str) -> None:
    content = diagram(_START + body, "s -> a")

    found = _refused(content)

    assert any(element_ == named and reason in message for element_, message in found), found
    assert any(element_ == named and reason in message for element_, message in kept_back(content))


@pytest.mark.parametrize(
    ("flows", "named", "reason"),
    [
        pytest.param("s -> x\nx -> a\nx -> b", "x_a", "needs a condition", id="no condition"),
        pytest.param("s -> x\nx -> a: n >\nx -> b: n = 1", "x_a", "not FEEL", id="no FEEL"),
        pytest.param(
            "s -> x\nx -> a: ${bean.ok()}\nx -> b: n = 1", "x_a", "calls a method", id="a method call"
        ),
        pytest.param("s -> x\nx -> a: n = 1\nx -> nowhere", "x_nowhere", "not here", id="a flow to nowhere"),
    ],
)
def test_flows_that_cannot_be_followed_are_refused(flows: str, named: str, reason: str) -> None:
    content = diagram(_START + element("exclusiveGateway", "x") + user("a") + user("b"), flows)

    assert any(e == named and reason in message for e, message in _refused(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"no xml", "not XML", id="no XML"),
        pytest.param(b"<a/>", "no BPMN", id="other XML"),
        pytest.param(
            b'<!DOCTYPE x [<!ENTITY a "b">]>' + diagram(_START, ""),
            "DOCTYPE",
            id="entities",
        ),
        pytest.param(
            '<?xml version="1.0" encoding="utf-32"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-32"),
            "DOCTYPE",
            id="entities in another encoding",
        ),
        pytest.param(b" " * (5 * 1024 * 1024), "more than", id="far too large"),
        pytest.param(
            diagram("", "").replace(b'isExecutable="true"', b'isExecutable="false"'),
            "no executable",
            id="idle",
        ),
    ],
)
def test_a_file_that_is_no_diagram_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    findings = workflows.check({"p.bpmn": content}, {})

    assert findings[0].file == "p.bpmn"
    assert reason in findings[0].message


def test_a_process_without_a_start_is_refused() -> None:
    loop = diagram(user("a") + user("b"), "a -> b\nb -> a")

    assert _refused(loop) == [("p", "has nowhere to start")]


def test_one_process_in_two_files_is_refused() -> None:
    content = diagram(_START, "")

    findings = workflows.check({"a.bpmn": content, "b.bpmn": content}, {})

    assert [(f.file, f.element) for f in findings] == [("b.bpmn", "p")]


def test_an_id_that_stands_twice_is_refused() -> None:
    assert ("a", "the id stands twice") in _refused(diagram(_START + user("a") + user("a"), "s -> a"))


def test_flows_without_an_id_are_followed() -> None:
    content = diagram(_START + user("a"), "s -> a").replace(b' id="s_a"', b"")

    assert Run(content).tasks == ["a"]


@pytest.mark.parametrize(
    ("foreign", "value"),
    [
        pytest.param("${amount > 5 && !blocked}", True, id="and, not"),
        pytest.param('${kind == "a" || amount gt 100}', True, id="equals, or, a word"),
        pytest.param("${empty note}", True, id="empty"),
        pytest.param("#{amount != 6}", False, id="another wrapper"),
    ],
)
def test_conditions_of_camunda_7_are_translated_and_reported(foreign: str, value: bool) -> None:
    body = _START + element("exclusiveGateway", "x", default="x_b") + user("a") + user("b")
    content = diagram(body, f"s -> x\nx -> a: {foreign}\nx -> b")

    run = Run(content, amount=6, blocked=False, kind="a", note=None)

    assert run.tasks == (["a"] if value else ["b"])
    assert any("translated" in f.message for f in workflows.check({"p.bpmn": content}, {}))


_HOSTILE = "__import__('os').system('touch {}')"


@pytest.mark.parametrize(
    "site",
    [
        "condition",
        "script",
        "timer",
        "assignee",
        "parameter",
        "mapping",
        "property",
    ],
)
def test_no_python_from_a_diagram_ever_runs(site: str, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    text = _HOSTILE.format(mark)
    parameter = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        f'<camunda:inputParameter name="x">= {text}</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    excluded = (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="approval.excluded" value="{text}"/>'
        "</camunda:properties></bpmn:extensionElements>"
    )
    bodies = {
        "condition": (
            element("exclusiveGateway", "x", default="x_b") + user("b"),
            f"s -> x\nx -> b\nx -> s2: {text}",
        ),
        "script": (script("x", text, "r"), "s -> x"),
        "timer": (element("intermediateCatchEvent", "x", timer(timeDate=f"= {text}")), "s -> x"),
        "assignee": (user("x", camunda_assignee=f"= {text}"), "s -> x"),
        "parameter": (user("x", parameter), "s -> x"),
        "property": (user("x", excluded), "s -> x"),
        "mapping": (
            element(
                "callActivity",
                "x",
                "<bpmn:extensionElements>"
                f'<camunda:in sourceExpression="{text}" target="y"/></bpmn:extensionElements>',
                calledElement="p",
            ),
            "s -> x",
        ),
    }
    body, flows = bodies[site]

    with contextlib.suppress(workflows.RefusedError):
        Run(diagram(_START + user("s2") + body, flows))

    assert not mark.exists()


_LISTENER = '<bpmn:extensionElements><camunda:taskListener class="x"/></bpmn:extensionElements>'


@pytest.mark.parametrize(
    ("body", "reason", "why"),
    [
        pytest.param(user("a", "<bpmn:multiInstanceLoopCharacteristics/>"), "without end", "null", id="MI"),
        pytest.param(
            element("intermediateCatchEvent", "a", "<bpmn:timerEventDefinition/>"),
            "no time",
            "null",
            id="time",
        ),
        pytest.param(element("businessRuleTask", "a"), "no decision", "no table", id="no decision"),
        pytest.param(
            element("businessRuleTask", "a", camunda_decisionRef="nix"),
            "no table here decides 'nix'",
            "no table here decides 'nix'",
            id="an unknown decision",
        ),
        pytest.param(element("callActivity", "a"), "must name", "is not here", id="a call of nothing"),
        pytest.param(
            element("exclusiveGateway", "a")
            + user("b")
            + user("c")
            + '<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
            + '<bpmn:sequenceFlow id="g" sourceRef="a" targetRef="c"/>',
            "needs a condition",
            "no condition holds",
            id="a way without a condition",
        ),
        pytest.param(user("a", _LISTENER), "foreign code", "", id="a listener"),
        pytest.param(user("a") + boundary("b", "a", ""), "waits for nothing", "", id="an event of nothing"),
    ],
)
def test_what_says_too_little_is_read_but_not_published_and_an_incident_where_it_is_met(
    body: str, reason: str, why: str
) -> None:
    content = diagram(_START + body, "s -> a")

    assert any(reason in message for _, message in _refused(content))
    run = Run(content)

    assert run.stuck == (["a"] if why else [])
    assert all(why in incident.message for incident in run.incidents)
