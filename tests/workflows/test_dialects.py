"""Other engines' words: read as Camunda's where both mean the same, and told; else refused by name."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import Run, boundary, diagram, element, script, user

_START = element("startEvent", "s")
_SPACES = {
    "z": "http://camunda.org/schema/zeebe/1.0",
    "f": "http://flowable.org/bpmn",
    "o": "http://operaton.org/schema/1.0/bpmn",
    "p": "http://spiffworkflow.org/bpmn/schema/1.0/core",
    "d": "http://www.jboss.org/drools",
}


def drawn(body: str, flows: str = "s -> a", before: str = "", spaces: str = "zf") -> bytes:
    """Return a diagram in which `z:` are Camunda 8's words, `f:` Flowable's, `p:` SpiffWorkflow's."""
    declared = " ".join(f'xmlns:{each}="{_SPACES[each]}"' for each in spaces)
    return diagram(body, flows, before=before).replace(b"xmlns:camunda", f"{declared} xmlns:camunda".encode())


def extended(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def found(content: bytes, severity: str) -> list[tuple[str, str]]:
    findings = workflows.check({"p.bpmn": content}, {})
    return [(each.element, each.message) for each in findings if each.severity == severity]


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        pytest.param({"camunda_class": "org.acme.Pay"}, "org.acme.Pay", id="a class"),
        pytest.param({"camunda_delegateExpression": "${pay}"}, "pay", id="a bean"),
        pytest.param({"camunda_type": "mail"}, "mail", id="a kind of task"),
        pytest.param({}, "a", id="nothing"),
        pytest.param({"camunda_topic": "pay", "camunda_type": "external"}, "pay", id="a topic"),
    ],
)
def test_what_names_code_names_a_handler(attributes: dict[str, str], name: str) -> None:
    content = diagram(_START + element("serviceTask", "a", **attributes), "s -> a")

    assert Run(content).called == [name]
    said = [message for _, message in found(content, "warning")]
    assert len(said) == (0 if "camunda_topic" in attributes else 1)
    assert all(f"{name!r}" in each for each in said)


def test_a_class_that_is_no_handler_here_is_refused_as_any_other() -> None:
    content = diagram(_START + element("serviceTask", "a", camunda_class="org.acme.Pay"), "s -> a")

    findings = workflows.check({"p.bpmn": content}, {}, {"mail.send": ()})

    assert [each.message for each in findings if each.severity == "error"] == [
        "there is no handler 'org.acme.Pay'; there are mail.send"
    ]


@pytest.mark.parametrize("kind", ["sendTask", "businessRuleTask"])
def test_code_that_sends_or_decides_is_a_handler_too(kind: str) -> None:
    content = diagram(_START + element(kind, "a", camunda_class="org.acme.Pay"), "s -> a")

    assert Run(content).called == ["org.acme.Pay"]


def test_what_is_injected_into_a_class_is_an_input() -> None:
    fields = (
        '<camunda:field name="to" stringValue="ann"/><camunda:field name="sum" expression="${n + 1}"/>'
        '<camunda:field name="text"><camunda:string> hi </camunda:string></camunda:field>'
    )
    content = diagram(_START + element("serviceTask", "a", extended(fields), camunda_class="x"), "s -> a")

    (call,) = Run(content, n=1).calls.values()

    assert call.inputs == {"to": "ann", "sum": "2", "text": "hi"}


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        pytest.param({"camunda_expression": "${n + 1}", "camunda_resultVariable": "m"}, 2, id="a value"),
        pytest.param({"camunda_expression": "${n}", "camunda_resultVariableName": "m"}, 1, id="older"),
        pytest.param({"camunda_expression": "${execution.setVariable('m', n * 3)}"}, 3, id="an assignment"),
        pytest.param({"camunda_expression": "${true}"}, None, id="a constant"),
    ],
)
def test_a_service_that_evaluates_is_a_script(attributes: dict[str, str], value: object) -> None:
    content = diagram(_START + element("serviceTask", "a", **attributes) + user("b"), "s -> a\na -> b")

    run = Run(content, n=1)

    assert (run.tasks, run.variables.get("m")) == (["b"], value)
    assert any("was translated to" in message for _, message in found(content, "warning"))


