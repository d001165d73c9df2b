"""Conditional events, links and escalations."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import (
    Run,
    boundary,
    condition,
    diagram,
    element,
    event_sub,
    script,
    sub,
    timer,
    user,
)

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_ESCALATION = (
    '<bpmn:escalation id="es" escalationCode="LATE"/><bpmn:escalation id="any" escalationCode="OTHER"/>'
)
_LATE = '<bpmn:escalationEventDefinition escalationRef="es"/>'


def test_an_intermediate_condition_waits_until_it_holds() -> None:
    body = _START + element("intermediateCatchEvent", "c", condition("amount &gt; 5")) + user("a")
    run = Run(diagram(body, "s -> c\nc -> a"))
    assert run.tasks == []

    run.change(amount=5)
    assert run.tasks == []
    run.change(other=6)
    run.change(amount=6)

    assert run.tasks == ["a"]


def test_one_that_holds_already_goes_on_at_once() -> None:
    body = _START + element("intermediateCatchEvent", "c", condition("amount &gt; 5")) + user("a")

    assert Run(diagram(body, "s -> c\nc -> a"), amount=7).tasks == ["a"]


def _beside(definition: str, interrupting: bool) -> bytes:
    body = _START + user("a") + boundary("c", "a", definition, interrupting) + user("x")
    return diagram(body, "s -> a\nc -> x")


def test_a_boundary_condition_ends_its_task_or_not() -> None:
    run = Run(_beside(condition("amount &gt; 5"), True))
    run.change(amount=6)
    assert run.tasks == ["x"]

    run = Run(_beside(condition("amount &gt; 5"), False))
    run.change(amount=6)
    assert run.tasks == ["a", "x"]


def test_each_change_counts_while_the_condition_holds() -> None:
    run = Run(_beside(condition("amount &gt; 5"), False))

    run.change(amount=6)
    run.change(amount=7)
    run.change(note="not read by the condition")
    run.change(amount=1)

    assert run.tasks == ["a", "x", "x"]


def test_only_the_named_variable_and_kind_of_change_count() -> None:
    words = {"camunda_variableName": "note", "camunda_variableEvents": "update"}
    run = Run(_beside(condition("amount &gt; 5", **words), False), amount=6)
    assert run.tasks == ["a", "x"]  # it holds when the wait begins

    run.change(amount=7)
    run.change(note="created")
    assert run.tasks == ["a", "x"]
    run.change(note="changed")

    assert run.tasks == ["a", "x", "x"]


def test_a_completion_is_not_overtaken_by_its_own_result() -> None:
    body = _START + user("a") + boundary("c", "a", condition("done")) + user("x") + user("b")
    run = Run(diagram(body, "s -> a\na -> b\nc -> x"))

    run.complete("a", done=True)

    assert run.tasks == ["b"]


def test_what_another_branch_computes_is_seen_at_once() -> None:
    body = (
        _START
        + element("parallelGateway", "g")
        + user("a")
        + boundary("c", "a", condition("total = 3"))
        + user("x")
        + script("n", "1 + 2", "total")
    )
    run = Run(diagram(body, "s -> g\ng -> a\ng -> n\nc -> x"))

    assert run.tasks == ["x"]


def test_a_condition_that_is_no_condition_is_an_incident_and_waits_again() -> None:
    run = Run(_beside(condition("amount"), True))
    run.change(amount=6)
    assert run.stuck == ["c"]
    run.change(amount=7)
    assert len(run.incidents) == 1

    run.retry(amount=True)

    assert run.tasks == ["x"]


def test_a_condition_whose_path_makes_it_true_again_is_an_incident_and_no_endless_loop() -> None:
    body = _START + user("a") + boundary("c", "a", condition("n &gt; 0"), False) + script("x", "n + 1", "n")
    run = Run(diagram(body, "s -> a\nc -> x"))

    run.change(n=1)

    assert "10000 steps" in run.incidents[0].message
    assert run.tasks == ["a"]


def test_a_local_variable_of_elsewhere_is_no_change() -> None:
    inputs = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="amount">= 9</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    inner = sub("sp", inputs + element("startEvent", "s2") + script("n", "amount + 1", "amount"), "s2 -> n")
    body = (
        _START
        + element("parallelGateway", "g")
        + user("a")
        + boundary("c", "a", condition("amount &gt; 5"), False)
        + user("x")
        + inner
    )

    run = Run(diagram(body, "s -> g\ng -> a\ng -> sp\nc -> x"))

    assert run.tasks == ["a"]


def test_an_event_gateway_may_wait_for_a_condition() -> None:
    body = (
        _START
        + element("eventBasedGateway", "g")
        + element("intermediateCatchEvent", "c", condition("ready"))
        + element("intermediateCatchEvent", "t", timer(timeDuration="P1D"))
        + user("a")
        + user("b")
    )
    run = Run(diagram(body, "s -> g\ng -> c\ng -> t\nc -> a\nt -> b"))

    run.change(ready=True)
    run.advance(days=2)

    assert run.tasks == ["a"]


def test_a_link_goes_on_where_it_is_caught() -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    body = (
        _START
        + user("a")
        + element("intermediateThrowEvent", "out", link)
        + element("intermediateThrowEvent", "out2", link)
        + element("intermediateCatchEvent", "in", link)
        + element("inclusiveGateway", "g")
        + user("b")
        + element("inclusiveGateway", "j")
        + user("z")
    )
    run = Run(diagram(body, "s -> g\ng -> a\ng -> b\na -> out\nin -> j\nb -> j\nj -> z"))
    assert run.tasks == ["a", "b"]

    run.complete("b")
    assert run.tasks == ["a"]  # the join waits for what comes by the link
    run.complete("a")

    assert run.tasks == ["z"]


def _escalating(outside: str, flows: str, end: str = "intermediateThrowEvent") -> bytes:
    inside = element("startEvent", "s2") + user("i") + element(end, "up", _LATE) + user("k")
    after = "\nup -> k" if end == "intermediateThrowEvent" else ""
    body = _START + sub("sp", inside, "s2 -> i\ni -> up" + after) + outside + user("z")
    return diagram(body, "s -> sp\nsp -> z\n" + flows, before=_ESCALATION)


def test_an_escalation_is_caught_beside_its_subprocess_which_goes_on() -> None:
    caught = '<bpmn:escalationEventDefinition escalationRef="es" camunda:escalationCodeVariable="code"/>'
    run = Run(_escalating(boundary("b", "sp", caught, False) + user("x"), "b -> x"))

    run.complete("i")

    assert run.tasks == ["k", "x"]
    assert run.variables["code"] == "LATE"


@pytest.mark.parametrize("end", ["intermediateThrowEvent", "endEvent"])
def test_an_interrupting_one_ends_it(end: str) -> None:
    run = Run(
        _escalating(boundary("b", "sp", "<bpmn:escalationEventDefinition/>") + user("x"), "b -> x", end)
    )

    run.complete("i")

    assert run.tasks == ["x"]


def test_one_of_another_code_is_not_caught_and_stands_in_the_history() -> None:
    other = '<bpmn:escalationEventDefinition escalationRef="any"/>'
    run = Run(_escalating(boundary("b", "sp", other) + user("x"), "b -> x"))

    run.complete("i")

    assert run.tasks == ["k"]
    thrown = next(event for event in run.events if event.kind == "thrown")
    assert thrown.detail == {"escalation": "LATE", "is_caught": False}


def test_an_event_subprocess_catches_it_too() -> None:
    run = Run(_escalating(event_sub("es1", _LATE, user("x"), "es1_start -> x", False), ""))

    run.complete("i")

    assert run.tasks == ["k", "x"]


@pytest.mark.parametrize(
    ("body", "named", "reason"),
    [
        pytest.param(
            element("intermediateThrowEvent", "a", '<bpmn:linkEventDefinition name="L"/>'),
            "a",
            "no event here catches",
            id="a link to nowhere",
        ),
        pytest.param(
            element("intermediateCatchEvent", "b", '<bpmn:linkEventDefinition name="L"/>')
            + element("intermediateCatchEvent", "c", '<bpmn:linkEventDefinition name="L"/>')
            + user("a"),
            "b",
            "caught twice",
            id="a link to two places",
        ),
        pytest.param(
            element("intermediateCatchEvent", "a", condition("x", camunda_variableEvents="rename")),
            "a",
            "not rename",
            id="an unknown change",
        ),
        pytest.param(
            element("eventBasedGateway", "a")
            + element("intermediateCatchEvent", "b", '<bpmn:linkEventDefinition name="L"/>')
            + '<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b"/>',
            "a",
            "catching events",
            id="a link behind an event gateway",
        ),
        pytest.param(element("endEvent", "a", _LATE), "a", "", id="an escalation that ends is fine"),
    ],
)
def test_what_is_drawn_wrong_is_named(body: str, named: str, reason: str) -> None:
    content = diagram(_START + body, "s -> a", before=_ESCALATION)

    found = [
        (f.element, f.message) for f in workflows.check({"p.bpmn": content}, {}) if f.severity == "error"
    ]

    if reason:
        assert any(element_ == named and reason in message for element_, message in found), found
    else:
        assert found == []


def test_a_change_that_never_comes_is_warned_of() -> None:
    content = _beside(condition("x", camunda_variableEvents="create, delete"), True)

    assert any("never deleted" in f.message for f in workflows.check({"p.bpmn": content}, {}))


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_what_leaves_a_call_hands_out_what_the_call_maps(kind: str) -> None:
    declared = f'<bpmn:{kind} id="code" {kind}Code="X"/>'
    definition = f'<bpmn:{kind}EventDefinition {kind}Ref="code"/>'
    child = diagram(
        _START
        + sub(
            "sp",
            element("startEvent", "s2") + user("i") + element("endEvent", "up", definition),
            "s2 -> i\ni -> up",
        ),
        "s -> sp",
        process="child",
        before=declared,
    )
    mapped = '<bpmn:extensionElements><camunda:out source="n" target="found"/></bpmn:extensionElements>'
    call = element("callActivity", "c", mapped, calledElement="child")
    body = _START + call + boundary("b", "c", definition) + user("x") + user("z")
    run = Run(diagram(body, "s -> c\nc -> z\nb -> x", before=declared), child)

    run.complete("i", n=3)

    assert run.tasks == ["x"]
    assert run.variables == {"found": 3}


def test_two_that_catch_the_same_are_refused() -> None:
    twice = boundary("b", "a", _LATE) + boundary("c", "a", _LATE)
    beside = event_sub("e1", _LATE, "", "", False) + event_sub("e2", _LATE, "", "", False)
    content = diagram(_START + user("a") + twice + beside, "s -> a", before=_ESCALATION)

    found = [f.element for f in workflows.check({"p.bpmn": content}, {}) if "catches the same" in f.message]

    assert found == ["c", "e2_start"]


def test_of_two_conditions_that_hold_at_once_the_first_may_end_the_wait_for_the_other() -> None:
    body = _START + user("a") + boundary("b1", "a", condition("x")) + boundary("b2", "a", condition("x"))
    run = Run(diagram(body + user("b") + user("c"), "s -> a\nb1 -> b\nb2 -> c"), x=False)

    run.change(x=True)

    assert run.tasks == ["b"]


def test_who_begins_to_wait_within_a_step_is_heard_in_it_and_who_is_gone_is_not() -> None:
    body = _START + user("a") + boundary("c", "a", condition("n &gt; 0")) + script("x", "9", "m")
    body += boundary("gone", "a", condition("m &gt; 5")) + user("never")
    body += user("b") + boundary("d", "b", condition("n &gt; 5")) + user("z")
    run = Run(diagram(body, "s -> a\nc -> x\ngone -> never\nx -> b\nd -> z"))

    run.change(n=1)
    assert run.tasks == ["b"]
    run.change(n=6)

    assert run.tasks == ["z"]


def test_more_elements_than_anybody_means_are_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.instance.WHOLE", 20)
    body = _START + "".join(script(f"x{number}", "1", "n") for number in range(30)) + user("a")
    flows = "s -> x0\n" + "\n".join(f"x{number} -> x{number + 1}" for number in range(29)) + "\nx29 -> a"

    run = Run(diagram(body, flows))

    assert "20 elements" in run.incidents[0].message
