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


def _erring(*boundaries: str, flows: str) -> Run:
    """A service in a subprocess in a process, with error boundaries where the test puts them."""
    inside = element("startEvent", "is") + service("m") + "".join(b for b in boundaries if 'Ref="m"' in b)
    inside += '<bpmn:sequenceFlow id="i" sourceRef="is" targetRef="m"/>'
    body = _START + element("subProcess", "q", inside) + "".join(b for b in boundaries if 'Ref="q"' in b)
    return Run(diagram(body + user("own") + user("any"), f"s -> q\n{flows}", before=_ERROR))


_ANY = "<bpmn:errorEventDefinition/>"
_SHORT = '<bpmn:errorEventDefinition errorRef="short"/>'


@pytest.mark.parametrize("order", [1, -1], ids=["drawn first", "drawn last"])
def test_a_boundary_for_an_error_goes_before_one_for_any(order: int) -> None:
    drawn = [boundary("b_own", "q", _SHORT), boundary("b_any", "q", _ANY)][::order]

    for code, task in (("stock.short", "own"), ("other", "any")):
        run = _erring(*drawn, flows="b_own -> own\nb_any -> any")
        run.fail("do.it", code)
        assert run.tasks == [task]


def test_an_error_that_does_not_fit_goes_past_to_the_next_activity_around() -> None:
    other = '<bpmn:errorEventDefinition errorRef="undeclared.code"/>'
    body = (
        _START
        + element("callActivity", "c", calledElement="child")
        + boundary("b", "c", _SHORT)
        + user("caught")
    )
    child = diagram(
        _START + service("m") + boundary("no", "m", other) + user("never"), "s -> m\nno -> never", "child"
    )
    run = Run(diagram(body, "s -> c\nb -> caught", before=_ERROR), child)

    run.fail("do.it", "stock.short")

    assert run.tasks == ["caught"]
    assert run.step.withdrawn == ()


def test_an_error_end_of_the_process_itself_is_an_incident() -> None:
    body = _START + element("endEvent", "bad", _SHORT) + element("parallelGateway", "f") + user("a")

    run = Run(diagram(body, "s -> f\nf -> bad\nf -> a", before=_ERROR))

    assert run.stuck == ["bad"]
    assert "stock.short" in run.incidents[0].message
    assert run.tasks == ["a"]


_SIGNAL = '<bpmn:signal id="g" name="strike"/>'
_STRIKE = '<bpmn:signalEventDefinition signalRef="g"/>'


@pytest.mark.parametrize(
    ("interrupting", "left"),
    [pytest.param(True, ["b"], id="interrupting"), pytest.param(False, ["a", "b", "b"], id="not")],
)
@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_boundary_event_ends_its_activity_only_if_it_says_so(
    kind: str, interrupting: bool, left: list[str]
) -> None:
    definition = _CANCELLED if kind == "message" else _STRIKE
    body = _START + user("a") + boundary("x", "a", definition, interrupting) + user("b")
    run = Run(diagram(body, "s -> a\nx -> b", before=_MESSAGE + _SIGNAL))

    for _ in range(len(left) - left.count("a")):
        run.message("order.cancelled") if kind == "message" else run.signal("strike")

    assert run.tasks == left
    run.complete("b")
    assert bool(run.step.finished) is interrupting


@pytest.mark.parametrize(
    ("kind", "definition", "before"),
    [
        pytest.param("signal", _STRIKE, _SIGNAL, id="signal"),
        pytest.param("message", _CANCELLED, _MESSAGE, id="message"),
    ],
)
@pytest.mark.parametrize("event", ["intermediateThrowEvent", "endEvent"])
def test_a_throwing_event_tells_other_instances(event: str, kind: str, definition: str, before: str) -> None:
    inside = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="n">= 1 + 1</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    body = _START + element(event, "t", inside + definition)

    run = Run(diagram(body, "s -> t", before=before))

    assert [(sent.kind, dict(sent.payload)) for sent in run.sent] == [(kind, {"n": 2})]
    assert ("t", "thrown") in [(event.element, event.kind) for event in run.events]
    assert run.step.finished is not None


def test_a_signal_may_end_the_very_subprocess_that_threw_it() -> None:
    inside = (
        element("startEvent", "is")
        + element("intermediateThrowEvent", "t", _STRIKE)
        + user("never")
        + '<bpmn:sequenceFlow id="i1" sourceRef="is" targetRef="t"/>'
        + '<bpmn:sequenceFlow id="i2" sourceRef="t" targetRef="never"/>'
    )
    body = _START + element("subProcess", "q", inside) + boundary("b", "q", _STRIKE) + user("u")

    run = Run(diagram(body, "s -> q\nb -> u", before=_SIGNAL))

    assert run.tasks == ["u"]


def test_a_message_for_two_is_refused_until_it_names_the_element() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + element("receiveTask", "r1", messageRef="m")
        + element("receiveTask", "r2", messageRef="m")
        + user("u1")
        + user("u2")
    )
    run = Run(diagram(body, "s -> f\nf -> r1\nf -> r2\nr1 -> u1\nr2 -> u2", before=_MESSAGE))
    with pytest.raises(workflows.NotAwaitedError, match="2 subscriptions"):
        run.message("order.cancelled")

    run.message("order.cancelled", at="r2")

    assert run.tasks == ["u2"]