def test_a_script_task_without_a_script_passes_through() -> None:
    content = diagram(
        _START + element("scriptTask", "a", scriptFormat="groovy") + user("b"), "s -> a\na -> b"
    )

    assert Run(content).tasks == ["b"]
    assert found(content, "warning") == [("a", "holds no script: nothing is done")]


def test_a_script_that_names_no_language_is_not_guessed() -> None:
    content = diagram(_START + element("scriptTask", "a", "<bpmn:script>hey = 1</bpmn:script>"), "s -> a")

    assert found(content, "error") == [("a", "scripts are FEEL; no scriptFormat is not executed")]


@pytest.mark.parametrize(
    ("owners", "spaces", "people"),
    [
        pytest.param("user(ann), group(sales)", "", (None, ("ann",), ("sales",)), id="both kinds"),
        pytest.param("group(sales), group( law )", "", (None, (), ("sales", "law")), id="two groups"),
        pytest.param("sales", "f", (None, (), ("sales",)), id="a bare name of Activiti's kin"),
        pytest.param("ann, ben", "d", (None, ("ann", "ben"), ()), id="bare names of jBPM"),
    ],
)
def test_a_potential_owner_is_a_candidate(
    owners: str, spaces: str, people: tuple[str | None, tuple[str, ...], tuple[str, ...]]
) -> None:
    content = drawn(_START + user("a", _owner("potentialOwner", owners)), spaces=spaces)
    if spaces == "d":
        content = content.replace(b' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"', b"")

    task = Run(content).task("a")

    assert (task.assignee, task.candidate_users, task.candidate_groups) == people


def _owner(kind: str, text: str) -> str:
    return (
        f"<bpmn:{kind}><bpmn:resourceAssignmentExpression><bpmn:formalExpression>{text}"
        f"</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:{kind}>"
    )


def test_a_human_performer_is_the_assignee() -> None:
    inside = "<bpmn:humanPerformer><bpmn:formalExpression>ann</bpmn:formalExpression></bpmn:humanPerformer>"

    assert Run(diagram(_START + user("a", inside), "s -> a")).task("a").assignee == "ann"


@pytest.mark.parametrize(
    "owners",
    [
        pytest.param(_owner("potentialOwner", "role(x)"), id="an unknown word"),
        pytest.param("<bpmn:potentialOwner><bpmn:resourceRef/></bpmn:potentialOwner>", id="r"),
    ],
)
def test_an_owner_that_is_not_said_plainly_is_refused(owners: str) -> None:
    assert found(diagram(_START + user("a", owners), "s -> a"), "error") == [
        ("a", "potentialOwner is not executed; say who as camunda:assignee or camunda:candidateGroups")
    ]


def test_a_bare_owner_of_no_known_engine_is_refused() -> None:
    content = diagram(_START + user("a", _owner("potentialOwner", "ann")), "s -> a")
    content = content.replace(b' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"', b"")

    assert [key for key, _ in found(content, "error")] == ["a"]


def test_flowable_hands_on_everything_by_one_word() -> None:
    inner = diagram(_START + user("b", camunda_formKey="= string(n)"), "s -> b", "inner")
    call = element("callActivity", "a", calledElement="inner", f_inheritVariables="true")
    outer = drawn(_START + call.replace("f_", "f:"))

    assert Run(outer, inner, n=1).task("b").form == "1"


