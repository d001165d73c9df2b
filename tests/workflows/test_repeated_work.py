"""Multi-instance activities and standard loops, alone, inside one another, and around joins."""

from __future__ import annotations

import itertools

import pytest

import workflows
from tests.workflows.building import Run, boundary, element, script, sub, user
from tests.workflows.definitions import (
    END,
    ERROR,
    ESCALATION,
    MESSAGE,
    START,
    TERMINATE,
    TIMER,
    again_while,
    beside,
    draw,
    end,
    gateway,
    many,
    throw,
)

pytestmark = pytest.mark.usefixtures("each_way")
_BEGIN = element("startEvent", "s0")
_BOTH = pytest.mark.parametrize("sequential", [False, True], ids=["together", "one by one"])


def _asked(words: str, more: str = "", flows: str = "") -> bytes:
    """Ask several people, and go on."""
    body = _BEGIN + user("ask", words) + user("after") + more
    return draw(body, f"s0 -> ask\nask -> after\n{flows}")


def _keys(run: Run, name: str) -> list[str]:
    return sorted((task.key for task in run.open.values() if task.element == name), key=int)


def _complete_nth(run: Run, name: str, place: int = 0, **result: object) -> None:
    key = _keys(run, name)[place]
    run.do(workflows.complete, run.step.state, key, result, run.now)


# multi-instance


def test_everybody_is_asked_at_once_and_the_last_answer_leads_on() -> None:
    run = Run(_asked(many(each="person in people")), people=["ann", "ben", "cy"])
    assert run.tasks == ["ask"] * 3
    assert sorted(task.inputs["person"] for task in run.open.values()) == ["ann", "ben", "cy"]

    for left in (2, 1):
        run.complete("ask")
        assert run.tasks == ["ask"] * left
    run.complete("ask")

    assert run.tasks == ["after"]


def test_one_is_asked_after_the_other() -> None:
    run = Run(_asked(many(each="person in people", sequential=True)), people=["ann", "ben", "cy"])

    for person in ("ann", "ben", "cy"):
        assert [task.inputs["person"] for task in run.open.values()] == [person]
        run.complete("ask")

    assert run.tasks == ["after"]


@_BOTH
@pytest.mark.parametrize("times", ["3", "= 1 + 2", "number", "${number}"])
def test_a_number_says_how_often(times: str, sequential: bool) -> None:
    run = Run(_asked(many(times=times, sequential=sequential)), number=3)

    for _ in range(3):
        run.complete("ask")

    assert run.tasks == ["after"]


@_BOTH
@pytest.mark.parametrize("words", [{"times": "0"}, {"each": "person in people"}], ids=["none", "nobody"])
def test_no_round_at_all_leads_on(words: dict[str, str], sequential: bool) -> None:
    run = Run(_asked(many(sequential=sequential, **words)), people=[])

    assert run.tasks == ["after"]


@_BOTH
@pytest.mark.parametrize(
    ("words", "variables"),
    [
        pytest.param({"each": "person in people"}, {"people": None}, id="null"),
        pytest.param({"each": "person in people"}, {"people": "ann"}, id="no list"),
        pytest.param({"times": "number"}, {"number": -1}, id="less than none"),
        pytest.param({"times": "number"}, {"number": "many"}, id="no number"),
        pytest.param({"times": "nothing_here"}, {}, id="an unknown name"),
    ],
)
def test_what_cannot_be_counted_is_an_incident(
    words: dict[str, str], variables: dict[str, object], sequential: bool
) -> None:
    run = Run(_asked(many(sequential=sequential, **words)), **variables)
    assert run.stuck == ["ask"]

    run.retry(people=["ann"], number=1, nothing_here=1)

    assert run.tasks == ["ask"]


@_BOTH
def test_the_rounds_are_counted_from_nought(sequential: bool) -> None:
    inside = many(times="3", sequential=sequential)
    body = (
        _BEGIN
        + sub("w", inside + START + script("n", "append(seen, loopCounter)", "seen") + END, "s -> n\nn -> e")
        + user("after")
    )
    run = Run(draw(body, "s0 -> w\nw -> after"), seen=[])

    assert run.variables["seen"] == [0, 1, 2]


@pytest.mark.parametrize(
    "until", ["nrOfCompletedInstances >= 2", "nrOfActiveInstances = 1", "nrOfInstances = 3 and ok"]
)
def test_enough_answers_end_the_others(until: str) -> None:
    run = Run(_asked(many(each="person in people", until=until)), people=["ann", "ben", "cy"], ok=False)
    run.complete("ask")
    assert run.tasks == ["ask", "ask"]

    run.complete("ask", ok=True)

    assert run.tasks == ["after"]
    assert sorted(closed.how for closed in run.step.closed) == ["cancelled", "completed"]


