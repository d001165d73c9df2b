"""Where variables live: in the process, in a call, in an activity for as long as it lasts."""

from __future__ import annotations

import pytest

from tests.workflows.building import Run, boundary, diagram, element, script, service, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")


def _parameters(inputs: str = "", outputs: str = "", more: str = "") -> str:
    return (
        "<bpmn:extensionElements><camunda:inputOutput>"
        + "".join(
            f'<camunda:{way} name="{each.split("=", 1)[0]}">{each.split("=", 1)[1]}</camunda:{way}>'
            for way, texts in (("inputParameter", inputs), ("outputParameter", outputs))
            for each in filter(None, texts.split(";"))
        )
        + f"</camunda:inputOutput>{more}</bpmn:extensionElements>"
    )


def _inside(*elements: str, flows: str) -> str:
    arrows = (flow.split(">") for flow in flows.split())
    return (
        element("startEvent", "is")
        + "".join(elements)
        + "".join(f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in arrows)
    )


def test_the_inputs_of_a_subprocess_are_seen_inside_and_gone_after_it() -> None:
    inner = _inside(script("t", "rate * 2", "found"), user("u"), flows="is>t t>u")
    body = _START + element("subProcess", "q", _parameters("rate== base + 1") + inner) + user("after")
    run = Run(diagram(body, "s -> q\nq -> after"), base=1)
    assert run.tasks == ["u"]

    run.complete("u", rate=9)

    assert run.variables == {"base": 1, "found": 4}


def test_a_subprocess_in_a_subprocess_sees_the_inputs_of_both() -> None:
    innermost = _inside(script("t", "x + y", "sum"), user("u"), flows="is>t t>u")
    middle = (
        element("startEvent", "ms")
        + element("subProcess", "q2", _parameters("y=2").replace(">2<", ">= 2<") + innermost)
        + '<bpmn:sequenceFlow id="m" sourceRef="ms" targetRef="q2"/>'
    )
    body = _START + element("subProcess", "q1", _parameters("x== 1") + middle)

    run = Run(diagram(body, "s -> q1"))

    assert run.variables == {"sum": 3}


def test_the_outputs_of_a_subprocess_are_told_from_its_own_variables() -> None:
    inner = _inside(script("t", "rate * 2", "rate"), flows="is>t")
    body = _START + element("subProcess", "q", _parameters("rate== 4", "result== rate") + inner) + user("u")

    run = Run(diagram(body, "s -> q\nq -> u"))

    assert run.variables == {"result": 8}


def test_a_message_goes_past_the_inputs_of_the_task_that_awaits_it() -> None:
    body = _START + element("receiveTask", "r", _parameters("note== 1"), messageRef="m") + user("u")
    run = Run(diagram(body, "s -> r\nr -> u", before='<bpmn:message id="m" name="paid"/>'))

    run.message("paid", note="thanks")

    assert run.variables == {"note": "thanks"}


def test_outputs_choose_what_a_message_leaves() -> None:
    task = element("receiveTask", "r", _parameters(outputs="total== amount * 2"), messageRef="m")
    run = Run(
        diagram(_START + task + user("u"), "s -> r\nr -> u", before='<bpmn:message id="m" name="paid"/>')
    )

    run.message("paid", amount=21)

    assert run.variables == {"total": 42}
    assert [event.kind for event in run.events if event.element == "r"] == ["entered", "caught", "completed"]


def test_an_answer_may_go_whole_into_one_variable() -> None:
    task = service("m", _parameters("x== 1", "total== receipt.sum"), camunda_resultVariable="receipt")
    run = Run(diagram(_START + task + user("u"), "s -> m\nm -> u"))

    run.answer("do.it", sum=5)

    assert run.variables == {"receipt": {"sum": 5}, "total": 5}


def test_what_a_call_gives_back_goes_past_the_inputs_of_the_call() -> None:
    more = '<camunda:in source="x" target="x"/><camunda:out source="x" target="x"/>'
    caller = (
        _START
        + element("callActivity", "c", _parameters("x== 1", more=more), calledElement="child")
        + user("u")
    )
    child = diagram(_START + script("t", "x + 1", "x"), "s -> t", process="child")

    run = Run(diagram(caller, "s -> c\nc -> u"), child)

    assert run.variables == {"x": 2}