@pytest.mark.parametrize(
    ("word", "value"),
    [("triggerable", "true"), ("useLocalScopeForResultVariable", "true"), ("skipExpression", "x")],
)
def test_a_word_of_flowables_that_changes_what_is_done_is_refused(word: str, value: str) -> None:
    body = _START + element("serviceTask", "a", camunda_topic="t", **{f"f_{word}": value})
    content = drawn(body).replace(f"f_{word}".encode(), f"f:{word}".encode())

    assert [message.split(":")[1].split()[0] for _, message in found(content, "error")] == [word]


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_name_that_an_event_computes_is_refused(kind: str) -> None:
    definition = f'<bpmn:{kind}EventDefinition camunda:{kind}Expression="${{x}}"/>'
    content = diagram(_START + element("intermediateCatchEvent", "a", definition), "s -> a")

    assert found(content, "error") == [("a", f"a {kind} named by an expression is not executed")]


@pytest.mark.parametrize(("scope", "refused"), [("processInstance", True), ("global", False)])
def test_a_signal_for_its_own_instance_alone_is_refused(scope: str, refused: bool) -> None:
    content = diagram(_START, "", before=f'<bpmn:signal id="g" name="g" camunda:scope="{scope}"/>')

    assert [key for key, _ in found(content, "error")] == (["g"] if refused else [])


def test_what_flowable_collects_of_a_loop_is_refused() -> None:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="x">'
        + extended("<camunda:variableAggregation/>")
        + "</bpmn:multiInstanceLoopCharacteristics>"
    )

    assert found(diagram(_START + user("a", loop), "s -> a"), "error") == [
        ("a", "camunda:variableAggregation is not executed")
    ]


@pytest.mark.parametrize(
    ("inside", "word"),
    [
        pytest.param('<camunda:mapException errorCode="x"/>', "mapException", id="Java's exceptions"),
        pytest.param("<camunda:formProperty/>", "formProperty", id="a form's field"),
        pytest.param("<camunda:potentialStarter/>", "potentialStarter", id="who may start"),
    ],
)
def test_what_changes_nothing_here_is_told(inside: str, word: str) -> None:
    content = diagram(_START + element("task", "a", extended(inside)), "s -> a")

    assert [word in message for _, message in found(content, "warning")] == [True]
    assert found(content, "error") == []


def test_priorities_of_jobs_and_who_may_start_are_no_matter() -> None:
    content = diagram(_START + element("task", "a", camunda_jobPriority="${n}"), "s -> a").replace(
        b'<bpmn:process id="p"', b'<bpmn:process camunda:candidateStarterUsers="ann" id="p"'
    )

    assert found(content, "error") == []
    assert [key for key, _ in found(content, "warning")] == ["p"]


# Camunda 8


def test_camunda_8s_service_gets_its_inputs_and_gives_its_outputs() -> None:
    inside = extended(
        '<z:taskDefinition type="pay" retries="3"/><z:ioMapping><z:input source="= n + 1" target="sum"/>'
        '<z:input source="plain" target="to.name"/><z:input source="= n" target="to.deep.number"/>'
        '<z:output source="= receipt" target="paid"/></z:ioMapping>'
    )
    run = Run(drawn(_START + element("serviceTask", "a", inside) + user("b"), "s -> a\na -> b"), n=1)
    (call,) = run.calls.values()

    run.answer("pay", receipt="r1", noise=1)

    assert call.inputs == {"sum": "2", "to": {"name": "plain", "deep": {"number": "1"}}}
    assert run.variables == {"n": 1, "paid": "r1"}


def test_camunda_8s_user_task_says_who_when_and_on_which_form() -> None:
    inside = extended(
        '<z:assignmentDefinition assignee="= who" candidateGroups="= [&quot;x&quot;, &quot;y&quot;]"/>'
        '<z:formDefinition formId="approval"/><z:priorityDefinition priority="70"/><z:userTask/>'
        '<z:taskSchedule dueDate="2026-04-01T09:00:00Z"/>'
        '<z:properties><z:property name="colour" value="red"/></z:properties>'
    )

    task = Run(drawn(_START + user("a", inside)), who="ann").task("a")

    assert (task.assignee, task.candidate_groups, task.form) == ("ann", ("x", "y"), "approval")
    assert (task.priority, str(task.due), task.properties) == (
        70,
        "2026-04-01 09:00:00+00:00",
        {"colour": "red"},
    )