def test_a_receive_task_races_with_time() -> None:
    body = (
        _START
        + element("eventBasedGateway", "g")
        + element("receiveTask", "r", messageRef="m")
        + element("intermediateCatchEvent", "t", timer(timeDuration="P1D"))
        + user("in_time")
        + user("too_late")
    )
    content = diagram(body, "s -> g\ng -> r\ng -> t\nr -> in_time\nt -> too_late", before=_MESSAGE)
    early, late = Run(content), Run(content)

    early.message("order.cancelled")
    late.advance(days=1)

    assert (early.tasks, early.step.next_due) == (["in_time"], None)
    assert (late.tasks, late.step.subscriptions) == (["too_late"], ())


def test_of_two_catchers_of_one_signal_in_a_race_one_wins() -> None:
    body = (
        _START
        + element("eventBasedGateway", "race")
        + element("intermediateCatchEvent", "c1", _STRIKE)
        + element("intermediateCatchEvent", "c2", _STRIKE)
        + user("u1")
        + user("u2")
    )
    run = Run(diagram(body, "s -> race\nrace -> c1\nrace -> c2\nc1 -> u1\nc2 -> u2", before=_SIGNAL))

    run.signal("strike")

    assert run.tasks == ["u1"]


def test_of_two_timers_that_are_late_the_earlier_one_fires() -> None:
    body = (
        _START
        + user("a")
        + boundary("second", "a", timer(timeDuration="P2D"))
        + boundary("first", "a", timer(timeDuration="P1D"))
        + user("u1")
        + user("u2")
    )
    run = Run(diagram(body, "s -> a\nfirst -> u1\nsecond -> u2"))

    run.advance(days=3)

    assert run.tasks == ["u1"]


def test_a_process_that_only_messages_start_is_not_started_without() -> None:
    content = diagram(element("startEvent", "s", _CANCELLED) + user("a"), "s -> a", before=_MESSAGE)

    with pytest.raises(workflows.UnknownProcessError):
        Run(content)
    assert workflows.deploy({"0.bpmn": content}).processes["p"].message_starts == ("order.cancelled",)


def test_a_subprocess_in_a_subprocess_ends_with_the_outer_one() -> None:
    inner = element("startEvent", "iis") + service("m") + user("u")
    inner += '<bpmn:sequenceFlow id="i1" sourceRef="iis" targetRef="m"/>'
    middle = element("startEvent", "is") + element("subProcess", "q2", inner)
    middle += '<bpmn:sequenceFlow id="i2" sourceRef="is" targetRef="q2"/>'
    body = (
        _START
        + element("subProcess", "q1", middle)
        + boundary("b", "q1", timer(timeDuration="P1D"))
        + user("late")
    )
    run = Run(diagram(body, "s -> q1\nb -> late"))
    (key,) = run.calls

    run.advance(days=1)

    assert run.step.withdrawn == (key,)
    assert run.tasks == ["late"]
    assert [event.element for event in run.step.events if event.kind == "cancelled"] == ["q1", "q2", "m"]


def test_every_step_tells_what_happened_in_it() -> None:
    body = _START + user("a") + service("m") + element("endEvent", "e")
    run = Run(diagram(body, "s -> a\na -> m\nm -> e"))

    told = [[(event.element, event.kind) for event in run.step.events]]
    run.complete("a")
    told.append([(event.element, event.kind) for event in run.step.events])
    run.answer("do.it")
    told.append([(event.element, event.kind) for event in run.step.events])

    assert told == [
        [("s", "entered"), ("s", "completed"), ("a", "entered")],
        [("a", "completed"), ("m", "entered")],
        [("m", "completed"), ("e", "entered"), ("e", "completed")],
    ]
    assert all(event.at == run.now and event.process == "p" for event in run.events)


def test_a_process_without_a_start_event_begins_at_the_element_that_nothing_leads_to() -> None:
    """BPMN 2.0.2, 10.5.2: where there is no start event, flow nodes without incoming flows are the start."""
    definition = '<bpmn:messageEventDefinition messageRef="m"/>'
    body = element("intermediateCatchEvent", "w", definition) + user("a")
    run = Run(diagram(body, "w -> a", before='<bpmn:message id="m" name="paid"/>'))
    assert run.tasks == []

    run.message("paid")

    assert run.tasks == ["a"]


def test_what_the_same_step_asks_for_and_ends_is_never_asked() -> None:
    """Neither a person nor a machine hears of it, so that nothing is to be taken back from them."""
    body = (
        _START
        + element("parallelGateway", "f")
        + user("a")
        + service("m")
        + element("task", "t")
        + element("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
    )

    run = Run(diagram(body, "s -> f\nf -> a\nf -> m\nf -> t\nt -> stop"))

    step = run.step
    assert (step.opened, step.closed, step.calls, step.withdrawn) == ((), (), (), ())
    assert step.finished == "stop"


def test_a_terminate_end_comes_before_what_has_not_run_yet() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + element("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
        + element("task", "t")
    )

    run = Run(diagram(body, "s -> f\nf -> stop\nf -> t"))

    assert [(e.element, e.kind) for e in run.events if e.element == "t"] == [
        ("t", "entered"),
        ("t", "cancelled"),
    ]
