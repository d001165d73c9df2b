"""Events: what time, messages, signals and errors do to an instance."""

from __future__ import annotations

from datetime import timedelta

import pytest

import workflows
from tests.workflows.building import NOW, Run, boundary, diagram, element, service, timer, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_MESSAGE = '<bpmn:message id="m" name="order.cancelled"/>'
_CANCELLED = '<bpmn:messageEventDefinition messageRef="m"/>'


def test_an_interrupting_timer_ends_its_task() -> None:
    body = _START + user("a") + boundary("late", "a", timer(timeDuration="P2D")) + user("b")
    run = Run(diagram(body, "s -> a\nlate -> b"))
    assert run.step.next_due == NOW + timedelta(days=2)

    run.advance(days=1)
    assert run.tasks == ["a"]
    run.advance(days=1)

    assert run.tasks == ["b"]
    assert [closed.how for closed in run.step.closed] == ["cancelled"]


def test_a_reminder_comes_as_often_as_it_says_and_leaves_its_task_alone() -> None:
    body = (
        _START
        + user("a")
        + boundary("remind", "a", timer(timeCycle="R2/P1D"), interrupting=False)
        + service("mail", topic="mail.send")
    )
    run = Run(diagram(body, "s -> a\nremind -> mail"))

    for _ in range(4):
        run.advance(days=1)

    assert run.called == ["mail.send", "mail.send"]
    assert run.tasks == ["a"]


def test_a_cycle_that_was_missed_fires_once_and_not_in_a_storm() -> None:
    body = (
        _START
        + user("a")
        + boundary("remind", "a", timer(timeCycle="R/PT1H"), interrupting=False)
        + service("mail")
    )
    run = Run(diagram(body, "s -> a\nremind -> mail"))

    run.advance(days=3)

    assert len(run.calls) == 1
    assert run.step.next_due == run.now + timedelta(hours=1)


def test_a_timer_may_be_an_expression() -> None:
    body = _START + element("intermediateCatchEvent", "t", timer(timeDate="= due")) + user("a")
    run = Run(diagram(body, "s -> t\nt -> a"), due=NOW + timedelta(hours=3))

    run.advance(hours=3)

    assert run.tasks == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("= nothing", id="null"),
        pytest.param('= "2026-01-01T09:00:00"', id="a moment without an offset"),
        pytest.param("PX", id="no duration"),
    ],
)
def test_a_timer_that_cannot_be_read_is_an_incident_that_names_it(text: str) -> None:
    body = _START + element("intermediateCatchEvent", "t", timer(timeDate=text)) + user("a")

    run = Run(diagram(body, "s -> t\nt -> a"))

    assert [incident.element for incident in run.incidents] == ["t"]


def test_nothing_fires_before_its_time() -> None:
    body = _START + user("a") + boundary("late", "a", timer(timeDuration="PT1H")) + user("b")
    run = Run(diagram(body, "s -> a\nlate -> b"))

    step = run.advance(minutes=59)

    assert step.events == ()


def _cancellable() -> bytes:
    inner = (
        element(
            "subProcess",
            "work",
            _START + user("a") + '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/>',
        )
        + boundary("stop", "work", _CANCELLED)
        + user("undo")
        + element("startEvent", "begin")
    )
    return diagram(inner, "begin -> work\nstop -> undo", before=_MESSAGE)


def test_a_message_on_a_subprocess_ends_everything_inside() -> None:
    run = Run(_cancellable())
    assert run.tasks == ["a"]

    run.message("order.cancelled", why="changed my mind")

    assert run.tasks == ["undo"]
    assert run.variables["why"] == "changed my mind"


def test_a_message_that_nobody_awaits_is_refused() -> None:
    run = Run(_cancellable())
    run.message("order.cancelled")

    with pytest.raises(workflows.NotAwaitedError, match=r"order\.cancelled"):
        run.message("order.cancelled")


def test_what_is_awaited_is_said_with_the_step() -> None:
    run = Run(_cancellable())

    assert [(s.kind, s.name, s.element) for s in run.step.subscriptions] == [
        ("message", "order.cancelled", "stop")
    ]


def test_a_process_may_be_started_by_a_message() -> None:
    body = element("startEvent", "s", _CANCELLED) + user("a")

    run = Run(diagram(body, "s -> a", before=_MESSAGE), message="order.cancelled")

    assert run.tasks == ["a"]


