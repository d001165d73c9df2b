"""Gateways: who goes on, and when."""

from __future__ import annotations

import itertools

import pytest

from tests.workflows.building import Run, boundary, diagram, element, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_END = element("endEvent", "e")


def _exclusive(**attributes: str) -> bytes:
    return diagram(
        _START + element("exclusiveGateway", "x", **attributes) + user("small") + user("large") + _END,
        "s -> x\nx -> large: amount > 1000\nx -> small\nsmall -> e\nlarge -> e",
    )


@pytest.mark.parametrize(
    ("amount", "task"),
    [
        pytest.param(1000, "small", id="the limit itself takes the default"),
        pytest.param(1001, "large", id="above it the condition holds"),
    ],
)
def test_an_exclusive_gateway_takes_the_first_condition_that_holds_else_the_default(
    amount: int, task: str
) -> None:
    run = Run(_exclusive(default="x_small"), amount=amount)

    assert run.tasks == [task]


def test_a_condition_without_an_answer_is_an_incident_and_never_false() -> None:
    run = Run(_exclusive(default="x_small"))

    assert run.tasks == []
    assert run.incidents[0].element == "x"
    assert "amount" in run.incidents[0].message


def test_an_incident_at_a_gateway_goes_on_with_the_missing_variable() -> None:
    run = Run(_exclusive(default="x_small"))

    run.retry(amount=5)

    assert run.tasks == ["small"]


def test_no_condition_and_no_default_is_an_incident_on_the_gateway() -> None:
    body = _START + element("exclusiveGateway", "x") + user("a") + user("b")
    run = Run(diagram(body, "s -> x\nx -> a: n = 1\nx -> b: n = 2"), n=3)

    assert [incident.element for incident in run.incidents] == ["x"]
    assert run.step.finished is None


def _parallel() -> bytes:
    gateways = element("parallelGateway", "f") + element("parallelGateway", "j")
    body = _START + gateways + user("a") + user("b") + user("after") + _END
    return diagram(body, "s -> f\nf -> a\nf -> b\na -> j\nb -> j\nj -> after\nafter -> e")


@pytest.mark.parametrize("order", list(itertools.permutations("ab")), ids="-".join)
def test_a_parallel_join_waits_for_both_in_any_order(order: tuple[str, str]) -> None:
    run = Run(_parallel())
    assert run.tasks == ["a", "b"]

    run.complete(order[0])
    assert run.tasks == [order[1]]
    run.complete(order[1])

    assert run.tasks == ["after"]


def _rework(kind: str) -> bytes:
    body = (
        _START
        + element(kind, "f")
        + element(kind, "j")
        + element("exclusiveGateway", "in")
        + element("exclusiveGateway", "out", default="out_e")
        + user("legal")
        + user("money")
        + user("review")
        + _END
    )
    flows = (
        "s -> in\nin -> f\nf -> legal\nf -> money\nlegal -> j\nmoney -> j\nj -> review\nreview -> out\n"
        "out -> in: again\nout -> e"
    )
    return diagram(body, flows)


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
@pytest.mark.parametrize("order", list(itertools.permutations(("legal", "money"))), ids="-".join)
def test_a_join_in_a_rework_loop_waits_for_both_in_every_round(kind: str, order: tuple[str, str]) -> None:
    run = Run(_rework(kind))

    for round_number in range(4):
        run.complete(order[round_number % 2])
        assert run.tasks == [order[1 - round_number % 2]]
        run.complete(order[1 - round_number % 2])
        assert run.tasks == ["review"]
        run.complete("review", again=round_number < 3)

    assert run.step.finished == "e"


def test_an_inclusive_join_does_not_wait_for_what_was_not_taken() -> None:
    body = (
        _START
        + element("inclusiveGateway", "f", default="f_c")
        + element("inclusiveGateway", "j")
        + user("a")
        + user("b")
        + user("c")
        + user("after")
        + _END
    )
    flows = "s -> f\nf -> a: x\nf -> b: y\nf -> c\na -> j\nb -> j\nc -> j\nj -> after\nafter -> e"
    run = Run(diagram(body, flows), x=True, y=False)

    run.complete("a")

    assert run.tasks == ["after"]


def test_several_flows_of_an_activity_fork() -> None:
    body = _START + user("a") + user("b") + user("c")
    run = Run(diagram(body, "s -> a\na -> b\na -> c"))

    run.complete("a")

    assert run.tasks == ["b", "c"]


def test_a_conditional_flow_of_an_activity_is_taken_only_when_it_holds() -> None:
    body = _START + user("a") + user("b") + user("c")
    run = Run(diagram(body, "s -> a\na -> b\na -> c: big"))

    run.complete("a", big=False)

    assert run.tasks == ["b"]


def test_tokens_that_merge_without_a_gateway_each_go_on() -> None:
    body = _START + element("parallelGateway", "f") + user("a") + user("b") + user("c")
    run = Run(diagram(body, "s -> f\nf -> a\nf -> b\na -> c\nb -> c"))

    run.complete("a")
    run.complete("b")

    assert run.tasks == ["c", "c"]