def test_camunda_8s_script_is_feel() -> None:
    inside = extended('<z:script expression="= n * 2" resultVariable="m"/>')

    assert Run(drawn(_START + element("scriptTask", "a", inside)), n=4).step.variables["m"] == 8


def test_camunda_8s_conditions_are_feel_behind_a_sign() -> None:
    body = _START + element("exclusiveGateway", "x", default="x_b") + user("a") + user("b")

    assert Run(diagram(body, "s -> x\nx -> a: = n > 1\nx -> b"), n=2).tasks == ["a"]


def test_camunda_8s_loop_is_over_its_collection() -> None:
    loop = extended('<z:loopCharacteristics inputCollection="= names" inputElement="name"/>')
    inside = f"<bpmn:multiInstanceLoopCharacteristics>{loop}</bpmn:multiInstanceLoopCharacteristics>"
    content = drawn(_START + user("a", inside, camunda_assignee="= name"))

    run = Run(content, names=["ann", "ben"])

    assert sorted(str(task.assignee) for task in run.open.values()) == ["ann", "ben"]


_TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="n" namespace="n">'
    '<decision id="level" name="level"><literalExpression><text>{}</text></literalExpression></decision>'
    "</definitions>"
)


@pytest.mark.parametrize(("text", "value"), [("[3]", [3]), ("{a: 3}", {"a": 3}), ("3", 3)])
def test_camunda_8s_decision_is_given_as_it_is(text: str, value: object) -> None:
    inside = extended('<z:calledDecision decisionId="level" resultVariable="m"/>')
    content = drawn(_START + element("businessRuleTask", "a", inside))

    run = Run(content, tables={"t.dmn": _TABLE.format(text).encode()})

    assert run.step.variables["m"] == value


@pytest.mark.parametrize(
    ("words", "inner", "outer"),
    [
        pytest.param("", {"n": 1, "m": 2}, {"n": 1, "m": 2}, id="everything"),
        pytest.param('propagateAllChildVariables="false"', {"n": 1, "m": 2}, {"n": 1}, id="nothing back"),
        pytest.param('propagateAllParentVariables="false"', {"m": 2}, {"n": 1, "m": 2}, id="nothing on"),
    ],
)
def test_camunda_8s_call_hands_on_everything_unless_it_says_otherwise(
    words: str, inner: dict[str, int], outer: dict[str, int]
) -> None:
    called = diagram(
        _START + script("w", "2", "m") + element("userTask", "b", camunda_formKey="= string(n)"),
        "s -> w\nw -> b",
        "inner",
    )
    calling = drawn(
        _START + element("callActivity", "a", extended(f'<z:calledElement processId="inner" {words}/>'))
    )

    run = Run(calling, called, n=1)
    form = run.task("b").form
    run.complete("b")

    assert form == (str(inner["n"]) if "n" in inner else None)
    assert run.step.variables == outer


def _keyed(key: str, body: str = element("receiveTask", "a", messageRef="m")) -> bytes:
    said = extended(f'<z:subscription correlationKey="{key}"/>' if key else "<z:subscription/>")
    return drawn(_START + body, before=f'<bpmn:message id="m" name="m">{said}</bpmn:message>')


def test_a_correlation_key_of_camunda_8_is_a_named_key_of_ours() -> None:
    content = _keyed("= order.number")

    [(name, message)] = found(content, "warning")
    assert name == "m"
    assert "'= order.number' is read as a property correlation.correlationKey" in message
    [waiting] = Run(content, order={"number": "A-7"}).step.subscriptions
    assert waiting.correlation == (("correlationKey", "A-7", "correlationKey"),)


