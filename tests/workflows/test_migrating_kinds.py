"""Migrating what is repeated, listens in its scope, waits for a condition, or can be undone."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

import workflows
from tests.workflows.building import (
    NOW,
    boundary,
    condition,
    diagram,
    element,
    event_sub,
    many,
    sub,
    timer,
    undoing,
    user,
)
from tests.workflows.moving import Mover

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_MESSAGES = '<bpmn:message id="m" name="paid"/>'
_PAID = '<bpmn:messageEventDefinition messageRef="m"/>'
_GONE = "is not in the new version, and nothing stands for it there"


def _repeated(task: str, more: str = "", flows: str = "") -> bytes:
    name = task.split('id="')[1].split('"')[0]
    return diagram(_START + task + user("z") + more, f"s -> {name}\n{name} -> z\n{flows}", before=_MESSAGES)


def _people(task: str, **more: Any) -> Mover:
    return Mover(_repeated(task), people=["ann", "bob", "cy"], **more)


# repeated activities


@pytest.mark.parametrize("sequential", ["false", "true"])
def test_rounds_that_are_open_and_those_to_come_go_on_in_the_new_version(sequential: str) -> None:
    def drawn(key: str) -> str:
        return user(key, many("people", isSequential=sequential), camunda_assignee="= each")

    run = _people(drawn("a"))
    run.complete("a")

    run.move_to(_repeated(drawn("b")), a="b")
    run.complete("b")
    assert run.tasks == ["b"]
    run.complete("b")

    assert run.tasks == ["z"]


def test_each_round_that_is_drawn_otherwise_is_said_anew() -> None:
    run = _people(user("a", many("people"), camunda_assignee="= each"))

    run.move_to(_repeated(user("a", many("people"), name="Sign", camunda_candidateUsers="= each")))

    assert sorted(said.candidate_users for said in run.revised) == [("ann",), ("bob",), ("cy",)]


def test_a_boundary_event_that_was_drawn_at_a_repeated_activity_ends_all_its_rounds() -> None:
    task = user("a", many("people"))
    run = _people(task)

    run.move_to(_repeated(task, boundary("x", "a", _PAID), "x -> z"))
    assert len(run.step.subscriptions) == 1
    run.message("paid")

    assert run.tasks == ["z"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(many("people"), "", id="not repeated"),
        pytest.param(many("people"), many("people", isSequential="true"), id="in turn"),
        pytest.param(many("people"), many(times="3"), id="a number of times"),
        pytest.param(many("people"), "<bpmn:standardLoopCharacteristics/>", id="a loop"),
    ],
)
def test_what_is_repeated_is_so_in_the_same_way_there(old: str, new: str) -> None:
    run = _people(user("a", old), more=False)

    if "standardLoop" in new:
        new = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    reasons = run.reasons(_repeated(user("a", new)))

    assert set(reasons) == {"a: is repeated; a is not, or in another way"}


def test_what_is_done_once_is_not_repeated_there() -> None:
    run = _people(user("a"))

    assert run.reasons(_repeated(user("a", many("people")))) == ["a: is done once; a is repeated"]


def test_an_activity_whose_rounds_could_not_begin_is_mended_by_a_better_diagram() -> None:
    run = Mover(_repeated(user("a", many("nobody"))))
    assert run.stuck == ["a"]

    run.move_to(_repeated(user("a", many("[1, 2]"))))
    run.retry()

    assert run.tasks == ["a", "a"]


def test_a_join_inside_rounds_remembers_what_arrived_in_each() -> None:
    def drawn(name: str) -> bytes:
        gates = element("parallelGateway", "f") + element("parallelGateway", "j")
        flows = f"s2 -> f\nf -> x\nf -> {name}\nx -> j\n{name} -> j"
        inside = many(times="2") + element("startEvent", "s2") + gates + user("x") + user(name)
        return _repeated(sub("a", inside, flows))

    run = Mover(drawn("y"))
    run.complete("x")

    run.move_to(drawn("w"), y="w")
    for name in ("w", "w", "x"):
        run.complete(name)

    assert run.tasks == ["z"]


# event subprocesses


def _listening(definition: str = "", interrupting: bool = True, key: str = "es", inside: str = "u") -> bytes:
    more = (
        event_sub(key, definition, user(inside), f"{key}_start -> {inside}", interrupting)
        if definition
        else ""
    )
    return diagram(_START + user("a") + more, "s -> a", before=_MESSAGES)


def test_an_event_subprocess_that_was_drawn_in_since_listens_from_now_on() -> None:
    run = Mover(_listening())
    run.advance(days=1)

    run.move_to(_listening(timer(timeDuration="P2D")))
    assert run.step.next_due == run.now + timedelta(days=2)
    run.advance(days=2)

    assert run.tasks == ["u"]


def test_an_event_subprocess_that_is_gone_stops_listening() -> None:
    run = Mover(_listening(_PAID))

    run.move_to(_listening())
    assert run.step.subscriptions == ()
    run.complete("a")

    assert run.step.finished == "ended"


def test_an_event_subprocess_goes_on_listening_as_it_is_drawn_now() -> None:
    run = Mover(_listening(timer(timeDuration="P2D")))
    run.advance(days=1)

    run.move_to(_listening(timer(timeDuration="P2D"), key="es2"), es_start="es2_start")
    assert run.step.next_due == NOW + timedelta(days=2)
    run.move_to(_listening(_PAID, key="es2"))
    run.message("paid")

    assert run.tasks == ["u"]


def test_an_event_subprocess_that_runs_goes_along_and_those_it_silenced_stay_silent() -> None:
    run = Mover(_listening(_PAID))
    run.message("paid")
    again = event_sub("more", timer(timeDuration="P1D"), user("w"), "more_start -> w")
    new = _listening(_PAID).replace(b"</bpmn:process>", again.encode() + b"</bpmn:process>")

    run.move_to(new)
    assert run.step.next_due is None
    run.complete("u")

    assert run.step.finished == "ended"


def test_an_event_subprocess_that_fired_for_the_last_time_does_not_listen_again() -> None:
    def drawn(title: str) -> bytes:
        return _listening(timer(timeDuration="P1D"), interrupting=False).replace(
            b'id="a"', f'id="a" name="{title}"'.encode()
        )

    run = Mover(drawn("One"))
    run.advance(days=1)

    run.move_to(drawn("Two"))

    assert run.step.next_due is None
    assert run.tasks == ["a", "u"]


def test_a_running_event_subprocess_is_no_plain_one() -> None:
    run = Mover(_listening(_PAID))
    run.message("paid")
    body = _START + user("a") + sub("es", element("startEvent", "es_start") + user("u"), "es_start -> u")

    assert run.reasons(diagram(body, "s -> a\na -> es")) == [f"es: {_GONE}"]
    assert run.reasons(diagram(body, "s -> a\na -> es"), es="es") == [
        "es: is a subProcess; es is a subProcess"
    ]


# conditions and links


def _conditional(text: str = "") -> bytes:
    drawn = boundary("x", "a", condition(text)) if text else ""
    return diagram(_START + user("a") + user("b") + drawn, "s -> a" + ("\nx -> b" if text else ""))


@pytest.mark.parametrize("before", ["", "poor = true", "rich = true"])
def test_a_condition_that_was_drawn_in_or_anew_is_waited_for(before: str) -> None:
    run = Mover(_conditional(before), rich=False)

    run.move_to(_conditional("rich = true"))
    assert run.tasks == ["a"]
    run.do(workflows.change, run.step.state, {"rich": True}, run.now)

    assert run.tasks == ["b"]


def test_a_condition_that_holds_already_would_fire_at_once() -> None:
    run = Mover(_conditional(), rich=True)

    assert run.reasons(_conditional("rich = true")) == [
        "x: its condition 'rich = true' holds already: it would fire at once"
    ]


def test_what_waits_for_an_event_does_not_become_a_link() -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    wait = _START + element("intermediateCatchEvent", "w", _PAID) + user("z")
    run = Mover(diagram(wait, "s -> w\nw -> z", before=_MESSAGES))
    linked = (
        _START + element("intermediateThrowEvent", "t", link) + element("intermediateCatchEvent", "w", link)
    )

    assert run.reasons(diagram(linked + user("z"), "s -> t\nw -> z")) == [
        "w: waits for something; w waits for nothing"
    ]


# what can be undone


def _undoable(
    first: str = "a", *, with_undoing: bool = True, before: str = "", kind: str = "intermediateThrowEvent"
) -> bytes:
    handled = undoing(f"b{first}", first) if with_undoing else ""
    throw = element(kind, "t", "<bpmn:compensateEventDefinition/>")
    body = _START + user(first) + handled + user("c") + throw + user("z") + before
    return diagram(body, f"s -> {first}\n{first} -> c\nc -> t\nt -> z")


def test_what_was_completed_is_undone_by_what_undoes_it_in_the_new_version() -> None:
    run = Mover(_undoable())
    run.complete("a")

    run.move_to(_undoable("b"), a="b")
    run.complete("c")
    assert run.tasks == ["undo_b"]
    run.complete("undo_b")

    assert run.tasks == ["z"]


@pytest.mark.parametrize(
    ("new", "chosen", "why"),
    [
        pytest.param(_undoable("b"), {"a": None}, "nothing stands for it there", id="gone"),
        pytest.param(_undoable(with_undoing=False), {}, "nothing undoes a", id="not undone"),
    ],
)
def test_what_can_be_undone_must_be_so_in_the_new_version(
    new: bytes, chosen: dict[str, str | None], why: str
) -> None:
    run = Mover(_undoable())
    run.complete("a")

    assert run.reasons(new, **chosen) == [f"a: was completed and can be undone; {why}"]


def test_what_is_being_undone_goes_when_that_is_done() -> None:
    run = Mover(_undoable())
    run.complete("a")
    run.complete("c")
    assert run.reasons(_undoable()) == ["t: undoes what was completed: it can go when that is done"]

    run.complete("undo_a")

    assert run.reasons(_undoable()) == []


def _undoable_inside(inner: str = "a", around: str = "sub") -> bytes:
    inside = element("startEvent", "s2") + user(inner) + undoing(f"b{inner}", inner)
    throw = element("intermediateThrowEvent", "t", "<bpmn:compensateEventDefinition/>")
    body = _START + sub(around, inside, f"s2 -> {inner}") + user("c") + throw + user("z")
    return diagram(body, f"s -> {around}\n{around} -> c\nc -> t\nt -> z")


def test_what_was_completed_in_a_subprocess_is_undone_in_the_new_versions() -> None:
    run = Mover(_undoable_inside())
    run.complete("a")

    run.move_to(_undoable_inside("b", "sub2"), sub="sub2", a="b", s2="s2")
    run.complete("c")
    assert run.tasks == ["undo_b"]
    run.complete("undo_b")

    assert run.tasks == ["z"]


def test_what_was_completed_in_a_subprocess_needs_one_there() -> None:
    run = Mover(_undoable_inside())
    run.complete("a")
    body = _START + user("sub") + user("c") + user("z")
    new = diagram(body, "s -> sub\nsub -> c\nc -> z")

    assert run.reasons(new, sub="sub") == ["sub: was completed and can be undone; sub is no subprocess"]


def test_a_subprocess_that_is_done_and_cannot_leave_keeps_what_can_be_undone_in_it() -> None:
    def drawn(inner: str, way: str) -> bytes:
        inside = element("startEvent", "s2") + user(inner) + undoing(f"b{inner}", inner)
        throw = element("intermediateThrowEvent", "t", "<bpmn:compensateEventDefinition/>")
        body = _START + sub("sub", inside, f"s2 -> {inner}") + throw + user("z")
        return diagram(body, f"s -> sub\nsub -> t: {way}\nt -> z")

    run = Mover(drawn("a", "false"))
    run.complete("a")
    assert run.stuck == ["sub"]

    run.move_to(drawn("b", "true"), a="b")
    run.retry()

    assert run.tasks == ["undo_b"]


# calls that choose what they call


def _child(*tasks: str, process: str = "child") -> bytes:
    line = "\n".join(f"{one} -> {other}" for one, other in pairwise(["s", *tasks]))
    return diagram(_START + "".join(user(name) for name in tasks), line, process=process)


def _parent(then: str = "z", called: str = "child", **attributes: str) -> bytes:
    body = _START + element("callActivity", "c", calledElement=called, **attributes) + user(then)
    return diagram(body, f"s -> c\nc -> {then}")


@dataclass(frozen=True)
class _Newest:
    """The newest deployment has another version of the child."""

    def find(self, process: str, how: str, wanted: str) -> tuple[str, Any] | None:
        return "newest", self.get("newest")

    def get(self, key: str) -> Any:
        return replace(workflows.deploy({"0.bpmn": _child("newest", "deep")}), others=self)


def test_a_called_process_that_is_bound_elsewhere_goes_on_where_it_is() -> None:
    parent = _parent(camunda_calledElementBinding="latest")
    old = replace(workflows.deploy({"0.bpmn": parent, "1.bpmn": _child("a")}), others=_Newest())
    new = replace(workflows.deploy({"0.bpmn": _parent("y"), "1.bpmn": _child("b", "x")}), others=_Newest())
    step = workflows.start(old, "p", {}, NOW, "key")
    plan = workflows.plan(old, new, "p")

    moved = workflows.migrate(old, new, step.state, plan, NOW).step
    for element_id in ("newest", "deep"):
        assert ("child", element_id) in moved.tokens
        key = max(int(task[0]) for task in _tokens(moved.state))
        moved = workflows.complete(new, moved.state, str(key), {}, NOW)

    assert moved.tokens == (("p", "y"),)


def _tokens(state: bytes) -> list[list[Any]]:
    return [token for scope in json.loads(state)[3] for token in scope[3]]


def test_a_call_that_chose_its_process_goes_on_with_what_it_chose() -> None:
    run = Mover(_parent(called="${which}"), _child("a"), which="child")

    run.move_to(_parent("y", called="${which}"), _child("a", "x"))
    for name in ("a", "x"):
        run.complete(name)

    assert run.tasks == ["y"]


def test_a_call_may_name_what_it_chose() -> None:
    run = Mover(_parent(called="${which}"), _child("a"), which="child")

    run.move_to(_parent(), _child("a", "x"))
    run.complete("a")

    assert run.tasks == ["x"]


def test_a_call_does_not_become_one_of_another_process() -> None:
    run = Mover(_parent(), _child("a"))
    other = _child("a", process="other")

    assert run.reasons(_parent(called="other"), other) == ["c: calls child; c calls other"]


def test_a_process_that_was_chosen_and_is_gone_refuses_the_migration() -> None:
    run = Mover(_parent(called="${which}"), _child("a"), which="child")
    other = _child("a", process="other")

    assert run.reasons(_parent(called="${which}"), other) == ["c: calls child, which is not there any more"]


def test_a_call_that_failed_goes_with_what_it_would_call() -> None:
    run = Mover(_parent(called="${which}"), _child("a"), which="nobody")
    assert run.stuck == ["c"]

    run.move_to(_parent(), _child("a"))
    run.retry()

    assert run.tasks == ["a"]