def test_enough_answers_ask_nobody_more() -> None:
    words = many(
        each="person in people", until="nrOfCompletedInstances / nrOfInstances >= 0.5", sequential=True
    )
    run = Run(_asked(words), people=["ann", "ben", "cy", "dan"])
    run.complete("ask")
    assert run.tasks == ["ask"]

    run.complete("ask")

    assert run.tasks == ["after"]


def test_a_condition_may_ask_what_one_of_them_said() -> None:
    run = Run(_asked(many(each="person in people", until="rejected")), people=["ann", "ben"], rejected=False)
    run.complete("ask", rejected=True)

    assert run.tasks == ["after"]


def test_a_condition_without_an_answer_is_an_incident() -> None:
    run = Run(_asked(many(times="2", until="nothing_here")))

    run.complete("ask")

    assert run.stuck == ["ask"]


@_BOTH
@pytest.mark.parametrize("definition", [MESSAGE, TIMER], ids=["message", "timer"])
def test_one_boundary_ends_all_rounds(definition: str, sequential: bool) -> None:
    more = boundary("bo", "ask", definition) + user("caught")
    run = Run(_asked(many(times="3", sequential=sequential), more, "bo -> caught"))

    _happens(run, definition)

    assert run.tasks == ["caught"]
    assert run.step.next_due is None


@_BOTH
@pytest.mark.parametrize("definition", [MESSAGE, TIMER], ids=["message", "timer"])
def test_one_boundary_beside_all_rounds_fires_once(definition: str, sequential: bool) -> None:
    more = boundary("bo", "ask", definition, interrupting=False) + user("caught")
    run = Run(_asked(many(times="3", sequential=sequential), more, "bo -> caught"))

    _happens(run, definition)

    assert run.tasks == ["ask"] * (1 if sequential else 3) + ["caught"]


def _happens(run: Run, definition: str) -> None:
    if definition == TIMER:
        run.advance(days=1)
    else:
        run.message("paid")


@_BOTH
def test_machines_are_asked_as_people_are(sequential: bool) -> None:
    words = many(each="sku in skus", sequential=sequential)
    body = _BEGIN + element("serviceTask", "ask", words, camunda_topic="do.it") + user("after")
    run = Run(draw(body, "s0 -> ask\nask -> after"), skus=["a", "b"])
    assert len(run.calls) == (1 if sequential else 2)

    run.answer("do.it")
    run.answer("do.it")

    assert run.tasks == ["after"]


@_BOTH
def test_scripts_run_all_rounds_at_once(sequential: bool) -> None:
    words = many(each="n in numbers", sequential=sequential)
    task = script("add", "total + n", "total").replace("</bpmn:scriptTask>", words + "</bpmn:scriptTask>")
    run = Run(draw(_BEGIN + task + user("after"), "s0 -> add\nadd -> after"), numbers=[1, 2, 3], total=0)

    assert run.tasks == ["after"]
    assert run.variables["total"] == 6


@_BOTH
def test_a_process_is_called_for_each(sequential: bool) -> None:
    mapping = (
        '<bpmn:extensionElements><camunda:in source="line" target="line"/>'
        '<camunda:out source="sum" target="sum"/></bpmn:extensionElements>'
    )
    words = mapping + many(each="line in lines", sequential=sequential)
    caller = draw(
        _BEGIN + element("callActivity", "w", words, calledElement="q") + user("after"), "s0 -> w\nw -> after"
    )
    called = draw(START + user("a") + script("n", "line * 10", "sum") + END, "s -> a\na -> n\nn -> e", "q")
    run = Run(caller, called, lines=[1, 2])
    assert run.tasks == ["a"] * (1 if sequential else 2)

    run.complete("a")
    run.complete("a")

    assert run.tasks == ["after"]
    assert run.variables == {"lines": [1, 2], "sum": 20}


@_BOTH
def test_an_error_of_one_round_ends_the_others(sequential: bool) -> None:
    inside = many(times="3", sequential=sequential) + START + user("a")
    inside += gateway("exclusive", "x", default="x_e") + END + end("bad", ERROR)
    more = boundary("bo", "w", ERROR) + user("caught") + user("after")
    body = _BEGIN + sub("w", inside, "s -> a\na -> x\nx -> e\nx -> bad: broken") + more
    run = Run(draw(body, "s0 -> w\nw -> after\nbo -> caught"))
    run.complete("a", broken=False)

    run.complete("a", broken=True)

    assert run.tasks == ["caught"]


