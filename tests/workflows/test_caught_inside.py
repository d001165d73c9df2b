"""Event subprocesses among others, and what is thrown and caught across scopes."""

from __future__ import annotations

import pytest

from tests.workflows.building import Run, boundary, element, service, sub, timer, user
from tests.workflows.definitions import (
    CONDITION,
    END,
    ERROR,
    ESCALATION,
    MESSAGE,
    SIGNAL,
    START,
    TIMER,
    beside,
    catch,
    draw,
    end,
    gateway,
    throw,
)

pytestmark = pytest.mark.usefixtures("each_way")
_BEGIN = element("startEvent", "s0")
_WORK = START + user("a") + user("b") + END
_FLOWS = "s -> a\na -> b\nb -> e"


def _around(inner: str, flows: str, more: str = "", more_flows: str = "") -> bytes:
    body = _BEGIN + sub("w", inner, flows) + user("after") + more
    return draw(body, f"s0 -> w\nw -> after\n{more_flows}")


def test_one_beside_its_scope_may_begin_again_and_again() -> None:
    run = Run(_around(_WORK + beside("es", MESSAGE, "caught", interrupting=False), _FLOWS))

    for number in (1, 2, 3):
        run.message("paid")
        assert run.tasks == ["a", *["caught"] * number]


def test_the_scope_ends_when_all_of_it_has() -> None:
    run = Run(_around(_WORK + beside("es", MESSAGE, "caught", interrupting=False), _FLOWS))
    run.message("paid")
    run.message("paid")

    for name in ("a", "b", "caught"):
        run.complete(name)
    assert run.tasks == ["caught"]
    run.complete("caught")

    assert run.tasks == ["after"]


def test_an_interrupting_one_silences_the_others() -> None:
    inner = (
        _WORK + beside("first", MESSAGE, "x") + beside("second", SIGNAL, "y") + beside("third", TIMER, "z")
    )
    run = Run(_around(inner, _FLOWS))

    run.message("paid")
    run.signal("strike")
    run.advance(days=2)

    assert run.tasks == ["x"]
    assert run.step.subscriptions == ()
    assert run.step.next_due is None


def test_an_interrupting_one_ends_those_that_run_beside() -> None:
    inner = _WORK + beside("first", MESSAGE, "x", interrupting=False) + beside("second", SIGNAL, "y")
    run = Run(_around(inner, _FLOWS))
    run.message("paid")
    assert run.tasks == ["a", "x"]

    run.signal("strike")

    assert run.tasks == ["y"]
    run.complete("y")
    assert run.tasks == ["after"]


def test_a_scope_inside_is_ended_with_all_that_is_in_it() -> None:
    inner = START + sub("v", _WORK, _FLOWS).replace('id="s"', 'id="s9"').replace('"s"', '"s9"')
    inner = inner.replace('"e"', '"e9"') + beside("es", MESSAGE, "caught")
    run = Run(_around(inner, "s -> v"))
    assert run.tasks == ["a"]

    run.message("paid")

    assert run.tasks == ["caught"]


def test_a_cycle_fires_beside_as_often_as_it_says() -> None:
    inner = _WORK + beside("es", timer(timeCycle="R3/PT1H"), "late", interrupting=False)
    run = Run(_around(inner, _FLOWS))

    for _ in range(5):
        run.advance(hours=1)

    assert run.tasks == ["a", "late", "late", "late"]


def test_its_own_event_subprocess_goes_before_the_boundary_of_its_scope() -> None:
    inner = START + user("a") + end("bad", ERROR) + beside("es", ERROR, "inside")
    more = boundary("bo", "w", ERROR) + user("outside")
    run = Run(_around(inner, "s -> a\na -> bad", more, "bo -> outside"))

    run.complete("a")

    assert run.tasks == ["inside"]


def test_an_error_inside_an_error_event_subprocess_goes_outward() -> None:
    start = element("startEvent", "s2", ERROR)
    rescue = sub(
        "es", start + user("try") + end("worse", ERROR), "s2 -> try\ntry -> worse", triggeredByEvent="true"
    )
    inner = START + user("a") + end("bad", ERROR) + rescue
    more = boundary("bo", "w", ERROR) + user("outside")
    run = Run(_around(inner, "s -> a\na -> bad", more, "bo -> outside"))
    run.complete("a")
    assert run.tasks == ["try"]

    run.complete("try")

    assert run.tasks == ["outside"]