def test_a_signal_reaches_everybody_who_awaits_it_and_others() -> None:
    signal = '<bpmn:signal id="g" name="strike"/>'
    definition = '<bpmn:signalEventDefinition signalRef="g"/>'
    body = (
        _START
        + element("parallelGateway", "f")
        + element("intermediateCatchEvent", "c", definition)
        + element("intermediateThrowEvent", "t", definition)
        + user("a")
        + user("b")
        + user("first")
    )
    flows = "s -> f\nf -> c\nf -> first\nfirst -> t\nc -> a\nt -> b"
    run = Run(diagram(body, flows, before=signal))

    run.complete("first")

    assert run.tasks == ["a", "b"]
    assert [(sent.kind, sent.name) for sent in run.sent] == [("signal", "strike")]


def test_a_signal_that_nobody_awaits_changes_nothing() -> None:
    run = Run(_cancellable())
    before = run.step.tokens

    run.signal("nothing")

    assert run.step.tokens == before


_ERROR = '<bpmn:error id="short" name="short" errorCode="stock.short"/>'


def test_a_business_error_takes_the_way_that_is_drawn_for_it() -> None:
    body = (
        _START
        + service("reserve")
        + boundary("short_", "reserve", '<bpmn:errorEventDefinition errorRef="short"/>')
        + user("ok")
        + user("buy")
    )
    run = Run(diagram(body, "s -> reserve\nreserve -> ok\nshort_ -> buy", before=_ERROR))

    run.fail("do.it", "stock.short", missing=3)

    assert run.tasks == ["buy"]
    assert run.variables["missing"] == 3


def test_an_error_that_nobody_catches_is_an_incident_and_can_be_tried_again() -> None:
    body = _START + service("reserve") + user("ok")
    run = Run(diagram(body, "s -> reserve\nreserve -> ok"))

    run.fail("do.it", "boom")
    assert [incident.element for incident in run.incidents] == ["reserve"]
    run.retry()
    run.answer("do.it")

    assert run.tasks == ["ok"]


def test_an_error_end_climbs_out_of_a_subprocess() -> None:
    inside = (
        element("startEvent", "is")
        + user("a")
        + element("endEvent", "bad", '<bpmn:errorEventDefinition errorRef="short"/>')
        + '<bpmn:sequenceFlow id="i1" sourceRef="is" targetRef="a"/>'
        + '<bpmn:sequenceFlow id="i2" sourceRef="a" targetRef="bad"/>'
    )
    body = (
        _START
        + element("subProcess", "work", inside)
        + boundary("caught", "work", "<bpmn:errorEventDefinition/>")
        + user("good")
        + user("help")
    )
    run = Run(diagram(body, "s -> work\nwork -> good\ncaught -> help", before=_ERROR))

    run.complete("a")

    assert run.tasks == ["help"]


def test_a_terminate_end_ends_its_own_scope_only() -> None:
    inside = (
        element("startEvent", "is")
        + element("parallelGateway", "f")
        + user("a")
        + user("b")
        + element("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
        + "".join(
            f'<bpmn:sequenceFlow id="{x}{y}" sourceRef="{x}" targetRef="{y}"/>'
            for x, y in (("is", "f"), ("f", "a"), ("f", "b"), ("a", "stop"))
        )
    )
    body = _START + element("subProcess", "work", inside) + user("after")
    run = Run(diagram(body, "s -> work\nwork -> after"))

    run.complete("a")

    assert run.tasks == ["after"]


def test_a_withdrawn_call_is_said_and_its_answer_is_refused() -> None:
    body = _START + service("slow") + boundary("late", "slow", timer(timeDuration="PT1H")) + user("b")
    run = Run(diagram(body, "s -> slow\nlate -> b"))
    key = next(iter(run.calls))

    run.advance(hours=2)

    assert run.step.withdrawn == (key,)
    with pytest.raises(workflows.NotOpenError):
        workflows.complete(run.deployment, run.step.state, key, {}, run.now)


def test_cancelling_an_instance_ends_it_whatever_it_waits_for() -> None:
    run = Run(_cancellable())

    step = workflows.cancel(run.deployment, run.step.state, run.now)

    assert (step.finished, step.cancelled, step.state) == ("cancelled", True, b"")
    assert [closed.how for closed in step.closed] == ["cancelled"]