@_BOTH
def test_each_round_may_escalate(sequential: bool) -> None:
    inside = many(times="2", sequential=sequential) + START + throw("t", ESCALATION) + user("a") + END
    more = boundary("bo", "w", ESCALATION, interrupting=False) + user("caught") + user("after")
    body = _BEGIN + sub("w", inside, "s -> t\nt -> a\na -> e") + more
    run = Run(draw(body, "s0 -> w\nw -> after\nbo -> caught"))
    assert run.tasks == (["a", "caught"] if sequential else ["a", "a", "caught", "caught"])

    run.complete("a")
    run.complete("a")

    assert run.tasks == ["after", "caught", "caught"]


@_BOTH
def test_a_terminating_end_ends_its_own_round(sequential: bool) -> None:
    inside = many(times="2", sequential=sequential) + START + gateway("parallel", "f")
    inside += user("a") + user("b") + end("t", TERMINATE)
    body = _BEGIN + sub("w", inside, "s -> f\nf -> a\nf -> b\na -> t") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"))

    run.complete("a")
    assert run.tasks == ["a", "b"]
    run.complete("a")

    assert run.tasks == ["after"]


@pytest.mark.parametrize("outer", [False, True], ids=["outer together", "outer one by one"])
@pytest.mark.parametrize("inner", [False, True], ids=["inner together", "inner one by one"])
def test_rounds_inside_rounds(outer: bool, inner: bool) -> None:
    task = user("a", many(each="person in team", sequential=inner))
    inside = many(each="team in teams", sequential=outer) + START + task + END
    body = _BEGIN + sub("w", inside, "s -> a\na -> e") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"), teams=[["ann", "ben"], ["cy", "dan", "eve"]])
    seen = []

    while "a" in run.tasks:
        seen.append(run.task("a").inputs["person"])
        run.complete("a")

    assert sorted(seen) == ["ann", "ben", "cy", "dan", "eve"]
    assert run.tasks == ["after"]


def test_rounds_inside_rounds_inside_rounds() -> None:
    deepest = sub(
        "w3",
        many(times="2") + element("startEvent", "s3") + user("a") + element("endEvent", "e3"),
        "s3 -> a\na -> e3",
    )
    middle = sub(
        "w2",
        many(times="2") + element("startEvent", "s2") + deepest + element("endEvent", "e2"),
        "s2 -> w3\nw3 -> e2",
    )
    outer = sub("w1", many(times="2") + START + middle + END, "s -> w2\nw2 -> e")
    run = Run(draw(_BEGIN + outer + user("after"), "s0 -> w1\nw1 -> after"))
    assert run.tasks == ["a"] * 8

    for place in (7, 0, 3, 2, 1, 2, 0, 0):
        _complete_nth(run, "a", place)

    assert run.tasks == ["after"]


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
@pytest.mark.parametrize(
    "order", list(itertools.permutations((0, 1, 2, 3))), ids=lambda order: "".join(map(str, order))
)
def test_a_join_counts_the_branches_of_its_own_round(kind: str, order: tuple[int, ...]) -> None:
    inside = many(times="2") + START + gateway(kind, "f") + gateway(kind, "j")
    inside += user("a") + user("b") + user("c") + END
    flows = "s -> f\nf -> a\nf -> b\na -> j\nb -> j\nj -> c\nc -> e"
    run = Run(draw(_BEGIN + sub("w", inside, flows) + user("after"), "s0 -> w\nw -> after"))
    first = [(name, key) for name in "ab" for key in _keys(run, name)]
    rounds = {key: place % 2 for place, (_, key) in enumerate(first)}
    done = []

    for place in order:
        key = first[place][1]
        run.do(workflows.complete, run.step.state, key, {}, run.now)
        done.append(rounds[key])
        whole = sum(done.count(each) == 2 for each in (0, 1))
        assert len(_keys(run, "c")) == whole
    run.complete("c")
    assert run.tasks == ["c"]
    run.complete("c")

    assert run.tasks == ["after"]


@_BOTH
def test_rounds_in_a_rework_loop_begin_anew_each_time(sequential: bool) -> None:
    words = many(each="person in people", until="nrOfCompletedInstances = 2", sequential=sequential)
    body = _BEGIN + gateway("exclusive", "in") + user("ask", words) + user("look")
    body += gateway("exclusive", "out", default="out_e") + END
    flows = "s0 -> in\nin -> ask\nask -> look\nlook -> out\nout -> in: again\nout -> e"
    run = Run(draw(body, flows), people=["ann", "ben", "cy"])

    for again in (True, True, False):
        run.complete("ask")
        run.complete("ask")
        assert run.tasks == ["look"]
        run.complete("look", again=again)

    assert run.step.finished == "e"