def test_the_first_event_behind_an_event_based_gateway_wins() -> None:
    message = '<bpmn:message id="m" name="paid"/>'
    body = (
        _START
        + element("eventBasedGateway", "g")
        + element("intermediateCatchEvent", "paid", '<bpmn:messageEventDefinition messageRef="m"/>')
        + element(
            "intermediateCatchEvent",
            "late",
            "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>",
        )
        + user("thank")
        + user("remind")
    )
    flows = "s -> g\ng -> paid\ng -> late\npaid -> thank\nlate -> remind"
    run = Run(diagram(body, flows, before=message))

    run.message("paid")
    run.advance(days=2)

    assert run.tasks == ["thank"]
    assert run.step.next_due is None


def test_who_loses_a_race_ends_and_who_does_not_run_in_it_goes_on() -> None:
    message = '<bpmn:message id="m" name="paid"/>'
    wait = "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    body = (
        _START
        + element("parallelGateway", "f")
        + element("eventBasedGateway", "g")
        + element("intermediateCatchEvent", "paid", '<bpmn:messageEventDefinition messageRef="m"/>')
        + element("intermediateCatchEvent", "late", wait)
        + user("beside")
        + user("thank")
    )
    flows = "s -> f\nf -> g\nf -> beside\ng -> paid\ng -> late\npaid -> thank"
    run = Run(diagram(body, flows, before=message))

    run.message("paid")

    assert (run.tasks, run.step.next_due) == (["beside", "thank"], None)


def test_a_thousand_rounds_of_a_loop_leave_a_state_of_one_size() -> None:
    body = _START + user("again") + element("exclusiveGateway", "x", default="x_again") + _END
    run = Run(diagram(body, "s -> again\nagain -> x\nx -> e: done\nx -> again"))
    run.complete("again", done=False)
    size = len(run.step.state)

    for _ in range(1000):
        run.complete("again", done=False)

    assert abs(len(run.step.state) - size) < 10
    run.complete("again", done=True)
    assert run.step.finished == "e"


def test_an_exclusive_gateway_with_one_way_still_asks_its_condition() -> None:
    body = _START + element("exclusiveGateway", "x") + user("a")

    assert Run(diagram(body, "s -> x\nx -> a: n = 1"), n=1).tasks == ["a"]
    assert Run(diagram(body, "s -> x\nx -> a: n = 1"), n=2).stuck == ["x"]


def test_an_activity_takes_its_default_flow_only_when_no_condition_holds() -> None:
    body = _START + user("a", default="a_d") + user("b") + user("c") + user("d")
    content = diagram(body, "s -> a\na -> b: n > 1\na -> c: n > 2\na -> d")

    for n, tasks in ((1, ["d"]), (2, ["b"]), (3, ["b", "c"])):
        run = Run(content)
        run.complete("a", n=n)
        assert run.tasks == tasks


def test_what_arrives_twice_on_one_flow_counts_for_the_next_round_of_the_join() -> None:
    body = (
        _START
        + element("parallelGateway", "f")
        + element("parallelGateway", "j")
        + user("a")
        + user("b")
        + user("c")
        + user("again")
        + user("after")
    )
    flows = (
        "s -> f\nf -> a\nf -> b\nf -> c\na -> again\nb -> again\nagain -> j\nc -> j\nc -> c: more\nj -> after"
    )
    run = Run(diagram(body, flows))
    run.complete("a")
    run.complete("b")
    run.complete("again")
    run.complete("again")
    assert run.tasks == ["c"]

    run.complete("c", more=True)
    assert run.tasks == ["after", "c"]
    run.complete("c", more=False)

    assert run.tasks == ["after", "after"]


def test_an_inclusive_join_waits_for_a_way_round_by_a_boundary_event() -> None:
    late = "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    body = (
        _START
        + element("inclusiveGateway", "f")
        + element("inclusiveGateway", "j")
        + user("a")
        + user("b")
        + boundary("x", "b", late)
        + user("after")
        + user("aside")
        + _END
    )
    flows = "s -> f\nf -> a\nf -> b\na -> j\nx -> j\nb -> aside\nj -> after"
    left, round_about = Run(diagram(body, flows)), Run(diagram(body, flows))

    for run in (left, round_about):
        run.complete("a")
        assert run.tasks == ["b"]
    left.complete("b")
    round_about.advance(days=1)

    assert left.tasks == ["after", "aside"]
    assert round_about.tasks == ["after"]


def test_an_inclusive_gateway_takes_every_condition_that_holds() -> None:
    body = _START + element("inclusiveGateway", "f", default="f_c") + user("a") + user("b") + user("c")
    content = diagram(body, "s -> f\nf -> a: n > 1\nf -> b: n > 2\nf -> c")

    assert [Run(content, n=n).tasks for n in (1, 2, 3)] == [["c"], ["a"], ["a", "b"]]
