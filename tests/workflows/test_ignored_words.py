"""Words that other engines follow and that we do not: refused by name, never dropped."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import Run, boundary, diagram, element, kept_back, script, service, timer, user

_START = element("startEvent", "s")
_END = element("endEvent", "e")


def _extended(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def _parameter(text: str) -> str:
    return _extended(
        f'<camunda:inputOutput><camunda:inputParameter name="x">{text}</camunda:inputParameter>'
        "</camunda:inputOutput>"
    )


def _found(content: bytes, severity: str) -> list[tuple[str, str]]:
    findings = workflows.check({"p.bpmn": content}, {})
    return [(f.element, f.message) for f in findings if f.severity == severity]


def _call(inside: str, **attributes: str) -> str:
    return element("callActivity", "a", _extended(inside), calledElement="p", **attributes)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(user("a", "<bpmn:potentialOwner/>"), "potentialOwner", id="who, in BPMN's own words"),
        pytest.param(user("a", "<bpmn:somethingNew/>"), "somethingNew", id="an unknown part"),
        pytest.param(user("a", _extended("<camunda:field/>")), "camunda:field", id="an unknown extension"),
        pytest.param(
            element("receiveTask", "a", messageRef="m", instantiate="true"), "start event", id="start"
        ),
        pytest.param(user("a", startQuantity="2"), "startQuantity", id="several tokens in"),
        pytest.param(user("a", completionQuantity="3"), "completionQuantity", id="several tokens out"),
        pytest.param(service("a", camunda_class="com.evil.Boom"), "foreign code", id="code beside a topic"),
        pytest.param(
            user("a", _parameter("<camunda:expression>1</camunda:expression>")),
            "expression in a parameter",
            id="an unknown part of a parameter",
        ),
        pytest.param(
            user("a", _parameter("<camunda:value>1</camunda:value><camunda:value>2</camunda:value>")),
            "several values",
            id="two values of one parameter",
        ),
        pytest.param(service("a", topic="${bean.topic}"), "expression in camunda:topic", id="a topic chosen"),
        pytest.param(service("a", camunda_resultVariable="${x}"), "resultVariable", id="a result chosen"),
        pytest.param(_call("", camunda_calledElementBinding="oldest"), "is one of", id="a binding"),
        pytest.param(_call("", camunda_calledElementBinding="version"), "bound to a version", id="no number"),
        pytest.param(
            _call("", camunda_calledElementBinding="version", camunda_calledElementVersion="two"),
            "'two' is no number",
            id="a version in words",
        ),
        pytest.param(
            _call("", camunda_calledElementBinding="versionTag", camunda_calledElementVersionTag="= 1 +"),
            "not FEEL",
            id="a tag that is no FEEL",
        ),
        pytest.param(_call("", camunda_calledElementTenantId="x"), "its organisation", id="a tenant"),
        pytest.param(_call("", camunda_variableMappingClass="x.Y"), "foreign code", id="a mapping in Java"),
        pytest.param(_call('<camunda:in source="x"/>'), "no target", id="a mapping to nowhere"),
        pytest.param(_call('<camunda:in target="x"/>'), "maps nothing", id="a mapping of nothing"),
        pytest.param(_call('<camunda:out variables="some"/>'), "maps nothing", id="some variables"),
        pytest.param(
            _call('<camunda:in sourceExpression="${bean.x()}" target="y"/>'),
            "calls a method",
            id="a mapping that calls a method",
        ),
        pytest.param(
            _call('<camunda:in variables="all" local="true"/>'), "local", id="a mapping of local variables"
        ),
        pytest.param(
            _call('<camunda:in businessKey="${other.key()}"/>'),
            "calls a method",
            id="a key by a method",
        ),
        pytest.param(
            user("a", _extended('<camunda:in source="x" target="y"/>')), "call activities only", id="in"
        ),
        pytest.param(user("a", _parameter("Order ${id.x()}")), "calls a method", id="a method inside a text"),
        pytest.param(user("a", _parameter("${bean.name()}")), "calls a method", id="a method in a parameter"),
        pytest.param(user("a", _parameter("= 1 +")), "not FEEL", id="a parameter that is no FEEL"),
        pytest.param(
            user("a", _parameter("<camunda:list><camunda:value>${a.b()}</camunda:value></camunda:list>")),
            "calls a method",
            id="a method in a list",
        ),
        pytest.param(
            user(
                "a",
                _extended(
                    "<camunda:properties>"
                    '<camunda:property name="approval.excluded" value="[requester"/></camunda:properties>'
                ),
            ),
            "not FEEL",
            id="people left out by no FEEL",
        ),
        pytest.param(
            user(
                "a",
                _extended(
                    "<camunda:properties>"
                    '<camunda:property name="milestone" value="= x"/></camunda:properties>'
                ),
            ),
            "milestone",
            id="a milestone chosen",
        ),
        pytest.param(
            element("intermediateCatchEvent", "a", timer(timeDuration="P1X")), "cannot be read", id="P1X"
        ),
        pytest.param(
            element("intermediateCatchEvent", "a", timer(timeCycle="R0/P1D")), "never happens", id="R0"
        ),
        pytest.param(
            element("intermediateCatchEvent", "a", timer(timeCycle="R/PT0S")), "period", id="no period"
        ),
        pytest.param(
            element("intermediateCatchEvent", "a", timer(timeCycle="R3/P1D/1999-01-01T00:00:00Z")),
            "cannot be read",
            id="a cycle that has ended",
        ),
        pytest.param(
            element("intermediateCatchEvent", "a", timer(timeDate="2026-01-01T09:00:00")),
            "offset",
            id="a moment without an offset",
        ),
        pytest.param(
            element(
                "intermediateCatchEvent",
                "a",
                timer(timeDate="2026-01-01T09:00:00Z").replace(
                    "</bpmn:timer", "<bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timer"
                ),
            ),
            "several times",
            id="two times in one timer",
        ),
        pytest.param(
            user("u") + boundary("a", "u", "<bpmn:errorEventDefinition/>", interrupting=False),
            "without interrupting",
            id="an error that interrupts nothing",
        ),
        pytest.param(
            element("endEvent", "a", '<bpmn:messageEventDefinition messageRef="m" camunda:topic="x"/>'),
            "camunda:topic on an event",
            id="a handler on an event",
        ),
        pytest.param(
            element(
                "intermediateThrowEvent",
                "a",
                '<bpmn:signalEventDefinition signalRef="g">'
                + _extended('<camunda:in source="x" target="y"/>')
                + "</bpmn:signalEventDefinition>",
            ),
            "extension elements",
            id="what a signal carries",
        ),
        pytest.param(
            element(
                "subProcess", "q", element("startEvent", "a", '<bpmn:messageEventDefinition messageRef="m"/>')
            ),
            "has no trigger",
            id="a subprocess that a message starts",
        ),
        pytest.param(script("a", "${bean.run()}", "x"), "calls a method", id="a method in a script"),
        pytest.param(
            element("businessRuleTask", "a", camunda_decisionRefBinding="version"), "Binding", id="a version"
        ),
        pytest.param(element("exclusiveGateway", "a"), "leads nowhere", id="a choice of nothing"),
        pytest.param(element("eventBasedGateway", "a"), "leads nowhere", id="a race of nothing"),
        pytest.param(
            element("eventBasedGateway", "a", eventGatewayType="Parallel"), "first event", id="a race of all"
        ),
        pytest.param(
            element("businessRuleTask", "a", camunda_decisionRef="x", camunda_mapDecisionResult="someWay"),
            "mapDecisionResult is one of",
            id="an unknown shape of a decision",
        ),
        pytest.param(user("a", default="s_nowhere"), "does not leave it", id="a default that is not there"),
        pytest.param(user("9a").replace("9a", "a/b"), "is no id", id="a slash in an id"),
    ],
)
def test_what_would_be_ignored_is_refused(body: str, reason: str) -> None:
    before = '<bpmn:message id="m" name="m"/><bpmn:signal id="g" name="g"/>'
    content = diagram(_START + body, "", before=before)

    found = _found(content, "error")

    assert any(key in ("a", "a/b") and reason in message for key, message in found), found
    assert any(key in ("a", "a/b") and reason in message for key, message in kept_back(content))


@pytest.mark.parametrize(
    ("body", "flows", "named", "reason"),
    [
        pytest.param(
            element("parallelGateway", "x") + user("a") + user("b"),
            "s -> x\nx -> a: n > 1\nx -> b",
            "x_a",
            "knows no conditions",
            id="a condition behind a parallel gateway",
        ),
        pytest.param(
            element("exclusiveGateway", "x", default="x_a") + user("a") + user("b"),
            "s -> x\nx -> a: n > 1\nx -> b: n = 1",
            "x_a",
            "default flow",
            id="a condition on the default",
        ),
        pytest.param(user("a") + _END, "s -> a\na -> e\ne -> a", "e_a", "leaves an end", id="past the end"),
        pytest.param(user("a"), "s -> a\na -> s", "a_s", "leads into a startEvent", id="into the start"),
        pytest.param(
            user("a") + boundary("b", "a", timer(timeDuration="P1D")),
            "s -> a\na -> b",
            "a_b",
            "leads into a boundaryEvent",
            id="into a boundary event",
        ),
        pytest.param(
            element("eventBasedGateway", "x") + user("a"),
            "s -> x\nx -> a",
            "x",
            "catching events",
            id="a race to a person",
        ),
        pytest.param(
            element("startEvent", "s2") + user("a"),
            "s -> a\ns2 -> a",
            "p",
            "several start events",
            id="two starts",
        ),
    ],
)
def test_flows_that_would_be_taken_wrongly_are_refused(
    body: str, flows: str, named: str, reason: str
) -> None:
    content = diagram(_START + body, flows)

    found = _found(content, "error")

    assert any(key == named and reason in message for key, message in found), found
    assert any(reason in message for _, message in kept_back(content))


def test_two_places_to_start_without_a_start_event_are_refused() -> None:
    found = _found(diagram(user("a") + user("b"), ""), "error")

    assert found == [("p", "has several elements where it could start: draw a start event")]


def test_two_start_events_for_one_message_are_refused() -> None:
    definition = '<bpmn:messageEventDefinition messageRef="m"/>'
    body = element("startEvent", "s1", definition) + element("startEvent", "s2", definition) + user("a")
    content = diagram(body, "s1 -> a\ns2 -> a", before='<bpmn:message id="m" name="go"/>')

    assert ("p", "has several start events for the message 'go'") in _found(content, "error")


def test_a_call_of_a_process_that_only_messages_start_is_refused() -> None:
    definition = '<bpmn:messageEventDefinition messageRef="m"/>'
    called = diagram(
        element("startEvent", "s", definition), "", "child", before='<bpmn:message id="m" name="go"/>'
    )
    caller = diagram(_START + element("callActivity", "a", calledElement="child"), "s -> a")

    findings = workflows.check({"a.bpmn": caller, "b.bpmn": called}, {})

    assert [(f.element, f.message) for f in findings] == [
        ("a", "the process 'child' is started by messages only")
    ]


def test_an_id_that_stands_in_a_subprocess_too_is_refused() -> None:
    body = _START + user("a") + element("subProcess", "q", element("startEvent", "i") + user("a"))

    assert ("a", "the id stands twice") in _found(diagram(body, "s -> a\na -> q"), "error")


@pytest.mark.parametrize(
    ("declared", "named"),
    [
        pytest.param('<bpmn:escalation id="m" escalationCode="${code}"/>', "m", id="an escalation"),
        pytest.param('<bpmn:error id="m" errorCode="#{code}"/>', "m", id="an error"),
    ],
)
def test_names_that_would_have_to_be_evaluated_are_refused(declared: str, named: str) -> None:
    found = _found(diagram(_START, "", before=declared), "error")

    assert [(key, "named by an expression" in message) for key, message in found] == [(named, True)]


@pytest.mark.parametrize(
    ("language", "refused"),
    [
        pytest.param("python", True, id="Python"),
        pytest.param("http://www.w3.org/1999/XPath", False, id="what every modeller writes"),
        pytest.param("https://www.omg.org/spec/dmn/20191111/feel/", False, id="FEEL"),
        pytest.param("https://www.omg.org/spec/DMN/20240513/FEEL/", False, id="FEEL of another edition"),
        pytest.param("http://www.java.com/juel", False, id="Camunda's own, which is translated"),
    ],
)
def test_a_file_in_another_language_is_refused(language: str, refused: bool) -> None:
    content = diagram(_START + user("a"), "s -> a: n = 1").replace(
        b"targetNamespace", f'expressionLanguage="{language}" targetNamespace'.encode()
    )
    own = content.replace(b"<bpmn:conditionExpression>", b'<bpmn:conditionExpression language="feel">')
    none = content.replace(b"n = 1", b"")

    assert bool(_found(content, "error")) is refused
    assert _found(own, "error") == []
    assert _found(none, "error") == []


def test_a_condition_in_another_language_is_refused() -> None:
    content = diagram(_START + user("a"), "s -> a: n").replace(
        b"<bpmn:conditionExpression>", b'<bpmn:conditionExpression language="javascript">'
    )

    assert _found(content, "error") == [("s_a", "conditions are FEEL; javascript is not executed")]


def test_a_listener_on_a_flow_a_subprocess_or_the_process_is_refused() -> None:
    listener = b'<bpmn:extensionElements><camunda:executionListener class="x"/></bpmn:extensionElements>'
    on_flow = diagram(_START + user("a"), "s -> a").replace(
        b"</bpmn:sequenceFlow>", listener + b"</bpmn:sequenceFlow>"
    )
    on_process = diagram(_START, "").replace(b"</bpmn:process>", listener + b"</bpmn:process>")

    inside = element("subProcess", "q", element("startEvent", "i") + listener.decode())
    on_subprocess = diagram(_START + inside, "s -> q")

    assert [key for key, _ in _found(on_flow, "error")] == ["s_a"]
    assert [key for key, _ in _found(on_subprocess, "error")] == ["q"]
    assert [key for key, _ in _found(on_process, "error")] == ["p"]


def test_the_words_of_related_engines_are_read_as_camundas() -> None:
    inside = _parameter("hello").replace("camunda:", "o:")
    content = diagram(_START + user("a", inside, o_assignee="kim").replace("o_", "o:"), "s -> a").replace(
        b"xmlns:camunda", b'xmlns:o="http://operaton.org/schema/1.0/bpmn" xmlns:camunda'
    )

    task = Run(content).task("a")

    assert (task.assignee, task.inputs) == ("kim", {"x": "hello"})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            element("startEvent", "a", camunda_initiator="who"), "does nothing here", id="initiator"
        ),
        pytest.param(_START + user("a", name="Order ${id}"), "shown as it stands", id="a name"),
        pytest.param(_START + user("a", _extended("<camunda:formData/>")), "formKey", id="form data"),
        pytest.param(_START + element("dataStoreReference", "a"), "decoration", id="a data store"),
        pytest.param(
            _START + script("a", "1", "x").replace('camunda:resultVariable="x"', ""), "nowhere", id="a value"
        ),
        pytest.param(
            _START + element("receiveTask", "a", messageRef="undeclared"), "not declared", id="a reference"
        ),
    ],
)
def test_what_changes_nothing_is_told(body: str, reason: str) -> None:
    content = diagram(body, "")

    assert any(key == "a" and reason in message for key, message in _found(content, "warning"))
    workflows.deploy({"p.bpmn": content})


def test_an_element_that_nothing_leads_to_is_told() -> None:
    assert ("a", "can never be reached") in _found(diagram(_START + user("a"), ""), "warning")


def test_a_file_of_too_many_elements_is_refused_at_once() -> None:
    many = "".join(element("task", f"t{number}") for number in range(5_001))

    (found,) = workflows.check({"p.bpmn": diagram(_START + many, "")}, {})

    assert found.message == "has more than 5000 elements"


def test_a_comment_or_an_instruction_in_a_file_changes_nothing() -> None:
    content = diagram(_START + "<!-- a comment --><?an instruction?>" + user("a"), "s -> a")

    assert Run(content).tasks == ["a"]


def test_code_on_an_event_is_refused_by_its_own_name() -> None:
    inside = '<bpmn:messageEventDefinition messageRef="m" camunda:class="com.evil.Boom"/>'
    content = diagram(_START + element("endEvent", "a", inside), "s -> a")

    assert [message for _, message in _found(content, "error")] == [
        "camunda:class on an event is not executed: it sends or awaits its message"
    ]


def test_one_decision_in_two_tables_is_refused() -> None:
    table = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="n" namespace="n">'
        b'<decision id="level" name="level"><literalExpression><text>1</text></literalExpression></decision>'
        b"</definitions>"
    )

    findings = workflows.check({"p.bpmn": diagram(_START, "")}, {"a.dmn": table, "b.dmn": table})

    assert [(f.file, f.message) for f in findings if f.severity == "error"] == [
        ("b.dmn", "the decision 'level' is in two tables")
    ]