def test_a_key_of_our_own_goes_before_that_of_camunda_8() -> None:
    own = '<bpmn:extensionElements><camunda:properties><camunda:property name="correlation.correlationKey"'
    own += ' value="mine"/></camunda:properties></bpmn:extensionElements>'
    content = _keyed("= n", element("receiveTask", "a", own, messageRef="m"))

    assert Run(content, n=1).step.subscriptions[0].correlation == (
        ("correlationKey", "mine", "correlationKey"),
    )


def test_a_correlation_key_that_is_no_feel_is_refused_where_it_is_caught() -> None:
    assert [element for element, _ in found(_keyed("= 1 +"), "error")] == ["a"]


def test_a_message_of_camunda_8_without_a_key_says_so() -> None:
    [(name, message)] = found(_keyed(""), "warning")

    assert name == "m"
    assert message.startswith("has no correlation key")


def test_what_begins_a_process_of_camunda_8_wants_no_key() -> None:
    said = extended('<z:subscription correlationKey="= n"/>')
    start = element("startEvent", "s", '<bpmn:messageEventDefinition messageRef="m"/>')
    content = drawn(start + user("a"), before=f'<bpmn:message id="m" name="m">{said}</bpmn:message>')

    assert not found(content, "error")
    assert Run(content, message="m").tasks == ["a"]


@pytest.mark.parametrize(
    ("inside", "word"),
    [
        pytest.param("<z:taskHeaders/>", "taskHeaders", id="headers"),
        pytest.param('<z:taskDefinition type="x" more="y"/>', "taskDefinition", id="an unknown attribute"),
        pytest.param('<z:script expression="1" more="y"/>', "script", id="an unknown attribute of a script"),
        pytest.param('<z:calledElement processId="p" bindingType="x"/>', "calledElement", id="a binding"),
        pytest.param('<z:ioMapping><z:other target="x"/></z:ioMapping>', "ioMapping", id="another mapping"),
        pytest.param('<z:ioMapping><z:output target="x.y"/></z:ioMapping>', "ioMapping", id="part"),
        pytest.param('<z:loopCharacteristics inputCollection="x"/>', "loopCharacteristics", id="misplaced"),
    ],
)
def test_what_camunda_8_says_beyond_that_is_refused(inside: str, word: str) -> None:
    content = drawn(_START + element("task", "a", extended(inside)))

    assert found(content, "error") == [
        ("a", f"is drawn for zeebe, whose word {word!r} is not executed; use camunda: attributes")
    ]


def test_an_attribute_of_camunda_8s_is_refused_unless_it_is_for_its_modeler() -> None:
    body = element("task", "a", z_modelerTemplate="x", z_other="y").replace("z_", "z:")

    assert [message for _, message in found(drawn(_START + body), "error")] == [
        "is drawn for zeebe, whose word 'other' is not executed; use camunda: attributes"
    ]


# SpiffWorkflow


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        pytest.param("<p:instructionsForEndUser>hi</p:instructionsForEndUser>", "is not shown", id="shown"),
        pytest.param("<p:preScript> </p:preScript>", "nothing is done", id="an empty script"),
    ],
)
def test_what_spiffworkflow_shows_is_told(inside: str, told: str) -> None:
    content = drawn(_START + user("a", extended(inside)), spaces="p")

    assert [told in message for _, message in found(content, "warning")] == [True]
    assert found(content, "error") == []


def test_spiffworkflows_operator_is_a_handler_and_its_decision_a_table() -> None:
    service = element("serviceTask", "a", extended('<p:serviceTaskOperator id="http/Get"/>'))
    rule = element("businessRuleTask", "b", extended("<p:calledDecisionId>level</p:calledDecisionId>"))

    assert Run(drawn(_START + service, spaces="p")).called == ["http/Get"]
    assert found(drawn(_START + rule, "s -> b", spaces="p"), "error") == [
        ("b", "no table here decides 'level'")
    ]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(user("a", extended("<p:preScript>x = 1</p:preScript>")), id="a script before"),
        pytest.param(
            element(
                "serviceTask",
                "a",
                extended('<p:serviceTaskOperator id="x"><p:parameters/></p:serviceTaskOperator>'),
            ),
            id="parameters",
        ),
        pytest.param(element("scriptTask", "a", "<bpmn:script>x = 1</bpmn:script>"), id="a script"),
    ],
)
def test_spiffworkflows_scripts_are_python(body: str) -> None:
    assert found(drawn(_START + body, spaces="p"), "error") == [
        ("a", "scripts are FEEL; python is not executed")
    ]


