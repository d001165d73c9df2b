"""What operators do: tokens moved along any path, incidents left or answered by the diagram, timers set."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import workflows
from tests.workflows.building import (
    NOW,
    Run,
    boundary,
    condition,
    diagram,
    element,
    event_sub,
    many,
    script,
    service,
    sub,
    timer,
    undoing,
    user,
)

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")


def _move(run: Run, source: str, target: str, process: str = "p") -> workflows.Step:
    return run.do(workflows.move, run.step.state, process, source, target, run.now)


def _skip(run: Run, target: str) -> workflows.Step:
    return run.do(workflows.skip, run.step.state, run.incidents[-1].key, target, run.now)


def _resolve(run: Run, code: str) -> workflows.Step:
    key = run.incidents[-1].key if run.incidents else next(iter(run.calls))
    return run.do(workflows.raise_error, run.step.state, key, code, "by hand", run.now)


def _timers(run: Run) -> list[tuple[str, str, datetime]]:
    return [(each.process, each.element, each.due) for each in run.step.timers]


def _nested() -> bytes:
    """A task, a subprocess with a boundary event around two tasks (the second one deeper), a task."""
    deeper = _START + user("deep") + '<bpmn:sequenceFlow id="d" sourceRef="s" targetRef="deep"/>'
    inside = (
        element("startEvent", "begin")
        + user("first")
        + element("subProcess", "inner", deeper)
        + '<bpmn:sequenceFlow id="i" sourceRef="begin" targetRef="first"/>'
        + '<bpmn:sequenceFlow id="j" sourceRef="first" targetRef="inner"/>'
    )
    body = (
        element("startEvent", "go")
        + user("before")
        + element("subProcess", "sub", inside)
        + boundary("late", "sub", timer(timeDuration="PT1H"))
        + user("after")
        + user("rescue")
    )
    return diagram(body, "go -> before\nbefore -> sub\nsub -> after\nlate -> rescue")


def test_a_moved_token_leaves_one_element_and_enters_the_other() -> None:
    run = Run(diagram(_START + user("a") + user("b") + user("c"), "s -> a\na -> b\nb -> c"))

    _move(run, "a", "c")

    assert run.tasks == ["c"]
    assert [closed.how for closed in run.step.closed] == ["cancelled"]
    kinds = [(event.element, event.kind) for event in run.step.events]
    assert kinds == [("a", "moved"), ("a", "cancelled"), ("c", "entered")]
    assert run.step.events[0].detail == {"to": "c"}
    run.complete("c")
    assert run.step.finished == "ended"


def test_a_moved_service_call_is_withdrawn_with_the_boundary_events_around_it() -> None:
    body = _START + service("m") + boundary("late", "m", timer(timeDuration="PT1H")) + user("a") + user("b")
    run = Run(diagram(body, "s -> m\nm -> a\nlate -> b"))
    key = next(iter(run.calls))

    _move(run, "m", "a")

    assert run.step.withdrawn == (key,)
    assert run.step.next_due is None


def test_every_token_of_an_element_is_moved() -> None:
    body = _START + element("parallelGateway", "f") + element("task", "x") + element("task", "y") + user("a")
    run = Run(diagram(body + user("b"), "s -> f\nf -> x\nf -> y\nx -> a\ny -> a\na -> b"))
    assert run.tasks == ["a", "a"]

    _move(run, "a", "b")

    assert run.tasks == ["b", "b"]


def test_a_token_moves_out_of_a_subprocess_which_ends_with_all_that_it_holds() -> None:
    run = Run(_nested())
    run.complete("before")

    _move(run, "first", "after")

    assert run.tasks == ["after"]
    assert run.step.tokens == (("p", "after"),)
    assert run.step.next_due is None


def test_a_token_moves_into_a_subprocess_whose_boundary_events_listen() -> None:
    run = Run(_nested())

    _move(run, "before", "first")

    assert run.tasks == ["first"]
    assert run.step.next_due == NOW + timedelta(hours=1)
    run.complete("first")
    run.complete("deep")
    assert run.tasks == ["after"]


def test_a_token_moves_two_subprocesses_in_and_from_there_out_of_one() -> None:
    run = Run(_nested())

    _move(run, "before", "deep")
    assert run.tasks == ["deep"]
    _move(run, "deep", "first")
    assert run.tasks == ["first"]

    run.advance(hours=1)
    assert run.tasks == ["rescue"]


def test_two_tokens_of_one_subprocess_that_is_left_become_one() -> None:
    inside = (
        _START
        + element("parallelGateway", "f")
        + element("task", "x")
        + element("task", "y")
        + user("a")
        + "".join(
            f'<bpmn:sequenceFlow id="{source}{target}" sourceRef="{source}" targetRef="{target}"/>'
            for source, target in ("sf", "fx", "fy", "xa", "ya")
        )
    )
    run = Run(
        diagram(
            element("startEvent", "go") + element("subProcess", "sub", inside) + user("b"),
            "go -> sub\nsub -> b",
        )
    )
    assert run.tasks == ["a", "a"]

    _move(run, "a", "b")

    assert run.tasks == ["b"]


def _joined() -> bytes:
    body = (
        _START
        + element("parallelGateway", "f")
        + user("a")
        + user("b")
        + element("parallelGateway", "j")
        + user("c")
    )
    return diagram(body, "s -> f\nf -> a\nf -> b\na -> j\nb -> j\nj -> c")


def test_tokens_moved_to_a_join_arrive_each_by_a_flow_of_its_own() -> None:
    run = Run(_joined())

    _move(run, "a", "j")
    assert run.tasks == ["b"]
    _move(run, "b", "j")

    assert run.tasks == ["c"]


def test_a_token_moved_to_a_join_stands_in_for_the_flow_that_lacks_one() -> None:
    run = Run(_joined())
    run.complete("a")

    _move(run, "b", "j")

    assert run.tasks == ["c"]


def test_a_gateway_with_one_way_in_takes_a_moved_token_as_any_other() -> None:
    run = Run(_joined())
    run.complete("a")
    run.complete("b")

    _move(run, "c", "f")

    assert run.tasks == ["a", "b"]


def test_moving_one_of_the_events_of_a_race_ends_the_race() -> None:
    body = (
        _START
        + element("eventBasedGateway", "g")
        + element("intermediateCatchEvent", "t", timer(timeDuration="PT1H"))
        + element("intermediateCatchEvent", "m", '<bpmn:messageEventDefinition messageRef="hi"/>')
        + user("a")
        + user("b")
    )
    run = Run(diagram(body, "s -> g\ng -> t\ng -> m\nt -> a\nm -> b"))

    _move(run, "t", "a")

    assert run.tasks == ["a"]
    assert run.step.subscriptions == ()


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        pytest.param("first", "after", "nothing stands there", id="from where nothing stands"),
        pytest.param("late", "after", "nothing stands there", id="from a boundary event that only listens"),
        pytest.param("before", "late", "no token enters there by itself", id="to a boundary event"),
        pytest.param("before", "moon", "it is no element of this process", id="to nowhere"),
    ],
)
def test_what_cannot_be_moved_is_refused(source: str, target: str, why: str) -> None:
    run = Run(_nested())

    with pytest.raises(workflows.NotMovableError) as caught:
        _move(run, source, target)

    assert str(caught.value) == f"nothing can be moved from {source} to {target}: {why}"


def test_a_subprocess_whose_inputs_have_no_answer_is_not_moved_into() -> None:
    inputs = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="x">= string join(parts)</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    inside = inputs + _START + user("in") + '<bpmn:sequenceFlow id="i" sourceRef="s" targetRef="in"/>'
    body = element("startEvent", "go") + user("a") + element("subProcess", "sub", inside)
    run = Run(diagram(body, "go -> a\na -> sub"), parts=["a" * 60_000] * 3)

    with pytest.raises(workflows.NotMovableError, match="nothing can be moved from a to in"):
        _move(run, "a", "in")


def test_tokens_of_a_called_process_move_inside_it() -> None:
    caller = diagram(
        _START + element("callActivity", "c", calledElement="child") + user("after"), "s -> c\nc -> after"
    )
    child = diagram(_START + user("a") + user("b"), "s -> a\na -> b", process="child")
    run = Run(caller, child)

    _move(run, "a", "b", "child")
    assert run.tasks == ["b"]
    with pytest.raises(workflows.NotMovableError, match="it is no element of this process"):
        _move(run, "b", "after", "child")
    _move(run, "c", "after")

    assert run.tasks == ["after"]


def test_the_elements_to_move_to_are_all_of_the_process_that_tokens_enter() -> None:
    run = Run(_nested())

    found = workflows.places(run.deployment, "p", "before")

    assert set(found) == {"go", "sub", "after", "rescue", "begin", "first", "inner", "s", "deep"}
    with pytest.raises(workflows.UnknownProcessError):
        workflows.places(run.deployment, "q", "before")


def _failing() -> bytes:
    """A service call with a boundary event for one error, then a way that needs a variable."""
    catch = '<bpmn:errorEventDefinition errorRef="gone"/>'
    body = _START + service("m") + boundary("caught", "m", catch) + user("a") + user("b")
    return diagram(body, "s -> m\nm -> a: good\ncaught -> b")


def test_an_incident_says_where_it_stands_and_what_was_seen_there() -> None:
    run = Run(_failing(), total=12)

    run.answer("do.it", receipt="R-1")

    [incident] = run.incidents
    assert (incident.process, incident.element) == ("p", "m")
    assert incident.seen == {"total": 12, "receipt": "R-1"}


def test_skipping_leaves_the_incident_for_another_element() -> None:
    run = Run(_failing())
    run.answer("do.it")
    [told] = run.incidents

    _skip(run, "b")

    assert run.step.overtaken == (told.key,)
    assert (run.tasks, run.stuck) == (["b"], [])


def test_a_call_that_was_given_up_is_skipped_and_wanted_no_more() -> None:
    run = Run(_failing())
    key = next(iter(run.calls))

    run.do(workflows.skip, run.step.state, key, "a", run.now)

    assert (run.tasks, run.step.withdrawn) == (["a"], (key,))


def test_an_incident_of_a_boundary_event_is_not_skipped() -> None:
    body = _START + user("a") + boundary("late", "a", timer(timeDuration="= patience")) + user("b")
    run = Run(diagram(body, "s -> a\nlate -> b"))

    with pytest.raises(workflows.NotMovableError, match="it goes with another element"):
        _skip(run, "b")


def test_nothing_is_skipped_where_nothing_stands() -> None:
    run = Run(_failing())

    for verb in (workflows.skip, workflows.raise_error):
        arguments = ("a",) if verb is workflows.skip else ("gone", "why")
        with pytest.raises(workflows.NotOpenError):
            verb(run.deployment, run.step.state, "77", *arguments, run.now)


def test_a_boundary_event_catches_the_error_that_resolves_an_incident() -> None:
    run = Run(_failing())
    run.answer("do.it")

    _resolve(run, "gone")

    assert (run.tasks, run.stuck) == (["b"], [])


def test_a_call_that_was_given_up_is_resolved_by_an_error_and_withdrawn() -> None:
    run = Run(_failing())
    key = next(iter(run.calls))

    _resolve(run, "gone")

    assert (run.tasks, run.step.withdrawn) == (["b"], (key,))


def test_an_error_that_nothing_catches_resolves_nothing() -> None:
    run = Run(_failing())

    with pytest.raises(workflows.UncaughtError, match="nothing around m catches the error lost"):
        _resolve(run, "lost")


def test_changed_variables_are_seen_by_what_comes() -> None:
    body = _START + user("a") + script("t", "limit * 2", "double") + user("b")
    run = Run(diagram(body, "s -> a\na -> t\nt -> b"), limit=1)

    run.do(workflows.change, run.step.state, {"limit": 21}, run.now)
    assert run.step.variables["limit"] == 21
    run.complete("a")

    assert run.variables["double"] == 42


def test_a_timer_that_is_set_anew_fires_then() -> None:
    body = _START + user("a") + boundary("late", "a", timer(timeDuration="PT1H")) + user("b")
    run = Run(diagram(body, "s -> a\nlate -> b"))
    assert _timers(run) == [("p", "late", NOW + timedelta(hours=1))]
    later = NOW + timedelta(hours=5)

    run.do(workflows.reschedule, run.step.state, "p", "late", later, run.now)
    assert (run.step.next_due, _timers(run)) == (later, [("p", "late", later)])
    run.advance(hours=4)
    assert run.tasks == ["a"]
    run.advance(hours=1)

    assert run.tasks == ["b"]
    assert run.step.timers == ()


def test_a_timer_is_not_set_where_none_waits() -> None:
    run = Run(diagram(_START + user("a"), "s -> a"))

    with pytest.raises(workflows.NotOpenError):
        run.do(workflows.reschedule, run.step.state, "p", "a", NOW, run.now)


def test_a_process_that_ends_has_no_timers_any_more() -> None:
    body = _START + user("a") + boundary("late", "a", timer(timeDuration="PT1H"), interrupting=False)
    run = Run(diagram(body + element("task", "b"), "s -> a\nlate -> b"))

    run.complete("a")

    assert (run.step.finished, run.step.timers) == ("ended", ())


def _repeated() -> bytes:
    """A task, a task in three rounds with a deadline, and a subprocess in rounds."""
    body = (
        _START
        + user("a")
        + user("m", many(times="3"))
        + boundary("late", "m", timer(timeDuration="PT1H"))
        + sub("each", many(times="2") + element("startEvent", "go") + user("in"), "go -> in")
        + user("b")
    )
    return diagram(body, "s -> a\na -> m\nm -> each\neach -> b\nlate -> b")


def test_a_repeated_activity_is_moved_with_all_its_rounds() -> None:
    run = Run(_repeated())
    run.complete("a")
    assert run.tasks == ["m", "m", "m"]

    _move(run, "m", "b")

    assert run.tasks == ["b"]
    assert run.step.next_due is None


def test_a_token_moved_to_a_repeated_activity_begins_its_rounds() -> None:
    run = Run(_repeated())

    _move(run, "a", "each")

    assert run.tasks == ["in", "in"]


def test_moving_out_of_one_round_ends_them_all() -> None:
    run = Run(_repeated())
    _move(run, "a", "each")

    _move(run, "in", "b")

    assert run.tasks == ["b"]
    run.complete("b")
    assert run.step.finished == "ended"


def test_no_token_is_put_inside_a_repeated_subprocess() -> None:
    run = Run(_repeated())

    with pytest.raises(workflows.NotMovableError, match="each begins by itself"):
        _move(run, "a", "in")


def test_one_round_is_not_skipped_alone() -> None:
    run = Run(_repeated())
    run.complete("a")

    with pytest.raises(workflows.NotMovableError, match="it is one round of several"):
        run.do(workflows.skip, run.step.state, next(iter(run.open)), "b", run.now)


def _undoable() -> bytes:
    """A task that can be undone, a subprocess with an event subprocess inside, a throw that undoes."""
    inside = (
        element("startEvent", "go")
        + user("in")
        + event_sub("alarm", timer(timeDuration="PT1H"), user("help"), "alarm_start -> help")
    )
    throw = element("intermediateThrowEvent", "undo", "<bpmn:compensateEventDefinition/>")
    body = (
        _START
        + user("a")
        + undoing("c", "a")
        + user("b")
        + sub("inner", inside, "go -> in")
        + throw
        + user("z")
    )
    return diagram(body, "s -> a\na -> b\nb -> inner\ninner -> undo\nundo -> z")


def test_the_event_subprocesses_of_a_subprocess_that_is_moved_into_listen() -> None:
    run = Run(_undoable())

    _move(run, "a", "in")
    run.advance(hours=1)

    assert run.tasks == ["help"]


def test_a_running_event_subprocess_is_left_for_another_element() -> None:
    run = Run(_undoable())
    _move(run, "a", "in")
    run.advance(hours=1)

    _move(run, "help", "z")

    assert run.tasks == ["z"]


@pytest.mark.parametrize(
    "target", [pytest.param("undo_a", id="a handler"), pytest.param("alarm", id="an event subprocess")]
)
def test_what_begins_by_an_event_only_is_never_entered(target: str) -> None:
    run = Run(_undoable())

    with pytest.raises(workflows.NotMovableError, match="no token enters there by itself"):
        _move(run, "a", target)
    with pytest.raises(workflows.NotMovableError, match="alarm begins by itself"):
        _move(run, "a", "help")


def test_what_undoes_is_not_moved_away() -> None:
    run = Run(_undoable())
    run.complete("a")
    _move(run, "b", "undo")
    assert run.tasks == ["undo_a"]

    with pytest.raises(workflows.NotMovableError, match="it undoes what was done"):
        _move(run, "undo_a", "z")
    run.complete("undo_a")

    assert run.tasks == ["z"]


def test_the_throw_that_undoes_is_moved_with_what_it_began() -> None:
    run = Run(_undoable())
    run.complete("a")
    _move(run, "b", "undo")

    _move(run, "undo", "z")

    assert run.tasks == ["z"]


def test_what_a_subprocess_that_is_undone_holds_is_not_moved_out() -> None:
    inside = element("startEvent", "go") + user("x") + undoing("c", "x")
    throw = element("intermediateThrowEvent", "undo", "<bpmn:compensateEventDefinition/>")
    own = event_sub("own", "<bpmn:compensateEventDefinition/>", user("mend"), "own_start -> mend")
    run = Run(
        diagram(
            _START + sub("inner", inside + own, "go -> x") + throw + user("z"),
            "s -> inner\ninner -> undo\nundo -> z",
        )
    )
    run.complete("x")
    assert run.tasks == ["mend"]

    with pytest.raises(workflows.NotMovableError, match="it undoes what was done"):
        _move(run, "mend", "z")


def test_the_elements_to_move_to_leave_out_what_begins_by_itself() -> None:
    run = Run(_undoable())
    rounds = Run(_repeated())

    assert set(workflows.places(run.deployment, "p", "a")) == {"s", "b", "inner", "go", "in", "undo", "z"}
    assert set(workflows.places(run.deployment, "p", "help")) == {
        *("s", "a", "b", "inner", "go", "in", "undo", "z", "alarm_start")
    }
    assert set(workflows.places(rounds.deployment, "p", "")) == {"s", "a", "m", "each", "b"}


def test_the_timer_of_an_event_subprocess_is_given_another_time() -> None:
    run = Run(_undoable())
    _move(run, "a", "in")
    later = NOW + timedelta(hours=3)

    for name in ("alarm", "alarm_start"):
        run.do(workflows.reschedule, run.step.state, "p", name, later, run.now)

    assert run.step.next_due == later


def test_a_conditional_event_sees_what_an_operator_sets() -> None:
    body = _START + user("a") + boundary("high", "a", condition("limit &gt; 10")) + user("b")
    run = Run(diagram(body, "s -> a\nhigh -> b"), limit=1)

    run.do(workflows.change, run.step.state, {"limit": 11}, run.now)

    assert run.tasks == ["b"]


_TO = (
    "<bpmn:extensionElements><camunda:inputOutput>"
    '<camunda:inputParameter name="to">= address</camunda:inputParameter>'
    "</camunda:inputOutput></bpmn:extensionElements>"
)


def test_a_call_is_made_anew_with_what_was_changed() -> None:
    body = _START + service("m", _TO) + boundary("late", "m", timer(timeDuration="PT1H")) + user("a")
    run = Run(diagram(body, "s -> m\nm -> a\nlate -> a"), address="Short Street")
    [key] = run.calls

    run.do(workflows.call_again, run.step.state, key, {"address": "Long Street"}, run.now)

    [call] = run.step.calls
    assert (run.step.withdrawn, call.inputs) == ((key,), {"to": "Long Street"})
    assert len(run.step.timers) == 1
    run.do(workflows.complete, run.step.state, call.key, {}, run.now)
    assert run.tasks == ["a"]


def test_one_round_of_several_calls_is_made_anew() -> None:
    body = _START + service("m", _TO + many(times="2")) + user("a")
    run = Run(diagram(body, "s -> m\nm -> a"), address="Short Street")
    first, second = run.calls

    run.do(workflows.call_again, run.step.state, first, {"address": "Long Street"}, run.now)
    [call] = run.step.calls
    for key in (call.key, second):
        run.do(workflows.complete, run.step.state, key, {}, run.now)

    assert call.inputs == {"to": "Long Street", "loopCounter": "0"}
    assert run.tasks == ["a"]


def test_only_a_call_that_is_awaited_is_made_anew() -> None:
    run = Run(diagram(_START + user("a"), "s -> a"))

    for key in (run.task("a").key, "77"):
        with pytest.raises(workflows.NotOpenError):
            workflows.call_again(run.deployment, run.step.state, key, {}, run.now)


def test_a_call_whose_changed_inputs_have_no_answer_is_an_incident() -> None:
    body = _START + service("m", _TO.replace("address", "string join(parts)")) + user("a")
    run = Run(diagram(body, "s -> m\nm -> a"), parts=["a"])
    [key] = run.calls

    run.do(workflows.call_again, run.step.state, key, {"parts": ["a" * 60_000] * 3}, run.now)

    assert (run.stuck, run.step.calls) == (["m"], ())


def test_a_join_whose_incident_is_moved_out_of_the_way_goes_on_and_says_so() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + element("inclusiveGateway", "j")
        + element("parallelGateway", "q")
        + user("a")
        + user("z")
    )
    run = Run(diagram(body, "s -> f\nf -> j\nf -> q\nj -> q\nq -> a\na -> j\na -> z: done"))
    [told] = run.incidents
    assert told.element == "j"

    _move(run, "q", "z")

    assert told.key in run.step.overtaken
    assert run.stuck == ["q"]
