"""Long, wide and deep instances: what they cost is counted in bytes and steps, never in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest

import workflows
from tests.workflows.building import NOW, Run, condition, element, script, sub, timer, user
from tests.workflows.definitions import (
    COMPENSATION,
    END,
    START,
    TIMER,
    beside,
    draw,
    gateway,
    many,
    throw,
    undone_by,
)
from workflows import catalog

pytestmark = pytest.mark.untraced
"""What these run is counted in other tests."""


class Quick:
    """An instance for many steps: each verb once, from bytes to bytes; what is open is all that is kept."""

    def __init__(self, *diagrams: bytes, **variables: Any) -> None:
        self.files = {f"{number}.bpmn": content for number, content in enumerate(diagrams)}
        self.open: dict[str, str] = {}
        self.events = 0
        self.take(workflows.start(self.deployment, "p", variables, NOW, "key"))

    @property
    def deployment(self) -> workflows.Deployment:
        return Run.shared.meet(workflows.deploy(self.files))

    def take(self, step: workflows.Step) -> workflows.Step:
        self.step = step
        self.events += len(step.events)
        self.open.update({task.key: task.element for task in step.opened})
        for closed in step.closed:
            del self.open[closed.key]
        return step

    def complete(self, **result: Any) -> workflows.Step:
        """Complete the task that has been open the longest."""
        return self.take(
            workflows.complete(self.deployment, self.step.state, next(iter(self.open)), result, NOW)
        )


def _loop(inner: str = "", flows: str = "s -> in\nin -> a\na -> x") -> bytes:
    body = START + gateway("exclusive", "in") + user("a") + inner
    return draw(body + gateway("exclusive", "x", default="x_e") + END, f"{flows}\nx -> in: again\nx -> e")


def test_ten_thousand_rounds_of_a_loop_cost_the_same_each() -> None:
    run = Quick(_loop())
    run.complete(again=True)
    size, events = len(run.step.state), len(run.step.events)

    for _ in range(10_000):
        step = run.complete(again=True)
        assert len(step.events) == events
        assert len(step.opened) == 1

    assert len(run.step.state) <= size + 8
    run.complete(again=False)
    assert run.step.finished == "e"


def test_three_thousand_rounds_with_the_diagram_read_again_by_another_process() -> None:
    run = Quick(_loop())
    run.complete(again=True)
    size = len(run.step.state)

    for number in range(3_000):
        if not number % 100:
            catalog._cache.clear()
        run.complete(again=True)

    assert len(run.step.state) <= size + 8


def test_many_rounds_through_a_scope_with_everything_that_listens_leave_nothing() -> None:
    inner = element("startEvent", "s1") + user("b") + element("endEvent", "e1")
    inner += beside("es", TIMER, "late", interrupting=False)
    work = sub("w", inner, "s1 -> b\nb -> e1")
    run = Quick(_loop(work, "s -> in\nin -> w\nw -> a\na -> x"))
    run.complete()
    run.complete(again=True)
    size = len(run.step.state)

    for _ in range(1_000):
        run.complete()
        run.complete(again=True)

    assert len(run.step.state) <= size + 12


def test_a_thousand_approvers_at_once() -> None:
    words = many(each="person in people")
    content = draw(START + user("a", words) + user("after"), "s -> a\na -> after")
    sizes = {}

    for number in (10, 100, 1_000):
        run = Quick(content, people=[f"person {n}" for n in range(number)])
        assert len(run.open) == number
        sizes[number] = len(run.step.state)
        events = run.events
        for left in range(number, 0, -1):
            assert len(run.open) == left
            run.complete()
        assert list(run.open.values()) == ["after"]
        assert run.events - events <= 3 * number + 10

    assert sizes[1_000] <= 11 * sizes[100]
    assert sizes[1_000] <= 200 * 1_000


def _rounds(number: int, inside: str, flows: str, **variables: Any) -> Quick:
    """Begin a subprocess so many times side by side."""
    inner = many(times=str(number)) + element("startEvent", "s1") + inside + element("endEvent", "e1")
    return Quick(draw(START + sub("w", inner, flows) + user("after"), "s -> w\nw -> after"), **variables)


def _lines(do: Callable[[], object]) -> int:
    """Return how many lines of the engine are run, each turn of a comprehension included."""
    counted = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal counted
        counted += event == "line"
        return trace if "/workflows/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        do()
    finally:
        sys.settrace(before)
    return counted


def _due(run: Quick) -> workflows.Step:
    return workflows.tick(run.deployment, run.step.state, NOW + timedelta(hours=2))


def _said(run: Quick) -> workflows.Step:
    return workflows.change(run.deployment, run.step.state, {"go": True}, NOW)


@pytest.mark.parametrize(
    ("definition", "happen"),
    [(timer(timeDuration="PT1H"), _due), (condition("go"), _said)],
    ids=["timers", "conditions"],
)
def test_what_comes_true_together_costs_what_it_is(
    definition: str, happen: Callable[[Quick], workflows.Step]
) -> None:
    inside = element("intermediateCatchEvent", "c", definition) + gateway("parallel", "f")
    inside += gateway("parallel", "j") + script("x", "1", "x")
    flows = "s1 -> f\nf -> c\nc -> x\nx -> j\nf -> j\nj -> e1"
    cost = {}

    for number in (10, 40):
        run = _rounds(number, inside, flows)
        steps: list[workflows.Step] = []
        cost[number] = _lines(lambda run=run, steps=steps: steps.append(happen(run)))
        assert [task.element for task in steps[0].opened] == ["after"]

    assert cost[40] < 4.4 * cost[10]


def test_wide_work_is_no_endless_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.instance.STEPS", 100)
    run = _rounds(400, script("x", "1", "x"), "s1 -> x\nx -> e1")

    assert not run.step.incidents
    assert list(run.open.values()) == ["after"]


def test_wide_work_in_which_each_goes_on_for_ever_stops_where_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workflows.instance.STEPS", 500)
    run = _rounds(2, script("x", "1", "x") + script("y", "1", "y"), "s1 -> x\nx -> y\ny -> x")

    assert {incident.element for incident in run.step.incidents} <= {"x", "y"}
    assert ["more than 500 steps" in incident.message for incident in run.step.incidents] == [True, True]


def test_what_grows_side_by_side_without_end_is_stopped_and_can_be_taken_up_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workflows.instance.WHOLE", 1_000)
    inner = many(times="20") + element("startEvent", "s2") + script("x", "1", "x")
    inner += script("y", "1", "y").replace("</bpmn:scriptTask>", many(times="900") + "</bpmn:scriptTask>")
    run = _rounds(1, sub("v", inner, "s2 -> x\nx -> y"), "s1 -> v\nv -> e1")

    assert {incident.element for incident in run.step.incidents} == {"y"}
    assert all("more than 1000 elements" in incident.message for incident in run.step.incidents)
    key = run.step.incidents[0].key
    assert not workflows.retry(run.deployment, run.step.state, key, NOW).incidents


@pytest.mark.parametrize("sequential", [False, True], ids=["together", "one by one"])
def test_a_thousand_rounds_of_a_script(sequential: bool) -> None:
    task = script("n", "total + 1", "total").replace(
        "</bpmn:scriptTask>", many(times="1000", sequential=sequential) + "</bpmn:scriptTask>"
    )

    run = Quick(draw(START + task + user("after"), "s -> n\nn -> after"), total=0)

    assert list(run.open.values()) == ["after"]
    assert workflows.variables(run.step.state, run.deployment, NOW)["total"] == 1_000


def test_a_thousand_one_after_the_other_keep_one_at_a_time() -> None:
    words = many(times="1000", sequential=True)
    run = Quick(draw(START + user("a", words) + user("after"), "s -> a\na -> after"))
    size = len(run.step.state)

    for _ in range(999):
        run.complete()
        assert len(run.open) == 1
        assert len(run.step.state) <= size + 20
    run.complete()

    assert list(run.open.values()) == ["after"]


def _stages(number: int) -> bytes:
    body, flows, before = START, "", "s"
    for n in range(number):
        body += gateway("parallel", f"f{n}") + gateway("parallel", f"j{n}")
        body += "".join(user(f"a{n}_{k}") for k in range(3))
        flows += f"{before} -> f{n}\n" + "".join(f"f{n} -> a{n}_{k}\na{n}_{k} -> j{n}\n" for k in range(3))
        before = f"j{n}"
    return draw(body + END, f"{flows}{before} -> e")


def test_twelve_stages_of_three_approvers_are_no_more_at_once_than_one() -> None:
    sizes, events = {}, {}
    for number in (1, 4, 12):
        run = Quick(_stages(number))
        sizes[number] = len(run.step.state)
        largest = 0
        for _ in range(3 * number):
            assert 1 <= len(run.open) <= 3
            largest = max(largest, len(run.complete().state))
        assert run.step.finished == "e"
        assert largest <= sizes[number] + 80
        events[number] = run.events

    assert max(sizes.values()) - min(sizes.values()) <= 8
    assert events[12] - events[4] == 8 * (events[4] - events[1]) / 3


def test_a_chain_of_fifteen_hundred_tasks() -> None:
    names = [f"t{n}" for n in range(1_500)]
    flows = "\n".join(f"{a} -> {b}" for a, b in zip(["s", *names], [*names, "e"], strict=True))
    run = Quick(draw(START + "".join(user(name) for name in names) + END, flows))
    size = len(run.step.state)

    for name in names:
        assert list(run.open.values()) == [name]
        run.complete()
        assert len(run.step.state) <= size + 16

    assert run.step.finished == "e"


def test_a_chain_of_fifteen_hundred_scripts_in_one_step() -> None:
    names = [f"t{n}" for n in range(1_500)]
    flows = "\n".join(f"{a} -> {b}" for a, b in zip(["s", *names], [*names, "a"], strict=True))
    body = START + "".join(script(name, "n + 1", "n") for name in names) + user("a")

    run = Quick(draw(body, flows), n=0)

    assert list(run.open.values()) == ["a"]
    assert workflows.variables(run.step.state, run.deployment, NOW)["n"] == 1_500


def test_a_process_that_calls_itself_as_often_as_it_says() -> None:
    mapping = (
        '<bpmn:extensionElements><camunda:in sourceExpression="n - 1" target="n"/></bpmn:extensionElements>'
    )
    call = element("callActivity", "c", mapping, calledElement="p")
    body = START + gateway("exclusive", "x", default="x_c") + user("a") + call + END
    run = Run(draw(body, "s -> x\nx -> a: n = 0\nx -> c\na -> e\nc -> e"), n=20)
    assert run.tasks == ["a"]

    run.complete("a")

    assert run.step.finished == "e"


def test_a_process_that_calls_itself_without_end_is_an_incident_and_no_crash() -> None:
    run = Run(draw(START + element("callActivity", "c", calledElement="p"), "s -> c"))

    assert len(run.incidents) == 1
    assert run.stuck == ["c"]
    assert "nested" in run.incidents[0].message


def test_two_processes_that_call_each_other_without_end_are_too() -> None:
    one = draw(START + element("callActivity", "c", calledElement="q"), "s -> c")
    other = draw(START + element("callActivity", "d", calledElement="p"), "s -> d", "q")

    run = Run(one, other)

    assert len(run.incidents) == 1


def test_subprocesses_deep_inside_one_another() -> None:
    body, flows = user("a"), "s0 -> a"
    for n in range(20):
        body = sub(f"w{n}", element("startEvent", f"s{n}") + body, flows)
        flows = f"s{n + 1} -> w{n}"
    run = Run(draw(element("startEvent", "s20") + body + END, flows + "\nw19 -> e"))
    assert run.tasks == ["a"]

    run.complete("a")

    assert run.step.finished == "e"


def test_two_files_with_the_same_ids_inside_have_nothing_in_common() -> None:
    mapping = '<bpmn:extensionElements><camunda:out source="who" target="who"/></bpmn:extensionElements>'
    inner = element("startEvent", "s1") + user("a") + element("endEvent", "e1")
    work = sub("w", inner, "s1 -> a\na -> e1")
    call = element("callActivity", "c", mapping, calledElement="q")
    one = draw(START + work + call + END, "s -> w\nw -> c\nc -> e")
    other = draw(START + work + script("c", '"the other"', "who") + END, "s -> w\nw -> c\nc -> e", "q")
    run = Run(one, other)
    assert run.task("a").process == "p"
    run.complete("a")
    assert run.task("a").process == "q"

    run.complete("a")

    assert run.step.finished == "e"
    assert run.step.variables == {"who": "the other"}


def test_the_end_event_that_was_reached_is_told_however_the_rest_ends() -> None:
    body = START + gateway("parallel", "f") + user("a") + user("b") + END
    run = Run(draw(body, "s -> f\nf -> a\nf -> b\na -> e"))
    run.complete("a")

    run.complete("b")

    assert run.step.finished == "e"


@pytest.mark.parametrize("name", ["Start", "End", "Root", "EndJoin", "None", "constructor"])
def test_any_name_is_a_name(name: str) -> None:
    run = Run(draw(START + user(name) + user("after") + END, f"s -> {name}\n{name} -> after\nafter -> e"))
    assert run.tasks == [name]

    run.complete(name)

    assert run.tasks == ["after"]


def test_a_whole_process_of_those_names() -> None:
    inner = element("startEvent", "Root") + user("EndJoin") + element("endEvent", "p.Start")
    work = sub("start", inner, "Root -> EndJoin\nEndJoin -> p.Start")
    body = element("startEvent", "Start") + work + element("endEvent", "End")
    run = Run(draw(body, "Start -> start\nstart -> End"))
    assert run.tasks == ["EndJoin"]

    run.complete("EndJoin")

    assert run.step.finished == "End"


def _everything() -> bytes:
    """Repeated, compensated, caught: whatever might be kept at a spec by mistake."""
    inner = many(each="person in people") + element("startEvent", "s1") + gateway("parallel", "f")
    inner += gateway("inclusive", "j") + user("a") + undone_by("a", "undo") + user("b")
    inner += element("endEvent", "e1") + beside("es", TIMER, "late", interrupting=False)
    work = sub("w", inner, "s1 -> f\nf -> a\nf -> b\na -> j\nb -> j\nj -> e1")
    body = START + work + throw("t", COMPENSATION) + user("after") + END
    return draw(body, "s -> w\nw -> t\nt -> after\nafter -> e")


def _walk(content: bytes) -> Callable[[int], tuple[list[str], str | None]]:
    def walked(number: int) -> tuple[list[str], str | None]:
        people = [f"person {n}" for n in range(1 + number % 3)]
        run, seen = Quick(content, people=people), []
        while not run.step.finished:
            seen.append(next(iter(run.open.values())))
            run.complete(number=number)
        return sorted(seen), run.step.finished

    return walked


def test_eight_threads_on_one_deployment_do_as_one_does() -> None:
    walk = _walk(_everything())
    alone = [walk(number) for number in range(3)]
    assert [len(seen) for seen, _ in alone] == [4, 7, 10]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(walk, range(240)))

    assert found == alone * 80