@pytest.mark.parametrize(
    ("condition", "is_read"),
    [
        pytest.param("n > 1", True, id="what both read"),
        pytest.param("n == 1", False, id="what FEEL does not read"),
        pytest.param("n != None", False, id="a word of Python's"),
        pytest.param("n in names", False, id="a word that means something else"),
    ],
)
def test_spiffworkflows_conditions_are_python_unless_feel_reads_them(condition: str, is_read: bool) -> None:
    content = drawn(_START + user("a"), f"s -> a: {condition}", spaces="p")

    assert found(content, "error") == (
        [] if is_read else [("s_a", "conditions are FEEL; python is not executed")]
    )


def test_a_word_of_spiffworkflows_that_changes_what_is_done_is_refused() -> None:
    content = drawn(_START + user("a", extended("<p:variableName>x</p:variableName>")), spaces="p")

    assert [message for _, message in found(content, "error")] == [
        "is drawn for SpiffWorkflow, whose word 'variableName' is not executed; use camunda: attributes"
    ]


# jBPM


def _assigned(name: str, text: str) -> str:
    return (
        f'<bpmn:ioSpecification><bpmn:dataInput id="in_{name}" name="{name}"/></bpmn:ioSpecification>'
        f"<bpmn:dataInputAssociation><bpmn:assignment><bpmn:from>{text}</bpmn:from>"
        f"<bpmn:to>in_{name}</bpmn:to></bpmn:assignment></bpmn:dataInputAssociation>"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("firstLine", "firstLine", id="a text, not a variable of that name"),
        pytest.param("two words", "two words", id="two words"),
        pytest.param("#{order.kind}", "large", id="a part of a variable"),
    ],
)
def test_what_jbpm_assigns_is_text_unless_it_is_marked(text: str, value: str) -> None:
    content = drawn(_START + user("a", _assigned("Level", text)), spaces="d")

    task = Run(content, firstLine="wrong", order={"kind": "large"}).task("a")

    assert task.inputs == {"Level": value}
    assert [
        message.split("'")[1] for key, message in found(content, "warning") if "is read as" in message
    ] == ["Level"]