def test_a_variable_that_a_call_never_set_stays_as_it_was() -> None:
    more = '<camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:out source="y" target="x"/>'
    caller = _START + element("callActivity", "c", _parameters(more=more), calledElement="child") + user("u")
    child = diagram(_START + element("task", "t"), "s -> t", process="child")

    run = Run(diagram(caller, "s -> c\nc -> u"), child, x=1)

    assert run.variables == {"x": 1}


def test_parallel_branches_share_the_variables_of_their_process() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + script("t", "2", "x")
        + script("v", "x + 1", "y")
        + user("u")
    )

    run = Run(diagram(body, "s -> f\nf -> t\nf -> v\nt -> u"), x=1)

    assert run.variables["x"] == 2


def test_a_map_of_parameters_is_evaluated_inside() -> None:
    value = (
        '<camunda:map><camunda:entry key="a">= x + 1</camunda:entry>'
        '<camunda:entry key="b">text</camunda:entry></camunda:map>'
    )
    run = Run(diagram(_START + service("m", _parameters(f"all={value}")), "s -> m"), x=1)

    assert run.step.calls[0].inputs == {"all": {"a": "2", "b": "text"}}


def test_an_error_tells_its_code_and_message_to_the_variables_that_are_named() -> None:
    definition = (
        '<bpmn:errorEventDefinition camunda:errorCodeVariable="code" camunda:errorMessageVariable="why"/>'
    )
    body = _START + service("m") + boundary("b", "m", definition) + user("u")
    run = Run(diagram(body, "s -> m\nb -> u"))

    run.fail("do.it", "stock.short", missing=3)

    assert run.variables == {"code": "stock.short", "why": "why stock.short", "missing": 3}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        pytest.param("camunda_assignee", "= who", id="an assignee"),
        pytest.param("camunda_assignee", "${who}", id="a translated one"),
        pytest.param("camunda_formKey", "= who", id="a form"),
    ],
)
def test_a_word_of_a_user_task_may_be_an_expression(attribute: str, value: str) -> None:
    task = Run(diagram(_START + user("a", **{attribute: value}), "s -> a"), who="kim").task("a")

    assert "kim" in (task.assignee, task.form)


@pytest.mark.parametrize(
    ("attribute", "value", "reason"),
    [
        pytest.param(
            "camunda_candidateUsers", "= [&quot;kim&quot;, null]", "holds null", id="nobody among people"
        ),
        pytest.param("camunda_priority", "= who", "is no number", id="a priority that is a name"),
        pytest.param("camunda_priority", "= 2147483648", "is no number", id="a priority beyond 32 bits"),
        pytest.param("camunda_priority", "= 9e6144", "is no number", id="a priority beyond all bounds"),
        pytest.param("camunda_followUpDate", "= who", "followUpDate kim", id="a date that is a name"),
    ],
)
def test_a_word_that_has_no_sense_is_an_incident(attribute: str, value: str, reason: str) -> None:
    run = Run(diagram(_START + user("a", **{attribute: value}), "s -> a"), who="kim")

    assert run.tasks == []
    assert reason in run.incidents[0].message


def test_lists_and_maps_of_a_parameter_may_stand_inside_each_other() -> None:
    nested = (
        "<camunda:list><camunda:list><camunda:value>a</camunda:value><camunda:value>= 1 + 1</camunda:value>"
        '</camunda:list><camunda:map><camunda:entry key="k"><camunda:list><camunda:value>b</camunda:value>'
        '</camunda:list></camunda:entry><camunda:entry key="n">= 3</camunda:entry></camunda:map>'
        "<camunda:value>c</camunda:value></camunda:list>"
    )

    run = Run(diagram(_START + user("a", _parameters(f"x={nested}")), "s -> a"))

    assert run.task("a").inputs == {"x": [["a", "2"], {"k": ["b"], "n": "3"}, "c"]}


def test_a_value_without_a_name_for_it_goes_nowhere() -> None:
    nameless = script("t", "1 + 1", "x").replace('camunda:resultVariable="x"', "")

    run = Run(diagram(_START + nameless + user("a"), "s -> t\nt -> a"))

    assert (run.tasks, run.variables) == (["a"], {})


def test_an_output_is_written_past_an_input_of_the_same_name() -> None:
    body = _START + script("t", "n + 1", "n").replace(
        "<bpmn:script>", _parameters("n== 1", "n== n") + "<bpmn:script>"
    )
    run = Run(diagram(body + user("u"), "s -> t\nt -> u"), n=40)

    assert run.variables == {"n": 2}