@pytest.mark.parametrize("code", ["broken", "lost"])
def test_the_one_for_its_error_goes_before_the_one_for_any(code: str) -> None:
    body = _BEGIN + service("w") + END + beside("any", "<bpmn:errorEventDefinition/>", "other")
    run = Run(draw(body + beside("one", ERROR, "known"), "s0 -> w\nw -> e"))

    run.fail("do.it", code)

    assert run.tasks == (["known"] if code == "broken" else ["other"])


def test_an_error_climbs_through_calls_to_whom_it_concerns() -> None:
    innermost = draw(START + user("a") + end("bad", ERROR), "s -> a\na -> bad", "r")
    middle = draw(START + element("callActivity", "c2", calledElement="r") + END, "s -> c2\nc2 -> e", "q")
    body = _BEGIN + element("callActivity", "c1", calledElement="q") + END + beside("es", ERROR, "caught")
    run = Run(draw(body, "s0 -> c1\nc1 -> e"), middle, innermost)

    run.complete("a")

    assert run.tasks == ["caught"]
    run.complete("caught")
    assert run.step.finished


def test_an_escalation_is_caught_once_and_goes_no_further() -> None:
    inner = START + user("a") + throw("t", ESCALATION) + user("b") + END
    inner += beside("es", ESCALATION, "inside", interrupting=False)
    more = boundary("bo", "w", ESCALATION, interrupting=False) + user("outside")
    run = Run(_around(inner, "s -> a\na -> t\nt -> b\nb -> e", more, "bo -> outside"))

    run.complete("a")

    assert run.tasks == ["b", "inside"]


def test_an_escalation_of_another_code_is_not_caught() -> None:
    other = '<bpmn:escalationEventDefinition escalationRef="C_late"/>'
    inner = START + user("a") + throw("t", ESCALATION) + user("b") + END
    more = boundary("bo", "w", other) + user("outside")
    run = Run(_around(inner, "s -> a\na -> t\nt -> b\nb -> e", more, "bo -> outside"))

    run.complete("a")

    assert run.tasks == ["b"]


def test_a_catcher_without_a_code_takes_every_escalation() -> None:
    inner = START + user("a") + throw("t", ESCALATION) + user("b") + END
    more = boundary("bo", "w", "<bpmn:escalationEventDefinition/>") + user("outside")
    run = Run(_around(inner, "s -> a\na -> t\nt -> b\nb -> e", more, "bo -> outside"))

    run.complete("a")

    assert run.tasks == ["outside"]


def test_an_error_of_another_code_is_not_caught() -> None:
    other = '<bpmn:errorEventDefinition errorRef="E_lost"/>'
    inner = START + user("a") + end("bad", ERROR)
    more = boundary("bo", "w", other) + user("outside")
    run = Run(_around(inner, "s -> a\na -> bad", more, "bo -> outside"))

    run.complete("a")

    assert run.stuck == ["bad"]


def test_an_escalation_interrupts_the_scope_that_threw_it() -> None:
    inner = START + gateway("parallel", "f") + user("a") + user("z") + throw("t", ESCALATION) + user("b")
    more = boundary("bo", "w", ESCALATION) + user("outside")
    run = Run(_around(inner, "s -> f\nf -> a\nf -> z\na -> t\nt -> b", more, "bo -> outside"))

    run.complete("a")

    assert run.tasks == ["outside"]


def test_a_condition_fires_on_each_change_while_it_holds() -> None:
    more = boundary("bo", "w", _asked("n &gt; 3"), interrupting=False) + user("caught")
    run = Run(draw(_BEGIN + user("w") + more, "s0 -> w\nbo -> caught"), n=1)
    assert run.tasks == ["w"]

    for n, caught in ((2, 0), (4, 1), (5, 2), (1, 2), (7, 3)):
        run.change(n=n)
        assert run.tasks == ["caught"] * caught + ["w"]


def _asked(text: str) -> str:
    return (
        f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition>"
        "</bpmn:conditionalEventDefinition>"
    )


def test_a_condition_that_holds_already_fires_at_once() -> None:
    assert Run(draw(START + catch("c", CONDITION) + user("a"), "s -> c\nc -> a"), ready=True).tasks == ["a"]