@pytest.mark.parametrize(
    ("name", "text", "people"),
    [
        pytest.param("GroupId", "managers", ((), ("managers",)), id="a group"),
        pytest.param("ActorId", "#{who}", (("ann",), ()), id="a person in a variable"),
    ],
)
def test_whom_jbpm_assigns_may_do_the_task(
    name: str, text: str, people: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    task = Run(drawn(_START + user("a", _assigned(name, text)), spaces="d"), who="ann").task("a")

    assert (task.candidate_users, task.candidate_groups) == people


def test_what_jbpm_computes_is_refused() -> None:
    content = drawn(_START + user("a", _assigned("Level", "#{a.b()}")), spaces="d")

    assert [key for key, _ in found(content, "error")] == ["a"]


# Messages, signals and errors without names


def test_both_ends_of_a_message_flow_mean_one_message() -> None:
    content = _two_pools('<bpmn:messageFlow id="f" name="order" sourceRef="t" targetRef="s2"/>')

    run = Run(content, process="p")
    other = Run(content, process="q", message="order")

    assert [(each.kind, each.name) for each in run.sent] == [("message", "order")]
    assert other.step.finished is not None
    assert {key for key, message in found(content, "warning") if "message flow 'order'" in message} == {
        "t",
        "s2",
    }


def test_a_message_flow_takes_the_name_of_the_end_that_has_one() -> None:
    flows = (
        '<bpmn:messageFlow id="f" name="order" sourceRef="t" targetRef="s2"/>'
        '<bpmn:messageFlow id="g" sourceRef="elsewhere" targetRef="s2" messageRef="m"/>'
    )
    content = _two_pools(flows, '<bpmn:message id="m" name="go"/>')

    assert [each.name for each in Run(content, process="p").sent] == ["go"]


def _two_pools(flows: str, before: str = "") -> bytes:
    definition = "<bpmn:messageEventDefinition/>"
    throwing = element("sendTask", "t")
    other = (
        '<bpmn:process id="q" isExecutable="true">'
        + element("startEvent", "s2", definition)
        + "</bpmn:process>"
        + f'<bpmn:collaboration id="c">{flows}</bpmn:collaboration>'
    )
    content = diagram(_START + throwing, "s -> t", before=before)
    return content.replace(b"</bpmn:definitions>", f"{other}</bpmn:definitions>".encode())


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_what_is_caught_without_a_name_is_named_by_its_element(kind: str) -> None:
    body = _START + element("intermediateCatchEvent", "a", f"<bpmn:{kind}EventDefinition/>") + user("b")
    content = diagram(body, "s -> a\na -> b")

    run = Run(content)
    getattr(run, kind)("a")

    assert run.tasks == ["b"]
    assert ("a", f"names no {kind}: its id 'a' stands for one") in found(content, "warning")


def test_a_receive_task_without_a_message_awaits_one_of_its_own_name() -> None:
    run = Run(diagram(_START + element("receiveTask", "a") + user("b"), "s -> a\na -> b"))

    run.message("a")

    assert run.tasks == ["b"]


@pytest.mark.parametrize(
    ("definition", "before"),
    [
        pytest.param("<bpmn:errorEventDefinition/>", "", id="no error"),
        pytest.param('<bpmn:errorEventDefinition errorRef="x"/>', '<bpmn:error id="x"/>', id="no code"),
    ],
)
def test_an_error_without_a_code_is_caught_as_any(definition: str, before: str) -> None:
    inner = element(
        "subProcess", "q", element("startEvent", "i") + element("endEvent", "e", definition)
    ).replace(
        "</bpmn:subProcess>", '<bpmn:sequenceFlow id="i_e" sourceRef="i" targetRef="e"/></bpmn:subProcess>'
    )
    body = _START + inner + boundary("b", "q", definition) + user("u")
    content = diagram(body, "s -> q\nb -> u", before=before)

    assert Run(content).tasks == ["u"]
    assert any(key == "e" and "names no error" in message for key, message in found(content, "warning"))


def test_an_error_with_a_code_keeps_it() -> None:
    body = _START + element("endEvent", "e", '<bpmn:errorEventDefinition errorRef="x"/>')
    content = diagram(body, "s -> e", before='<bpmn:error id="x" errorCode="late"/>')

    assert "late" in Run(content).incidents[0].message


def test_an_escalation_without_a_code_is_caught_as_any() -> None:
    definition = "<bpmn:escalationEventDefinition/>"
    flow = '<bpmn:sequenceFlow id="i_e" sourceRef="i" targetRef="e"/>'
    inner = element(
        "subProcess", "q", element("startEvent", "i") + element("endEvent", "e", definition) + flow
    )
    content = diagram(_START + inner + boundary("b", "q", definition) + user("u"), "s -> q\nb -> u")

    assert Run(content).tasks == ["u"]
    assert any(key == "e" and "names no escalation" in message for key, message in found(content, "warning"))


def test_a_path_into_no_message_is_refused() -> None:
    path = '<bpmn:correlationPropertyRetrievalExpression id="r"><bpmn:messagePath>x</bpmn:messagePath>'
    before = (
        f'<bpmn:correlationProperty id="c">{path}</bpmn:correlationPropertyRetrievalExpression>'
        "</bpmn:correlationProperty>"
    )

    assert ("c", "names no messageRef") in found(diagram(_START, "", before=before), "error")