def test_an_inclusive_join_waits_for_all_rounds_of_a_branch() -> None:
    body = _BEGIN + gateway("inclusive", "f") + gateway("inclusive", "j")
    body += user("ask", many(times="2")) + user("b") + user("after")
    run = Run(draw(body, "s0 -> f\nf -> ask\nf -> b\nask -> j\nb -> j\nj -> after"))

    run.complete("b")
    run.complete("ask")
    assert run.tasks == ["ask"]
    run.complete("ask")

    assert run.tasks == ["after"]


def test_each_round_has_its_own_event_subprocess() -> None:
    inside = many(times="2") + START + user("a") + END + beside("es", TIMER, "late", interrupting=False)
    body = _BEGIN + sub("w", inside, "s -> a\na -> e") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"))
    run.complete("a")

    run.advance(days=1)

    assert run.tasks == ["a", "late"]
    run.complete("a")
    assert run.tasks == ["late"]
    run.complete("late")
    assert run.tasks == ["after"]


def test_rounds_may_write_what_all_see_and_keep_what_is_theirs() -> None:
    inside = many(each="person in people") + START + user("a") + user("b") + END
    body = _BEGIN + sub("w", inside, "s -> a\na -> b\nb -> e") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"), people=["ann", "ben"])

    run.complete("a", said="yes")

    assert run.variables == {"people": ["ann", "ben"], "said": "yes"}


def test_a_repeated_activity_interrupted_leaves_nothing_behind() -> None:
    inside = many(times="3") + START + user("a", many(times="3")) + END
    body = _BEGIN + sub("w", inside, "s -> a\na -> e") + boundary("bo", "w", MESSAGE) + user("after")
    run = Run(draw(body, "s0 -> w\nbo -> after"))
    assert len(run.tasks) == 9

    run.message("paid")

    assert run.tasks == ["after"]
    assert [name for _, name in run.step.tokens] == ["after"]
    assert len(run.step.state) < 300


# standard loops


def _looped(words: str) -> bytes:
    return draw(_BEGIN + user("ask", words) + user("after"), "s0 -> ask\nask -> after")


def test_a_loop_goes_on_while_its_condition_holds() -> None:
    run = Run(_looped(again_while("more")))

    for more in (True, True, False):
        assert run.tasks == ["ask"]
        run.complete("ask", more=more)

    assert run.tasks == ["after"]


def test_a_loop_that_asks_before_may_not_begin_at_all() -> None:
    assert Run(_looped(again_while("more", before=True)), more=False).tasks == ["after"]
    assert Run(_looped(again_while("more", before=True)), more=True).tasks == ["ask"]


def test_a_loop_that_asks_after_goes_at_least_once() -> None:
    run = Run(_looped(again_while("more")), more=False)
    assert run.tasks == ["ask"]

    run.complete("ask")

    assert run.tasks == ["after"]


@pytest.mark.parametrize("condition", ["more", ""], ids=["and a condition", "alone"])
def test_a_loop_ends_at_its_maximum(condition: str) -> None:
    run = Run(_looped(again_while(condition, most=3)), more=True)

    for _ in range(3):
        assert run.tasks == ["ask"]
        run.complete("ask")

    assert run.tasks == ["after"]


def test_a_loop_that_cannot_be_asked_is_an_incident() -> None:
    run = Run(_looped(again_while("nothing_here")))

    run.complete("ask")

    assert run.stuck == ["ask"]


def test_a_whole_subprocess_goes_round_and_its_join_begins_anew() -> None:
    inside = again_while("more") + START + gateway("parallel", "f") + gateway("parallel", "j")
    inside += user("a") + user("b") + END
    body = _BEGIN + sub("w", inside, "s -> f\nf -> a\nf -> b\na -> j\nb -> j\nj -> e") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"))

    for more, first, second in ((True, "a", "b"), (True, "b", "a"), (False, "a", "b")):
        run.complete(first)
        assert run.tasks == [second]
        run.complete(second, more=more)

    assert run.tasks == ["after"]


def test_a_timer_on_a_loop_counts_for_all_its_rounds() -> None:
    more = boundary("bo", "ask", TIMER) + user("late")
    run = Run(draw(_BEGIN + user("ask", again_while("more")) + more, "s0 -> ask\nbo -> late"))
    run.advance(hours=20)
    run.complete("ask", more=True)

    run.advance(hours=4)

    assert run.tasks == ["late"]
