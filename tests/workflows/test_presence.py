"""What a step says of where its instance stands: timers, crowds and changed variables."""

from __future__ import annotations

from datetime import timedelta

from tests.workflows.building import NOW, Run, boundary, diagram, element, script, timer, user

_TIMED = diagram(
    element("startEvent", "s")
    + user("ask")
    + boundary("late", "ask", timer(timeDuration="P2D"))
    + boundary("nudge", "ask", timer(timeCycle="R/P1D"), interrupting=False)
    + element("endEvent", "e")
    + element("endEvent", "gone")
    + element("endEvent", "told"),
    "s -> ask\nask -> e\nlate -> gone\nnudge -> told",
)
_LOOSE = diagram(
    element("startEvent", "s")
    + element("parallelGateway", "fork")
    + element("exclusiveGateway", "meet")
    + user("ask")
    + element("endEvent", "e"),
    "s -> fork\nfork -> meet\nfork -> ask\nmeet -> ask\nask -> e",
)
_CALLING = diagram(
    element("startEvent", "s")
    + element(
        "callActivity",
        "call",
        '<bpmn:extensionElements><camunda:in source="amount" target="sum"/></bpmn:extensionElements>',
        calledElement="inner",
    )
    + element("endEvent", "e"),
    "s -> call\ncall -> e",
)
_CALLED = diagram(
    element("startEvent", "begin") + user("check") + user("count") + element("endEvent", "done"),
    "begin -> check\ncheck -> count\ncount -> done",
    process="inner",
)


def _changes(run: Run) -> dict[str, dict[str, object]]:
    return {change.process: dict(change.values) for change in run.step.changes}


def test_every_running_timer_is_told_with_its_element_and_moment() -> None:
    run = Run(_TIMED)

    timers = run.step.timers

    assert [(each.process, each.element) for each in timers] == [("p", "nudge"), ("p", "late")]
    assert [each.due for each in timers] == [NOW + timedelta(days=1), NOW + timedelta(days=2)]
    assert [each.every for each in timers] == ["P1D", None]
    assert len({each.key for each in timers}) == 2


def test_a_timer_that_fired_or_lost_its_host_is_told_no_more() -> None:
    run = Run(_TIMED)

    run.advance(days=1)
    after_one = [(each.element, each.due) for each in run.step.timers]
    run.complete("ask")

    assert after_one == [("late", NOW + timedelta(days=2)), ("nudge", NOW + timedelta(days=2))]
    assert run.step.timers == ()


def test_two_tokens_at_one_element_are_counted() -> None:
    run = Run(_LOOSE)

    crowds = [(each.process, each.element, each.count) for each in run.step.crowds]
    run.complete("ask")

    assert crowds == [("p", "ask", 2)]
    assert run.step.crowds == ()


def test_of_a_repeated_activity_the_parts_are_counted_and_not_what_holds_them() -> None:
    many = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="who"/>'
    )
    run = Run(
        diagram(
            element("startEvent", "s") + user("vote", many) + element("endEvent", "e"), "s -> vote\nvote -> e"
        ),
        people=["ann", "bo", "cy"],
    )

    first = [(each.element, each.count) for each in run.step.crowds]
    run.complete("vote")
    second = [(each.element, each.count) for each in run.step.crowds]
    run.complete("vote")

    assert (first, second) == ([("vote", 3)], [("vote", 2)])
    assert run.step.crowds == ()


def test_what_only_listens_is_no_crowd() -> None:
    one = boundary("first", "ask", timer(timeDuration="P2D"))
    run = Run(
        diagram(
            element("startEvent", "s")
            + element("parallelGateway", "fork")
            + element("exclusiveGateway", "meet")
            + user("ask")
            + one
            + element("endEvent", "e"),
            "s -> fork\nfork -> meet\nfork -> ask\nmeet -> ask\nask -> e\nfirst -> e",
        )
    )

    assert [each.element for each in run.step.crowds] == ["ask"]
    assert [each.element for each in run.step.timers] == ["first", "first"]


def test_the_first_step_tells_every_variable_and_later_ones_what_changed() -> None:
    counting = diagram(
        element("startEvent", "s")
        + user("ask")
        + script("double", "amount * 2", "twice")
        + element("endEvent", "e"),
        "s -> ask\nask -> double\ndouble -> e",
    )
    run = Run(counting, amount=5, kept="as it is")

    first = _changes(run)
    run.complete("ask", amount=7, kept="as it is")

    assert first == {"p": {"amount": 5, "kept": "as it is"}}
    assert _changes(run) == {"p": {"amount": 7, "twice": 14}}


def test_a_variable_that_becomes_true_instead_of_one_has_changed() -> None:
    run = Run(diagram(element("startEvent", "s") + user("a") + user("b"), "s -> a\na -> b"), flag="1")

    run.complete("a", flag=True)

    assert _changes(run) == {"p": {"flag": True}}


def test_a_called_process_tells_its_own_variables_under_its_own_name() -> None:
    run = Run(_CALLING, _CALLED, amount=5)

    first = run.step.changes
    run.complete("check", seen=True)

    assert [(each.process, dict(each.values)) for each in first] == [
        ("p", {"amount": 5}),
        ("inner", {"sum": 5}),
    ]
    assert first[0].scope != first[1].scope
    assert [(each.process, each.scope) for each in run.step.changes] == [("inner", first[1].scope)]
    assert _changes(run) == {"inner": {"seen": True}}


def test_an_embedded_subprocess_has_no_variables_of_its_own() -> None:
    inside = diagram(element("startEvent", "b") + user("ask"), "b -> ask").decode()
    inner = inside[inside.index("<bpmn:startEvent") : inside.index("</bpmn:process>")]
    run = Run(diagram(element("startEvent", "s") + element("subProcess", "sub", inner), "s -> sub"), amount=1)

    run.complete("ask", amount=2)

    assert _changes(run) == {"p": {"amount": 2}}