def test_what_a_task_gives_may_fulfil_a_condition_elsewhere() -> None:
    body = START + gateway("parallel", "f") + user("a") + catch("c", CONDITION) + user("b") + user("d")
    run = Run(draw(body, "s -> f\nf -> a\nf -> c\nc -> b\na -> d"), ready=False)

    run.complete("a", ready=True)

    assert run.tasks == ["b", "d"]


def test_what_a_machine_or_a_message_gives_may_fulfil_a_condition_too() -> None:
    body = (
        START + gateway("parallel", "f") + service("a") + catch("m", MESSAGE) + catch("c", _asked("n &gt; 1"))
    )
    content = draw(body + user("b"), "s -> f\nf -> a\nf -> m\nf -> c\nc -> b")
    by_machine, by_message = Run(content, n=0), Run(content, n=0)

    by_machine.answer("do.it", n=2)
    by_message.message("paid", n=2)

    assert by_machine.tasks == ["b"]
    assert by_message.tasks == ["b"]


def test_a_condition_of_a_name_that_is_not_yet_there_waits() -> None:
    run = Run(draw(START + catch("c", CONDITION) + user("a"), "s -> c\nc -> a"))
    assert run.tasks == []
    assert run.incidents == []

    run.change(ready=True)

    assert run.tasks == ["a"]


def test_a_signal_wakes_all_who_wait_for_it_in_every_scope() -> None:
    inner = _WORK + beside("es", SIGNAL, "x", interrupting=False)
    more = boundary("bo", "w", SIGNAL, interrupting=False) + user("y")
    run = Run(_around(inner, _FLOWS, more, "bo -> y"))

    run.signal("strike")

    assert run.tasks == ["a", "x", "y"]


def test_a_message_for_several_is_given_to_the_one_that_is_named() -> None:
    inner = _WORK + beside("es", MESSAGE, "x", interrupting=False)
    more = boundary("bo", "w", MESSAGE, interrupting=False) + user("y")
    run = Run(_around(inner, _FLOWS, more, "bo -> y"))

    run.message("paid", at="bo")

    assert run.tasks == ["a", "y"]


def test_an_interrupting_start_ends_the_process_with_it() -> None:
    body = START + user("a") + END + beside("es", MESSAGE, "caught")
    run = Run(draw(body, "s -> a\na -> e"))
    run.message("paid")

    run.complete("caught")

    assert run.step.finished


def test_what_the_event_brings_is_seen_inside() -> None:
    run = Run(draw(START + user("a") + END + beside("es", MESSAGE, "caught"), "s -> a\na -> e"))

    run.message("paid", amount=5)

    assert run.variables["amount"] == 5


def test_a_process_inside_a_call_has_its_own_event_subprocesses() -> None:
    called = draw(START + user("a") + END + beside("es", MESSAGE, "inside"), "s -> a\na -> e", "q")
    body = _BEGIN + element("callActivity", "w", calledElement="q") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"), called)

    run.message("paid")
    assert run.tasks == ["inside"]
    run.complete("inside")

    assert run.tasks == ["after"]


def test_an_event_subprocess_inside_an_event_subprocess() -> None:
    start = element("startEvent", "s2", MESSAGE, isInterrupting="false")
    middle = start + user("x") + element("endEvent", "e2") + beside("es2", SIGNAL, "y")
    inner = _WORK + sub("es", middle, "s2 -> x\nx -> e2", triggeredByEvent="true")
    run = Run(_around(inner, _FLOWS))
    run.message("paid")
    assert run.tasks == ["a", "x"]

    run.signal("strike")

    assert run.tasks == ["a", "y"]


def test_a_boundary_event_of_an_interrupted_task_is_silent() -> None:
    inner = (
        START + user("a") + boundary("bo", "a", TIMER) + user("late") + END + beside("es", MESSAGE, "caught")
    )
    run = Run(_around(inner, "s -> a\na -> e\nbo -> late"))
    run.message("paid")

    run.advance(days=2)

    assert run.tasks == ["caught"]


def test_a_signal_goes_past_what_it_has_just_ended() -> None:
    inner = START + catch("heard", SIGNAL) + user("inside") + END
    more = boundary("struck", "w", SIGNAL) + user("outside")
    run = Run(_around(inner, "s -> heard\nheard -> inside\ninside -> e", more, "struck -> outside"))

    run.signal("strike")

    assert run.tasks == ["outside"]
    assert ("heard", "completed") not in [(event.element, event.kind) for event in run.events]
