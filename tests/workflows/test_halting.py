"""What is not executed in a diagram of others halts whoever comes there, by the words of its finding."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import Run, boundary, diagram, element, script, timer, user

_START = element("startEvent", "s")
_UNREADABLE = timer(timeDate="2026-01-31T09:00:00")
_OFFSET = "a moment needs an offset"
_NO_FEEL = "not FEEL"
_DRAWN = "<bpmn:extensionElements><camunda:{}/></bpmn:extensionElements>"


def _told(run: Run) -> list[tuple[str, str]]:
    return [(incident.element, incident.message) for incident in run.incidents]


def _conditional(*conditions: str) -> bytes:
    flows = "\n".join(f"x -> {key}: {text}" for key, text in zip("ab", conditions, strict=False))
    body = _START + element("exclusiveGateway", "x", default="x_c") + user("a") + user("b") + user("c")
    return diagram(body, f"s -> x\n{flows}\nx -> c")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(user("x", startQuantity="2"), "startQuantity='2' is not executed", id="a word"),
        pytest.param(
            element("adHocSubProcess", "x", element("scriptTask", "y", "<bpmn:script>hey = 1</bpmn:script>")),
            "adHocSubProcess is not executed yet",
            id="what nothing inside is read of",
        ),
        pytest.param(element("complexGateway", "x"), "complexGateway is not executed yet", id="a gateway"),
        pytest.param(
            element("serviceTask", "x", _DRAWN.format("connector")), "camunda:connector", id="a connector"
        ),
        pytest.param(
            element("callActivity", "x", camunda_caseRef="c"), "the case 'c' is not here", id="a case"
        ),
        pytest.param(
            element("callActivity", "x", _DRAWN.format("connector"), camunda_caseRef="c"),
            "camunda:connector",
            id="a case by a connector: the first that is found",
        ),
        pytest.param(script("x", "not done", "y"), _NO_FEEL, id="a script that is no FEEL"),
        pytest.param(element("intermediateCatchEvent", "x", _UNREADABLE), _OFFSET, id="a moment"),
        pytest.param(element("subProcess", "x"), "has nowhere to start", id="an empty subprocess"),
    ],
)
def test_an_element_that_is_not_executed_is_read_and_halts_who_comes_there(body: str, reason: str) -> None:
    content = diagram(_START + user("before") + body + user("after"), "s -> before\nbefore -> x\nx -> after")

    run = Run(content)
    assert run.tasks == ["before"]
    run.complete("before")

    ((where, why),) = _told(run)
    assert (where, reason in why) == ("x", True), why
    assert run.tasks == []
    run.retry()
    assert run.stuck == ["x"]
    run.do(workflows.skip, run.step.state, run.incidents.pop().key, "after", run.now)
    assert run.tasks == ["after"]


def test_an_event_that_cannot_be_read_halts_its_activity_before_it_does_anything() -> None:
    body = _START + user("work") + boundary("late", "work", _UNREADABLE) + user("other")

    run = Run(diagram(body, "s -> work\nlate -> other"))

    ((where, why),) = _told(run)
    assert (where, why.startswith("late: "), run.tasks) == ("work", True, [])


def test_a_compensation_that_is_associated_with_nothing_halts_what_it_would_undo() -> None:
    body = _START + script("book", "1", "x") + boundary("undo", "book", "<bpmn:compensateEventDefinition/>")

    run = Run(diagram(body, "s -> book"))

    ((where, why),) = _told(run)
    assert (where, why.split(":")[0]) == ("book", "undo")


@pytest.mark.parametrize("around", ["process", "subProcess"])
def test_an_event_subprocess_that_cannot_be_read_halts_its_scope_where_it_begins(around: str) -> None:
    event = element("subProcess", "es", element("startEvent", "i", _UNREADABLE), triggeredByEvent="true")
    inner = element("startEvent", "begin") + user("work") + event
    flow = '<bpmn:sequenceFlow id="f" sourceRef="begin" targetRef="work"/>'
    body = inner + flow if around == "process" else _START + element("subProcess", "q", inner + flow)

    run = Run(diagram(body, "" if around == "process" else "s -> q"))

    ((where, why),) = _told(run)
    assert (where, why.startswith("es: "), _OFFSET in why) == ("begin", True, True)


@pytest.mark.parametrize(
    ("conditions", "given", "tasks", "stuck"),
    [
        pytest.param(("n = 1", "not n"), {"n": 1}, ["a"], [], id="not asked"),
        pytest.param(("n = 1", "not n"), {"n": 2}, [], ["x"], id="asked"),
    ],
)
def test_a_condition_that_is_no_feel_halts_who_asks_it(
    conditions: tuple[str, ...], given: dict[str, int], tasks: list[str], stuck: list[str]
) -> None:
    run = Run(_conditional(*conditions), **given)

    assert (run.tasks, run.stuck) == (tasks, stuck)
    assert all(why.startswith("x_b: ") and _NO_FEEL in why for _, why in _told(run))


@pytest.mark.parametrize("gateway", ["exclusiveGateway", "inclusiveGateway"])
@pytest.mark.parametrize("ways", [("a",), ("a", "b")])
def test_a_default_flow_with_a_condition_halts_who_would_take_it(gateway: str, ways: tuple[str, ...]) -> None:
    body = _START + element(gateway, "x", default="x_a") + user("a") + user("b")
    conditions = {"a": "n = 1", "b": "n = 2"}

    run = Run(diagram(body, "s -> x\n" + "\n".join(f"x -> {key}: {conditions[key]}" for key in ways)), n=1)

    ((where, why),) = _told(run)
    assert (where, why.split(": ")[:2]) == ("x", ["x_a", why.split(": ")[1]])
    assert "is the default flow" in why


def test_a_gateway_that_asks_no_conditions_halts_where_one_of_its_flows_has_one() -> None:
    body = _START + element("parallelGateway", "x") + user("a") + user("b")

    run = Run(diagram(body, "s -> x\nx -> a: n > 1\nx -> b: n > 1"), n=2)

    assert _told(run) == [("x", "x_a: a parallelGateway knows no conditions")]


def test_a_jump_to_a_link_that_is_not_executed_halts_there_and_one_to_nowhere_where_it_starts() -> None:
    link = '<bpmn:linkEventDefinition name="{}"/>'
    words = _DRAWN.format("field")
    body = (
        _START
        + element("intermediateThrowEvent", "jump", link.format("over"))
        + element("intermediateCatchEvent", "land", words + link.format("over"))
        + element("intermediateThrowEvent", "fall", link.format("nowhere"))
        + user("a")
    )

    run = Run(diagram(body, "s -> jump\ns -> fall\nland -> a"))

    assert sorted(_told(run)) == [
        ("fall", "no event here catches the link 'nowhere'"),
        ("land", "camunda:field is not executed"),
    ]


def test_where_nobody_can_say_where_a_process_begins_it_halts() -> None:
    several = Run(diagram(user("a") + user("b"), ""))
    doubled = Run(diagram(_START + element("startEvent", "s2") + user("a"), "s -> a\ns2 -> a"))

    assert [where for where, _ in _told(several)] == ["a"]
    assert [where for where, _ in _told(doubled)] == ["s"]


def test_what_undoes_and_is_associated_with_nothing_is_no_beginning() -> None:
    body = user("undo", isForCompensation="true") + user("work")

    assert Run(diagram(body, "")).tasks == ["work"]


def test_a_pool_left_blank_beside_others_is_told_and_not_executed() -> None:
    blank = b'<bpmn:process id="blank" isExecutable="true"/></bpmn:definitions>'
    content = diagram(_START + user("a"), "s -> a").replace(b"</bpmn:definitions>", blank)

    findings = workflows.check({"p.bpmn": content}, {})

    assert [(f.severity, f.element, f.message) for f in findings] == [
        ("warning", "blank", "holds nothing, and is not executed")
    ]
    assert list(workflows.deploy({"p.bpmn": content}).processes) == ["p"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(element("serviceTask", "a", camunda_expression="${b.run(execution)}"), id="a service"),
        pytest.param(
            element("endEvent", "a", '<bpmn:messageEventDefinition camunda:expression="${b.run()}"/>'),
            id="an event",
        ),
    ],
)
def test_code_that_calls_a_method_is_refused_by_that(body: str) -> None:
    with pytest.raises(workflows.RefusedError) as refused:
        workflows.deploy({"p.bpmn": diagram(_START + body, "s -> a")})

    assert [(f.element, "calls a method" in f.message) for f in refused.value.findings] == [("a", True)]


def test_words_for_other_tools_and_empty_ones_change_nothing() -> None:
    inside = (
        "<bpmn:extensionElements><camunda:task-candidates-type>all</camunda:task-candidates-type>"
        "<spiff:variableName/></bpmn:extensionElements>"
    )
    content = diagram(_START + user("a", inside), "s -> a").replace(
        b"targetNamespace", b'xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace'
    )

    assert [f.severity for f in workflows.check({"p.bpmn": content}, {})] == ["warning", "warning"]
    assert Run(content).tasks == ["a"]
