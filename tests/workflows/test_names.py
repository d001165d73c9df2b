"""How messages and signals are found: by computed names, and by a call's own business key."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import Run, boundary, diagram, element, event_sub, sub, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_DECLARED = (
    '<bpmn:message id="m" name="paid-${number}"/><bpmn:signal id="g" name="= &quot;alarm-&quot; + floor"/>'
)
_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
_SIGNAL = '<bpmn:signalEventDefinition signalRef="g"/>'


@pytest.mark.parametrize(
    ("body", "flows"),
    [
        pytest.param(element("intermediateCatchEvent", "w", _MESSAGE), "s -> w\nw -> x", id="an event"),
        pytest.param(element("receiveTask", "w", messageRef="m"), "s -> w\nw -> x", id="a task"),
        pytest.param(user("a") + boundary("w", "a", _MESSAGE), "s -> a\nw -> x", id="a boundary event"),
    ],
)
def test_a_computed_name_is_awaited_as_it_was_when_the_wait_began(body: str, flows: str) -> None:
    run = Run(diagram(_START + body + user("x"), flows, before=_DECLARED), number=7)
    assert [each.name for each in run.step.subscriptions] == ["paid-7"]

    run.change(number=8)
    with pytest.raises(workflows.NotAwaitedError):
        run.message("paid-8")
    run.message("paid-7")

    assert run.tasks == ["x"]


def test_an_event_subprocess_awaits_a_computed_name_too() -> None:
    inside = event_sub("es", _SIGNAL, user("x"), "es_start -> x")
    run = Run(diagram(_START + user("a") + inside, "s -> a", before=_DECLARED), floor="2")

    run.signal("alarm-2")

    assert run.tasks == ["x"]


def test_a_computed_name_is_sent_as_it_is_then() -> None:
    body = (
        _START
        + element("intermediateThrowEvent", "one", _MESSAGE)
        + element("sendTask", "two", messageRef="m")
        + element("endEvent", "three", _SIGNAL)
    )
    run = Run(diagram(body, "s -> one\none -> two\ntwo -> three", before=_DECLARED), number=7, floor="2")

    assert [(each.kind, each.name) for each in run.sent] == [
        ("message", "paid-7"),
        ("message", "paid-7"),
        ("signal", "alarm-2"),
    ]


def test_a_name_that_is_none_is_an_incident_until_it_is_one() -> None:
    body = _START + element("intermediateCatchEvent", "w", _SIGNAL) + user("x")
    run = Run(diagram(body, "s -> w\nw -> x", before=_DECLARED))
    assert run.stuck == ["w"]
    assert "gives None" in run.incidents[0].message

    run.retry(floor="3")
    run.signal("alarm-3")

    assert run.tasks == ["x"]


@pytest.mark.parametrize("definition", [_MESSAGE, _SIGNAL])
def test_nothing_is_known_when_a_process_starts(definition: str) -> None:
    content = diagram(element("startEvent", "s", definition) + user("a"), "s -> a", before=_DECLARED)

    found = workflows.check({"p.bpmn": content}, {})

    assert any(f.element == "s" and "no computed name" in f.message for f in found if f.severity == "error")


def _calling(mapping: str) -> tuple[bytes, bytes]:
    mapped = f"<bpmn:extensionElements>{mapping}</bpmn:extensionElements>"
    call = element("callActivity", "c", mapped, calledElement="child")
    inner = element("startEvent", "s2") + element("endEvent", "out", _MESSAGE)
    body = (
        element("startEvent", "s1")
        + sub("sp", inner, "s2 -> out")
        + element("intermediateCatchEvent", "w", _MESSAGE)
    )
    plain = '<bpmn:message id="m" name="paid"/>'
    child = diagram(body, "s1 -> sp\nsp -> w", process="child", before=plain)
    return diagram(_START + call + element("endEvent", "e"), "s -> c\nc -> e"), child


@pytest.mark.parametrize(
    ("mapping", "sent", "awaited"),
    [
        pytest.param("", "key", None, id="nothing said"),
        pytest.param('<camunda:in businessKey="${execution.processBusinessKey}"/>', "key", None, id="kept"),
        pytest.param('<camunda:in businessKey="= &quot;p-&quot; + part"/>', "p-7", "p-7", id="its own"),
        pytest.param('<camunda:in businessKey="P-1"/>', "P-1", "P-1", id="a text"),
    ],
)
def test_a_called_process_may_have_a_business_key_of_its_own(
    mapping: str, sent: str, awaited: str | None
) -> None:
    run = Run(*_calling(mapping), part="7")

    assert [each.correlation["business_key"] for each in run.sent] == [sent]
    assert [each.business_key for each in run.step.subscriptions] == [awaited]
    run.advance(days=1)
    assert [each.business_key for each in run.step.subscriptions] == [awaited]


def test_a_business_key_that_is_none_is_an_incident() -> None:
    run = Run(*_calling('<camunda:in businessKey="= nix"/>'))

    assert run.stuck == ["c"]
    assert "business key" in run.incidents[0].message
