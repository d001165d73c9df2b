"""Incidents: where an instance waits for help, what trying again does, and that nothing stalls unseen."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

import workflows
from tests.workflows.building import Run, boundary, diagram, element, script, service, timer, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_END = element("endEvent", "e")
_OUTPUT = (
    "<bpmn:extensionElements><camunda:inputOutput>"
    '<camunda:outputParameter name="total">= {}</camunda:outputParameter>'
    "</camunda:inputOutput></bpmn:extensionElements>"
)


def _choosing(first: str) -> bytes:
    """What comes first completes; the way on needs a variable that is not there."""
    body = _START + first + user("a") + user("b")
    return diagram(body, "s -> m\nm -> a: good\nm -> b: not(good)")


def test_a_call_that_was_answered_is_not_made_again_when_its_way_on_is_found() -> None:
    run = Run(_choosing(service("m")))
    run.answer("do.it")
    assert run.stuck == ["m"]

    run.retry(good=True)

    assert run.calls == {}
    assert run.tasks == ["a"]


def test_a_person_is_not_asked_again_when_the_way_on_is_found() -> None:
    run = Run(_choosing(user("m")))
    run.complete("m")
    assert [closed.how for closed in run.step.closed] == ["completed"]
    assert run.stuck == ["m"]

    run.retry(good=False)

    assert run.tasks == ["b"]


def test_a_message_is_not_sent_again_when_the_way_on_is_found() -> None:
    body = _START + element("sendTask", "m", messageRef="hello") + user("a") + user("b")
    run = Run(
        diagram(
            body, "s -> m\nm -> a: good\nm -> b: not(good)", before='<bpmn:message id="hello" name="hi"/>'
        )
    )

    run.retry(good=True)

    assert len(run.sent) == 1
    assert run.tasks == ["a"]


def test_a_subprocess_is_not_done_again_when_the_way_on_is_found() -> None:
    inside = _START + user("inner") + '<bpmn:sequenceFlow id="i" sourceRef="s" targetRef="inner"/>'
    body = element("startEvent", "begin") + element("subProcess", "m", inside) + user("a") + user("b")
    run = Run(diagram(body, "begin -> m\nm -> a: good\nm -> b: not(good)"))
    run.complete("inner")
    assert run.stuck == ["m"]

    run.retry(good=True)

    assert run.tasks == ["a"]


def _calling(mapping: str) -> tuple[bytes, bytes]:
    inside = f"<bpmn:extensionElements>{mapping}</bpmn:extensionElements>"
    caller = _START + element("callActivity", "c", inside, calledElement="child") + user("after")
    return (
        diagram(caller, "s -> c\nc -> after"),
        diagram(_START + user("inner"), "s -> inner", process="child"),
    )


def test_a_call_whose_inputs_were_wrong_is_made_and_not_skipped_when_tried_again() -> None:
    run = Run(
        *_calling('<camunda:in sourceExpression="string join(parts)" target="x"/>'), parts=["a" * 60_000] * 3
    )
    assert run.stuck == ["c"]

    run.retry(parts=["a"])

    assert run.tasks == ["inner"]


def test_what_goes_into_a_decision_wrongly_does_not_skip_the_decision() -> None:
    body = _START + element("exclusiveGateway", "x", default="x_b") + user("a") + user("b")
    run = Run(diagram(body, "s -> x\nx -> a: n > 3\nx -> b"), n="three")
    assert run.stuck == ["x"]

    run.retry(n="four")
    assert run.stuck == ["x"]
    run.retry(n=4)

    assert run.tasks == ["a"]


def test_an_interrupted_activity_takes_its_incident_along() -> None:
    body = (
        _START
        + service("m")
        + boundary("late", "m", timer(timeDuration="PT1H"))
        + user("a")
        + user("b")
        + user("c")
    )
    run = Run(diagram(body, "s -> m\nm -> a: good\nm -> c: not(good)\nlate -> b"))
    run.answer("do.it")

    stuck_at = run.incidents[0].key

    run.advance(hours=1)
    assert run.step.overtaken == (stuck_at,)
    run.complete("b")

    assert (run.stuck, run.step.overtaken, run.step.finished) == ([], (), "ended")


def test_an_incident_inside_a_cancelled_subprocess_is_overtaken() -> None:
    inside = (
        _START
        + script("t", "missing + 1", "x")
        + user("inner")
        + '<bpmn:sequenceFlow id="i" sourceRef="s" targetRef="t"/>'
        + '<bpmn:sequenceFlow id="j" sourceRef="t" targetRef="inner">'
        + "<bpmn:conditionExpression>good</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    body = (
        element("startEvent", "begin")
        + element("subProcess", "m", inside)
        + boundary("late", "m", timer(timeDuration="PT1H"))
        + user("b")
    )
    run = Run(diagram(body, "begin -> m\nlate -> b"))
    [told] = run.incidents
    assert told.element == "t"

    run.advance(hours=1)

    assert run.step.overtaken == (told.key,)
    assert (run.stuck, run.tasks) == ([], ["b"])


def test_nobody_is_asked_to_help_where_the_same_step_cancels() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + script("broken", "1", "x")
        + element("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
        + user("never")
    )
    run = Run(diagram(body, "s -> f\nf -> broken\nf -> stop\nbroken -> never: unknown"))

    assert (run.step.incidents, run.step.overtaken, run.step.finished) == ((), (), "stop")
    assert ("broken", "incident") in [(event.element, event.kind) for event in run.events]


def test_an_incident_that_was_resolved_is_not_overtaken() -> None:
    body = _START + script("t", "1", "x") + user("a") + boundary("late", "a", timer(timeDuration="PT1H"))
    run = Run(diagram(body + user("b"), "s -> t\nt -> a: good\nlate -> b"))
    run.retry(good=True)

    run.advance(hours=1)

    assert (run.step.overtaken, run.tasks) == ((), ["b"])


def test_an_incident_of_a_boundary_event_ends_with_its_activity() -> None:
    body = _START + user("a") + boundary("late", "a", timer(timeDuration="= patience")) + user("b")
    run = Run(diagram(body, "s -> a\nlate -> b"))
    assert run.stuck == ["late"]

    run.complete("a")

    assert (run.stuck, run.step.finished) == ([], "ended")


def test_a_boundary_event_listens_when_its_incident_is_resolved() -> None:
    body = _START + user("a") + boundary("late", "a", timer(timeDuration="= patience")) + user("b")
    run = Run(diagram(body, "s -> a\nlate -> b"))

    run.retry(patience="PT1H")
    run.advance(hours=1)

    assert run.tasks == ["b"]


def test_a_terminate_end_ends_an_incident_too() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + script("broken", "1", "x")
        + user("a")
        + user("never")
        + element("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
    )
    run = Run(diagram(body, "s -> f\nf -> broken\nf -> a\nbroken -> never: unknown\na -> stop"))
    assert run.stuck == ["broken"]

    run.complete("a")

    assert run.step.finished == "stop"


def test_cancelling_ends_an_incident_too() -> None:
    run = Run(_choosing(service("m")))
    run.answer("do.it")

    step = workflows.cancel(run.deployment, run.step.state, run.now)

    assert (step.finished, step.withdrawn) == ("cancelled", ())
    assert [(event.element, event.kind) for event in step.events] == [("m", "cancelled")]


def test_an_error_at_a_user_task_that_nobody_catches_closes_it_until_it_is_tried_again() -> None:
    run = Run(diagram(_START + user("a"), "s -> a"))
    key = run.task("a").key

    run.do(workflows.fail, run.step.state, key, "boom", "why", {}, run.now)
    assert run.tasks == []
    assert run.step.closed == (workflows.Closed(key, "cancelled"),)
    run.retry()

    assert run.tasks == ["a"]


def test_what_is_no_incident_cannot_be_tried_again() -> None:
    run = Run(diagram(_START + user("a"), "s -> a"))

    for key in (run.task("a").key, "99"):
        with pytest.raises(workflows.NotOpenError):
            workflows.retry(run.deployment, run.step.state, key, run.now)


def test_an_answer_is_kept_while_its_way_on_waits() -> None:
    first = service("m", _OUTPUT.format("price * 2"))
    run = Run(_choosing(first))

    run.answer("do.it", price=21)
    run.retry(good=True)

    assert run.variables == {"total": 42, "good": True}


def test_a_loop_without_a_wait_becomes_an_incident() -> None:
    body = _START + element("task", "t") + element("exclusiveGateway", "x", default="x_t") + _END
    run = Run(diagram(body, "s -> t\nt -> x\nx -> e: done\nx -> t"), done=False)
    assert len(run.incidents) == 1
    assert "steps without waiting" in run.incidents[0].message

    run.retry(done=True)

    assert run.step.finished == "e"


def test_every_token_of_a_loop_without_a_wait_can_go_on() -> None:
    body = _START + element("parallelGateway", "f") + element("task", "t") + element("task", "u") + _END
    loops = "s -> f\nf -> t\nf -> u\nt -> t: not(done)\nu -> u: not(done)\nt -> e: done\nu -> e: done"
    run = Run(diagram(body, loops), done=False)
    assert run.stuck == ["t", "u"]

    run.retry(done=True)
    run.retry()

    assert run.step.finished == "e"


def test_timers_that_are_due_again_at_once_become_an_incident() -> None:
    body = _START + element("intermediateCatchEvent", "t", timer(timeDuration="PT0S"))
    run = Run(diagram(body + element("task", "a"), "s -> a\na -> t\nt -> a"))

    run.advance(seconds=1)

    assert run.stuck == ["t"]
    assert run.step.next_due is None
    assert "due at one moment" in run.incidents[0].message


def test_a_process_that_calls_itself_without_end_is_an_incident() -> None:
    run = Run(diagram(_START + element("callActivity", "again", calledElement="p"), "s -> again"))
    assert run.stuck == ["again"]
    assert "nested more than 50 deep" in run.incidents[0].message

    step = workflows.cancel(run.deployment, run.step.state, run.now)

    assert step.finished == "cancelled"


def test_a_join_that_nothing_can_reach_any_more_is_an_incident() -> None:
    body = (
        _START
        + element("exclusiveGateway", "x", default="x_b")
        + element("parallelGateway", "j")
        + user("a")
        + user("b")
        + user("after")
    )
    run = Run(diagram(body, "s -> x\nx -> a: big\nx -> b\na -> j\nb -> j\nj -> after"), big=True)

    run.complete("a")
    assert run.stuck == ["j"]
    assert "b_j" in run.incidents[0].message
    assert run.step.finished is None


def test_a_join_of_all_branches_goes_on_without_none_of_them() -> None:
    body = (
        _START
        + element("exclusiveGateway", "x", default="x_b")
        + element("parallelGateway", "j")
        + user("a")
        + user("b")
        + user("after")
    )
    run = Run(diagram(body, "s -> x\nx -> a: big\nx -> b\na -> j\nb -> j\nj -> after"), big=True)
    run.complete("a")
    assert "only cancelling helps" in run.incidents[0].message

    with pytest.raises(workflows.StarvedError, match="j waits for what can never arrive"):
        run.retry(big=False)
    step = workflows.cancel(run.deployment, run.step.state, run.now)

    assert step.finished == "cancelled"


def test_a_join_waits_while_something_may_still_come_round() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + element("parallelGateway", "j")
        + element("exclusiveGateway", "x", default="x_a")
        + user("a")
        + user("b")
        + user("after")
    )
    flows = "s -> f\nf -> a\nf -> b\na -> x\nx -> j: good\nx -> a\nb -> j\nj -> after"
    run = Run(diagram(body, flows))

    run.complete("b")
    run.complete("a", good=False)
    assert (run.stuck, run.tasks) == ([], ["a"])
    run.complete("a", good=True)

    assert run.tasks == ["after"]


def test_a_join_behind_an_incident_waits_for_it() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + element("parallelGateway", "j")
        + script("t", "1", "x")
        + user("b")
        + user("after")
    )
    run = Run(diagram(body, "s -> f\nf -> t\nf -> b\nt -> j: good\nb -> j\nj -> after"))
    run.complete("b")
    assert run.stuck == ["t"]

    run.retry(good=True)

    assert run.tasks == ["after"]


def test_of_two_starved_joins_only_the_cause_is_told() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + element("exclusiveGateway", "x", default="x_e")
        + element("parallelGateway", "j1")
        + element("parallelGateway", "j2")
        + user("a")
        + user("b")
        + user("c")
        + user("after")
        + _END
    )
    flows = "s -> f\nf -> a\nf -> b\nf -> c\na -> j1\nb -> x\nx -> j1: good\nx -> e\n"
    flows += "j1 -> j2\nc -> j2\nj2 -> after"
    run = Run(diagram(body, flows))
    run.complete("c")
    run.complete("a")
    assert run.stuck == []

    run.complete("b", good=False)

    assert run.stuck == ["j1"]


def test_two_inclusive_joins_that_wait_for_each_other_are_told() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + "".join(
            element("inclusiveGateway", key, default=f"{key}_{out}")
            for key, out in (("j1", "a1"), ("j2", "a2"))
        )
        + user("a1")
        + user("a2")
        + user("u1")
        + user("u2")
    )
    flows = (
        "s -> f\nf -> u1\nf -> u2\nu1 -> j1\nu2 -> j2\nj1 -> a1\nj1 -> j2: false\nj2 -> a2\nj2 -> j1: false"
    )
    run = Run(diagram(body, flows))
    run.complete("u1")
    assert run.stuck == []

    run.complete("u2")
    assert run.stuck == ["j1"]
    run.retry()

    assert run.tasks == ["a1", "a2"]


@pytest.mark.parametrize("first", ["u1", "u2"])
def test_where_a_join_of_all_and_one_of_some_wait_for_each_other_the_latter_can_go_on(first: str) -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + element("parallelGateway", "all")
        + element("inclusiveGateway", "some")
        + user("u1")
        + user("u2")
        + element("exclusiveGateway", "x", default="x_after")
        + user("after")
    )
    flows = "s -> f\nf -> u1\nf -> u2\nu1 -> all\nsome -> all\nall -> x\nx -> some: again\nx -> after\n"
    run = Run(diagram(body, flows + "u2 -> some"), again=False)
    run.complete(first)
    assert run.stuck == []

    run.complete("u2" if first == "u1" else "u1")
    assert run.stuck == ["some"]
    run.retry()

    assert run.tasks == ["after"]


def test_a_user_task_that_nobody_was_told_of_is_not_closed_either() -> None:
    late = boundary("late", "a", timer(timeDuration="PT1H"))
    run = Run(
        diagram(_START + user("a", camunda_dueDate="= who") + late + user("b"), "s -> a\nlate -> b"), who=5
    )
    assert (run.tasks, run.stuck) == ([], ["a"])

    run.advance(hours=1)

    assert (run.step.closed, run.tasks) == ((), ["b"])


def test_a_called_process_that_has_ended_is_not_called_again_when_its_outputs_are_found() -> None:
    big = "if today() = date(&quot;2026-03-02&quot;) then string join(parts) else &quot;small&quot;"
    mapping = f'<camunda:in source="parts" target="parts"/><camunda:out sourceExpression="{big}" target="x"/>'
    run = Run(*_calling(mapping), parts=["a" * 60_000] * 3)
    run.complete("inner")
    assert (run.stuck, run.tasks) == (["c"], [])

    run.now += timedelta(days=1)
    run.retry()

    assert (run.tasks, run.variables["x"]) == (["after"], "small")


@pytest.mark.parametrize("steps_before", range(7))
def test_a_loop_without_a_wait_goes_on_wherever_the_limit_struck(steps_before: int) -> None:
    """Each round cancels a token that has not run: at such a one nobody is asked to help."""
    inside = (
        element("startEvent", "is")
        + element("parallelGateway", "f")
        + element("endEvent", "boom", '<bpmn:errorEventDefinition errorRef="e"/>')
        + element("task", "never")
        + "".join(
            f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
            for a, b in (("is", "f"), ("f", "boom"), ("f", "never"))
        )
    )
    before = [f"t{number}" for number in range(steps_before)]
    body = (
        _START
        + "".join(element("task", each) for each in before)
        + element("subProcess", "q", inside)
        + boundary("again", "q", '<bpmn:errorEventDefinition errorRef="e"/>')
        + element("exclusiveGateway", "x", default="x_q")
        + user("after")
    )
    chain = ["s", *before, "q"]
    flows = "\n".join(f"{a} -> {b}" for a, b in pairwise(chain))
    flows += "\nagain -> x\nx -> after: done\nx -> q"
    declared = '<bpmn:error id="e" name="e" errorCode="boom"/>'

    run = Run(diagram(body, flows, before=declared), done=False)

    assert all("steps without waiting" in incident.message for incident in run.incidents)
    while run.incidents:
        run.retry(done=True)

    assert run.tasks == ["after"]
