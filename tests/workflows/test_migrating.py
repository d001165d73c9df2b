"""Carrying running instances to another version: what follows, what is refused, what goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

import workflows
from tests.workflows.building import NOW, boundary, diagram, element, service, timer, user
from tests.workflows.moving import Mover

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_END = element("endEvent", "e")
_MESSAGES = '<bpmn:message id="m" name="paid"/><bpmn:message id="n" name="sent"/>'
_PAID = '<bpmn:messageEventDefinition messageRef="m"/>'
_SENT = '<bpmn:messageEventDefinition messageRef="n"/>'


def _two_steps() -> bytes:
    return diagram(_START + user("a") + user("b") + _END, "s -> a\na -> b\nb -> e")


# user tasks


def test_an_open_user_task_stays_open_and_goes_on_in_the_new_version() -> None:
    run = Mover(_two_steps())
    key = run.task("a").key
    new = diagram(_START + user("a") + user("c") + _END, "s -> a\na -> c\nc -> e")
    assert run.reasons(new) == []

    run.move_to(new)
    run.complete("a")

    assert run.tasks == ["c"]
    assert run.step.closed[0].key == key


def test_what_is_drawn_alike_is_not_said_anew() -> None:
    run = Mover(_two_steps())

    run.move_to(_two_steps())

    assert run.revised == ()
    assert [(each.element, each.kind) for each in run.step.events] == [("a", "migrated")]


def test_a_user_task_that_is_drawn_otherwise_is_said_anew() -> None:
    run = Mover(_two_steps(), level="director")
    task = user("a", name="Look again", camunda_candidateGroups="=level", camunda_formKey="second")

    run.move_to(diagram(_START + task + user("b"), "s -> a\na -> b"))

    (said,) = run.revised
    assert (said.key, said.name, said.form) == (run.task("a").key, "Look again", "second")
    assert said.candidate_groups == ("director",)


def test_inputs_of_a_user_task_are_evaluated_anew_where_they_are_drawn_otherwise() -> None:
    told = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="shown">=amount + 1</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    run = Mover(_two_steps(), amount=4)

    run.move_to(diagram(_START + user("a", told), "s -> a"))

    assert run.revised[0].inputs == {"shown": "5"}


def test_a_due_date_counts_from_when_the_user_task_was_opened_where_that_is_known() -> None:
    run = Mover(_two_steps())
    run.advance(days=1)
    new = diagram(_START + user("a", camunda_dueDate="P3D"), "s -> a")

    run.move_to(new, entered={("p", "a"): NOW})

    assert run.revised[0].due == NOW + timedelta(days=3)


def test_a_user_task_becomes_a_manual_task() -> None:
    run = Mover(_two_steps())

    run.move_to(diagram(_START + element("manualTask", "a") + user("b"), "s -> a\na -> b"))
    run.complete("a")

    assert run.tasks == ["b"]


def test_expressions_without_an_answer_refuse_the_migration() -> None:
    run = Mover(_two_steps())
    new = diagram(_START + user("a", camunda_candidateGroups="=[null]"), "s -> a")

    assert run.reasons(new) == ["a: candidateGroups holds null among its names"]


# elements that are gone


def test_a_live_element_that_is_gone_refuses_the_migration() -> None:
    run = Mover(diagram(_START + user("a") + user("b"), "s -> a\na -> b"))
    run.complete("a")

    assert run.reasons(diagram(_START + user("a"), "s -> a")) == [
        "b: is not in the new version, and nothing stands for it there"
    ]


def test_an_element_that_is_gone_hinders_nobody_who_is_elsewhere() -> None:
    run = Mover(_two_steps())

    run.move_to(diagram(_START + user("a"), "s -> a"))
    run.complete("a")

    assert run.step.finished == "ended"


def test_every_reason_is_told_at_once() -> None:
    body = _START + user("a") + user("b") + element("parallelGateway", "split")
    run = Mover(diagram(body, "s -> split\nsplit -> a\nsplit -> b"))
    new = workflows.deploy({"0.bpmn": diagram(_START + user("c"), "s -> c")})

    with pytest.raises(workflows.MigrationRefusedError, match=r"a is not .*; b is not") as refused:
        workflows.migrate(run.deployment, new, run.step.state, run.plan_to(_lone("c", "d")), NOW)

    assert [reason.element for reason in refused.value.reasons] == ["a", "b"]


def _lone(*names: str) -> bytes:
    return diagram(_START + "".join(user(name) for name in names), "s -> " + names[0])


def test_an_element_of_another_kind_with_the_same_id_is_not_the_same() -> None:
    run = Mover(_two_steps())
    new = diagram(_START + service("a") + user("b"), "s -> a\na -> b")

    assert run.reasons(new) == ["a: is not in the new version, and nothing stands for it there"]
    assert [place.element for place in run.plan_to(new).changed] == ["a"]
    assert run.reasons(new, a="a") == ["a: is a userTask; a is a serviceTask"]


def test_an_operator_lets_another_element_stand_for_one_that_is_gone() -> None:
    run = Mover(_two_steps())
    new = diagram(_START + user("x") + user("y") + user("z"), "s -> x\nx -> y\ny -> z")

    run.move_to(new, a="y")
    assert run.tasks == ["y"]
    run.complete("y")

    assert run.tasks == ["z"]


def test_an_element_that_stands_for_nothing_refuses_whoever_is_there() -> None:
    run = Mover(_two_steps())

    assert run.reasons(_two_steps(), a=None) == [
        "a: is not in the new version, and nothing stands for it there"
    ]


def test_only_elements_that_there_are_stand_for_each_other() -> None:
    run = Mover(_two_steps())

    for old, new in (("a", "zz"), ("zz", "a")):
        with pytest.raises(workflows.UnknownElementError, match="process p has no element zz"):
            run.plan_to(_two_steps(), **{old: new})


def test_a_process_that_is_not_there_has_no_plan() -> None:
    run = Mover(_two_steps())

    with pytest.raises(workflows.UnknownProcessError):
        run.plan_to(diagram(_START + user("a"), "s -> a", process="q"))


# boundary events and timers


def test_a_boundary_event_that_was_drawn_in_since_listens_from_now_on() -> None:
    run = Mover(_two_steps())
    run.advance(days=5)
    late = boundary("late", "a", timer(timeDuration="P2D"))

    run.move_to(diagram(_START + user("a") + user("b") + late + user("c"), "s -> a\na -> b\nlate -> c"))
    assert run.step.next_due == run.now + timedelta(days=2)
    run.advance(days=2)

    assert run.tasks == ["c"]


def test_a_boundary_event_that_is_gone_stops_listening() -> None:
    late = boundary("late", "a", timer(timeDuration="P2D"))
    run = Mover(diagram(_START + user("a") + late + user("c"), "s -> a\nlate -> c"))

    run.move_to(_two_steps())
    run.advance(days=9)

    assert run.step.next_due is None
    assert run.tasks == ["a"]


def test_a_boundary_event_on_another_activity_stops_listening_at_the_first() -> None:
    late = boundary("late", "a", timer(timeDuration="P2D"))
    run = Mover(diagram(_START + user("a") + user("b") + late + user("c"), "s -> a\na -> b\nlate -> c"))
    moved = boundary("late", "b", timer(timeDuration="P2D"))

    run.move_to(diagram(_START + user("a") + user("b") + moved + user("c"), "s -> a\na -> b\nlate -> c"))
    assert run.step.next_due is None
    run.complete("a")
    run.advance(days=2)

    assert run.tasks == ["c"]


def test_a_timer_whose_text_is_the_same_stays_due_when_it_was() -> None:
    def drawn(title: str) -> bytes:
        late = boundary("late", "a", timer(timeDuration="P2D"))
        return diagram(_START + user("a", name=title) + late + user("c"), "s -> a\nlate -> c")

    run = Mover(drawn("One"))
    run.advance(days=1)

    run.move_to(drawn("Two"))

    assert run.step.next_due == NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("known", "due"), [pytest.param(True, 3, id="entered"), pytest.param(False, 4, id="now")]
)
def test_a_timer_whose_text_changed_counts_from_when_its_activity_was_entered_else_from_now(
    known: bool, due: int
) -> None:
    def drawn(wait: str) -> bytes:
        late = boundary("late", "a", timer(timeDuration=wait))
        return diagram(_START + user("a") + late + user("c"), "s -> a\nlate -> c")

    run = Mover(drawn("P2D"))
    run.advance(days=1)

    run.move_to(drawn("P3D"), entered={("p", "a"): NOW} if known else None)

    assert run.step.next_due == NOW + timedelta(days=due)
    run.advance(days=3)
    assert run.tasks == ["c"]


def test_a_reminder_that_came_does_not_come_again() -> None:
    def drawn(title: str) -> bytes:
        remind = boundary("remind", "a", timer(timeDuration="P1D"), interrupting=False)
        return diagram(_START + user("a", name=title) + remind + service("mail"), "s -> a\nremind -> mail")

    run = Mover(drawn("One"))
    run.advance(days=1)

    run.move_to(drawn("Two"))

    assert run.step.next_due is None


def test_a_cycle_keeps_its_count() -> None:
    def drawn(title: str) -> bytes:
        remind = boundary("remind", "a", timer(timeCycle="R2/P1D"), interrupting=False)
        return diagram(_START + user("a", name=title) + remind + service("mail"), "s -> a\nremind -> mail")

    run = Mover(drawn("One"))
    run.advance(days=1)
    run.move_to(drawn("Two"))
    run.advance(days=1)
    run.advance(days=1)

    assert len(run.calls) == 2


def test_a_cycle_that_became_a_duration_fires_once() -> None:
    def drawn(**kind: str) -> bytes:
        remind = boundary("remind", "a", timer(**kind), interrupting=False)
        return diagram(_START + user("a") + remind + service("mail"), "s -> a\nremind -> mail")

    run = Mover(drawn(timeCycle="R9/P1D"))
    run.move_to(drawn(timeDuration="P1D"))
    for _ in range(3):
        run.advance(days=1)

    assert len(run.calls) == 1


def test_a_timer_that_cannot_be_read_refuses_the_migration() -> None:
    late = boundary("late", "a", timer(timeDuration="= nowhere"))
    run = Mover(_two_steps())

    assert run.reasons(diagram(_START + user("a") + late + user("c"), "s -> a\nlate -> c")) == [
        "late: the timer 'nowhere' gives null"
    ]


def test_an_error_that_was_drawn_in_is_caught() -> None:
    run = Mover(diagram(_START + service("a") + user("b"), "s -> a\na -> b"))
    sad = boundary("sad", "a", "<bpmn:errorEventDefinition/>")

    run.move_to(diagram(_START + service("a") + user("b") + sad + user("c"), "s -> a\na -> b\nsad -> c"))
    run.fail("do.it", "gone")

    assert run.tasks == ["c"]


# events that are waited for


def _wait_for(definition: str, name: str = "w") -> bytes:
    body = _START + element("intermediateCatchEvent", name, definition) + user("b")
    return diagram(body, f"s -> {name}\n{name} -> b", before=_MESSAGES)


def test_a_message_that_is_waited_for_is_waited_for_in_the_new_version() -> None:
    run = Mover(_wait_for(_PAID))

    run.move_to(_wait_for(_PAID, "w2"))
    assert [(each.name, each.element) for each in run.step.subscriptions] == [("paid", "w2")]
    run.message("paid")

    assert run.tasks == ["b"]


def test_another_message_is_waited_for_where_another_is_drawn() -> None:
    run = Mover(_wait_for(_PAID))

    run.move_to(_wait_for(_SENT))
    with pytest.raises(workflows.NotAwaitedError):
        run.message("paid")
    run.message("sent")

    assert run.tasks == ["b"]


def test_a_timer_stands_for_a_message_and_a_message_for_a_timer() -> None:
    run = Mover(_wait_for(_PAID))

    run.move_to(_wait_for(timer(timeDuration="P1D")))
    assert run.step.subscriptions == ()
    assert run.step.next_due == NOW + timedelta(days=1)
    run.move_to(_wait_for(_PAID))
    assert run.step.next_due is None
    run.message("paid")

    assert run.tasks == ["b"]


def test_a_receive_task_waits_for_the_message_of_the_new_version() -> None:
    def drawn(message: str) -> bytes:
        body = _START + element("receiveTask", "r", messageRef=message) + user("b")
        return diagram(body, "s -> r\nr -> b", before=_MESSAGES)

    run = Mover(drawn("m"))
    run.move_to(drawn("n"))
    run.message("sent")

    assert run.tasks == ["b"]


def _race(*events: tuple[str, str]) -> bytes:
    body = _START + element("eventBasedGateway", "g")
    body += "".join(element("intermediateCatchEvent", name, inside) for name, inside in events)
    flows = "\n".join(f"g -> {name}\n{name} -> after_{name}" for name, _ in events)
    return diagram(
        body + "".join(user(f"after_{name}") for name, _ in events), "s -> g\n" + flows, before=_MESSAGES
    )


def test_one_of_the_events_of_a_race_may_be_given_up_and_another_joins_it() -> None:
    run = Mover(_race(("w1", _PAID), ("w2", timer(timeDuration="P1D"))))

    run.move_to(_race(("w1", _PAID), ("w3", _SENT)), w2=None)
    assert run.step.next_due is None
    assert sorted(each.element for each in run.step.subscriptions) == ["w1", "w3"]
    run.message("sent")

    assert run.tasks == ["after_w3"]
    assert run.step.subscriptions == ()


def test_a_race_without_any_event_left_refuses_the_migration() -> None:
    run = Mover(_race(("w1", _PAID), ("w2", timer(timeDuration="P1D"))))

    assert len(run.reasons(_race(("x1", _SENT), ("x2", timer(timeDuration="P9D"))), w1=None, w2=None)) == 2


def test_only_the_gateway_of_a_race_sends_others_into_it() -> None:
    run = Mover(_race(("w1", _PAID), ("w2", timer(timeDuration="P1D"))))
    events = (("w1", _PAID), ("w2", timer(timeDuration="P1D")), ("w3", _SENT))
    other = element("eventBasedGateway", "other") + element("intermediateCatchEvent", "w4", _SENT)
    drawn = _race(*events).replace(
        b'<bpmn:eventBasedGateway id="g"', f'{other}<bpmn:eventBasedGateway id="g"'.encode()
    )
    flow = b'<bpmn:sequenceFlow id="after_w1_other" sourceRef="after_w1" targetRef="other"/>'
    flow += b'<bpmn:sequenceFlow id="other_w4" sourceRef="other" targetRef="w4"/>'

    run.move_to(drawn.replace(b"</bpmn:process>", flow + b"</bpmn:process>"))

    assert sorted(each.element for each in run.step.subscriptions) == ["w1", "w3"]


def test_an_event_of_a_race_that_is_waited_for_alone_now_is_waited_for() -> None:
    run = Mover(_race(("w1", _PAID), ("w2", timer(timeDuration="P1D"))))
    body = _START + element("intermediateCatchEvent", "w1", _PAID) + user("b")

    run.move_to(diagram(body, "s -> w1\nw1 -> b", before=_MESSAGES))
    run.message("paid")

    assert run.tasks == ["b"]


def test_what_waits_must_wait_for_something_there() -> None:
    waits = boundary("x", "a", _PAID)
    run = Mover(diagram(_START + user("a") + waits + user("c"), "s -> a\nx -> c", before=_MESSAGES))

    run.move_to(diagram(_START + user("a") + boundary("x", "a", "<bpmn:errorEventDefinition/>"), "s -> a"))

    assert run.step.subscriptions == ()


# service calls


def test_the_answer_of_a_call_in_flight_lands_in_the_moved_instance() -> None:
    run = Mover(diagram(_START + service("a") + user("b"), "s -> a\na -> b"))

    run.move_to(diagram(_START + service("a2") + user("b"), "s -> a2\na2 -> b"))
    run.answer("do.it", found=3)

    assert run.tasks == ["b"]
    assert run.variables["found"] == 3


def test_a_call_in_flight_is_not_answered_to_another_handler() -> None:
    run = Mover(diagram(_START + service("a") + user("b"), "s -> a\na -> b"))
    new = diagram(_START + service("a", topic="do.other") + user("b"), "s -> a\na -> b")

    assert run.reasons(new) == ["a: its call in flight asks do.it; a asks do.other"]


def test_a_call_that_failed_is_retried_as_the_new_version_draws_it() -> None:
    run = Mover(diagram(_START + service("a") + user("b"), "s -> a\na -> b"))
    run.fail("do.it", "gone")
    assert run.stuck == ["a"]

    run.move_to(diagram(_START + service("a", topic="do.other") + user("b"), "s -> a\na -> b"))
    run.retry()

    assert run.called == ["do.other"]


def test_an_incident_is_mended_by_a_better_diagram() -> None:
    steps = _START + user("g") + element("exclusiveGateway", "c")
    run = Mover(diagram(steps, "s -> c\nc -> g: amount > 5"), amount=1)
    assert run.stuck == ["c"]

    run.move_to(diagram(steps, "s -> c\nc -> g: amount > 0"))
    run.retry()

    assert run.tasks == ["g"]


def test_the_incident_of_a_boundary_event_that_is_gone_is_over() -> None:
    late = boundary("late", "a", timer(timeDuration="= wait"))
    run = Mover(diagram(_START + user("a") + late + user("c"), "s -> a\nlate -> c"))
    assert run.stuck == ["late"]

    run.move_to(_two_steps())

    assert run.stuck == []


# scopes


def _inside(inner: str, flows: str, key: str = "sub") -> str:
    steps = "".join(
        f'<bpmn:sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}"/>'
        for one, other in (line.split(" -> ") for line in flows.splitlines())
    )
    return element("subProcess", key, element("startEvent", "s2") + inner + steps)


def test_an_open_subprocess_goes_along_with_what_is_open_in_it() -> None:
    body = _START + _inside(user("a"), "s2 -> a") + user("b")
    run = Mover(diagram(body, "s -> sub\nsub -> b"))

    new = _START + _inside(user("a") + user("x"), "s2 -> a\na -> x", "sub2") + user("b")
    run.move_to(diagram(new, "s -> sub2\nsub2 -> b"), s2="s2")
    run.complete("a")
    assert run.tasks == ["x"]
    run.complete("x")

    assert run.tasks == ["b"]


def test_a_boundary_event_is_drawn_at_an_open_subprocess() -> None:
    body = _START + _inside(user("a"), "s2 -> a") + user("b")
    run = Mover(diagram(body, "s -> sub\nsub -> b"))

    run.move_to(diagram(body + boundary("x", "sub", _PAID), "s -> sub\nsub -> b\nx -> b", before=_MESSAGES))
    run.message("paid")

    assert run.tasks == ["b"]


def test_an_element_that_lies_in_another_subprocess_now_refuses_the_migration() -> None:
    run = Mover(diagram(_START + user("a") + user("b"), "s -> a\na -> b"))
    new = diagram(_START + _inside(user("a"), "s2 -> a") + user("b"), "s -> sub\nsub -> b")

    assert run.reasons(new) == ["a: lies in another subprocess there, as a"]


def test_a_subprocess_that_is_gone_is_one_reason_and_not_one_for_each_step_in_it() -> None:
    body = _START + _inside(user("a"), "s2 -> a") + user("b")
    run = Mover(diagram(body, "s -> sub\nsub -> b"))

    assert run.reasons(_lone("x", "y")) == ["sub: is not in the new version, and nothing stands for it there"]


def _call(called: str = "q") -> str:
    return element("callActivity", "call", calledElement=called)


def test_a_called_process_goes_on_in_its_own_new_version() -> None:
    caller = diagram(_START + _call() + user("b"), "s -> call\ncall -> b")
    run = Mover(caller, diagram(_START + user("a"), "s -> a", process="q"))

    run.move_to(caller, diagram(_START + user("a") + user("x"), "s -> a\na -> x", process="q"))
    run.complete("a")
    assert run.tasks == ["x"]
    run.complete("x")

    assert run.tasks == ["b"]


def test_what_is_open_in_a_called_process_must_be_there_too() -> None:
    caller = diagram(_START + _call() + user("b"), "s -> call\ncall -> b")
    run = Mover(caller, diagram(_START + user("a"), "s -> a", process="q"))
    plan = run.plan_to(caller, diagram(_START + user("x") + user("y"), "s -> x\nx -> y", process="q"))

    assert [(place.process, place.element) for place in plan.gone] == [("q", "a")]
    assert run.reasons(caller, diagram(_START + user("x") + user("y"), "s -> x\nx -> y", process="q")) == [
        "a: is not in the new version, and nothing stands for it there"
    ]


def test_a_call_of_another_process_refuses_the_migration() -> None:
    def called(process: str) -> bytes:
        return diagram(_START + user("a"), "s -> a", process=process)

    run = Mover(diagram(_START + _call(), "s -> call"), called("q"))

    assert run.reasons(diagram(_START + _call("r"), "s -> call"), called("r")) == [
        "call: calls q; call calls r"
    ]


# gateways


def _fork(*branches: str, gateway: str = "parallelGateway") -> bytes:
    body = _START + element(gateway, "split") + element(gateway, "join") + user("z")
    flows = "s -> split\njoin -> z\n" + "\n".join(f"split -> {each}\n{each} -> join" for each in branches)
    return diagram(body + "".join(user(each) for each in branches), flows)


@pytest.mark.parametrize("gateway", ["parallelGateway", "inclusiveGateway"])
def test_a_join_remembers_what_arrived(gateway: str) -> None:
    run = Mover(_fork("a", "b", gateway=gateway))
    run.complete("a")

    run.move_to(_fork("a", "b2", gateway=gateway), b="b2")
    run.complete("b2")

    assert run.tasks == ["z"]


def test_what_arrived_by_a_flow_with_another_id_is_known_by_where_it_came_from() -> None:
    run = Mover(_fork("a", "b"))
    run.complete("a")
    other = _fork("a", "b").replace(b'"a_join"', b'"from_a"')

    run.move_to(other)
    run.complete("b")

    assert run.tasks == ["z"]


def test_a_flow_by_which_something_arrived_must_lead_there_still() -> None:
    run = Mover(_fork("a", "b"))
    run.complete("a")

    assert run.reasons(_fork("b", "c"), a=None) == [
        "join: a branch arrived by a_join, which leads to no join any more"
    ]


def test_a_join_that_would_open_at_once_refuses_the_migration() -> None:
    run = Mover(_fork("a", "b", "c"))
    run.complete("a")
    run.complete("b")
    body = _START + element("parallelGateway", "split") + element("parallelGateway", "join")
    flows = "s -> split\nsplit -> a\nsplit -> b\nsplit -> c\na -> join\nb -> join\njoin -> z"

    new = diagram(body + user("a") + user("b") + user("c") + user("z"), flows)

    assert run.reasons(new) == ["join: every branch that join has is there already: it would open at once"]


def test_a_join_that_joins_nothing_any_more_refuses_the_migration() -> None:
    run = Mover(_fork("a", "b"))
    run.complete("a")
    body = _START + element("parallelGateway", "split") + element("parallelGateway", "join")

    new = diagram(
        body + user("a") + user("b") + user("z"), "s -> split\nsplit -> a\nsplit -> b\na -> join\njoin -> z"
    )

    assert run.reasons(new) == ["join: waits for several branches; join joins none"]


def test_a_branch_that_was_drawn_in_behind_the_split_is_never_waited_for_in_vain() -> None:
    run = Mover(_fork("a", "b"))
    before = ["join: would wait for c_join, where nothing can arrive any more"]

    assert run.reasons(_fork("a", "b", "c")) == before
    run.complete("a")
    assert run.reasons(_fork("a", "b", "c")) == before


def test_a_split_drawn_around_a_live_step_refuses_the_migration() -> None:
    run = Mover(diagram(_START + user("a") + user("z"), "s -> a\na -> z"))

    assert run.reasons(_fork("a", "b")) == ["join: would wait for b_join, where nothing can arrive any more"]


def test_a_split_and_join_drawn_in_behind_or_before_a_live_step_hinder_nobody() -> None:
    run = Mover(diagram(_START + user("first") + user("z"), "s -> first\nfirst -> z"))
    body = _START + user("first") + user("a") + user("b") + user("z")
    gates = element("parallelGateway", "split") + element("parallelGateway", "join")
    flows = "s -> first\nfirst -> split\nsplit -> a\nsplit -> b\na -> join\nb -> join\njoin -> z"

    run.move_to(diagram(body + gates, flows))
    for name in ("first", "a", "b"):
        run.complete(name)

    assert run.tasks == ["z"]


def test_a_join_that_could_never_open_is_no_worse_off_in_the_new_version() -> None:
    body = _START + element("exclusiveGateway", "x", default="x_b") + user("a") + user("b")
    body += element("parallelGateway", "join") + user("z")
    flows = "s -> x\nx -> a: false\nx -> b: default\na -> join\nb -> join\njoin -> z"
    run = Mover(diagram(body, flows))

    run.move_to(diagram(body.replace('id="z"', 'id="z" name="Last"'), flows))

    assert run.tasks == ["b"]


def test_two_joins_that_wait_do_not_become_one() -> None:
    gates = "".join(element("parallelGateway", each) for each in ("split", "j1", "j2"))
    body = _START + gates + "".join(user(each) for each in "abcdz")
    fork = "s -> split\nsplit -> a\nsplit -> b\nsplit -> c\nsplit -> d\na -> j1\nb -> j1\nj1 -> z\n"
    run = Mover(diagram(body, fork + "c -> j2\nd -> j2"))
    run.complete("a")
    run.complete("c")

    found = run.reasons(diagram(body, fork + "c -> j1\nd -> j1\nj2 -> z"), j2="j1")

    assert found == ["j1: would be j1 there, and so would j2"]


def test_what_is_open_at_the_same_time_does_not_come_one_after_the_other() -> None:
    run = Mover(_fork("a", "b"))
    new = diagram(_START + user("a") + user("b") + user("z"), "s -> a\na -> b\nb -> z")

    assert run.reasons(new) == ["b: is open, and what else is open leads to b there: it would be done twice"]


def test_nor_does_it_where_a_fork_of_their_own_lies_between() -> None:
    run = Mover(_fork("a", "b"))
    body = _START + "".join(element("parallelGateway", each) for each in ("split", "join"))
    body += "".join(user(each) for each in "abxyz")
    flows = "s -> a\na -> split\nsplit -> x\nsplit -> y\nx -> join\ny -> join\njoin -> b\nb -> z"

    assert run.reasons(diagram(body, flows)) == [
        "b: is open, and what else is open leads to b there: it would be done twice"
    ]


def test_nor_where_several_lead_to_it_together() -> None:
    gates = "".join(element("parallelGateway", each) for each in ("split", "inner", "inner_join", "join"))
    body = _START + gates + "".join(user(each) for each in "abcz")
    flows = "s -> split\nsplit -> inner\ninner -> a\ninner -> b\na -> inner_join\nb -> inner_join\n"
    run = Mover(diagram(body, flows + "split -> c\nc -> join\ninner_join -> join\njoin -> z"))
    run.complete("a")

    found = run.reasons(diagram(body, flows + "inner_join -> c\nc -> z"))

    assert found == ["c: is open, and what else is open leads to c there: it would be done twice"]


def test_nor_behind_an_inclusive_join_that_waits_for_nothing_else() -> None:
    gates = "".join(element("parallelGateway", each) for each in ("split", "join"))
    gates += element("inclusiveGateway", "either", default="either_a") + element("inclusiveGateway", "both")
    body = _START + gates + "".join(user(each) for each in "abcz")
    flows = "s -> split\nsplit -> either\neither -> a: default\neither -> b: false\na -> both\nb -> both\n"
    run = Mover(diagram(body, flows + "split -> c\nc -> join\nboth -> join\njoin -> z"))

    found = run.reasons(diagram(body, flows + "both -> c\nc -> z"))

    assert found == ["c: is open, and what else is open leads to c there: it would be done twice"]


def test_rework_drawn_around_a_fork_hinders_nobody_in_it() -> None:
    run = Mover(_fork("a", "b"))
    gates = "".join(element("parallelGateway", each) for each in ("split", "join"))
    gates += element("exclusiveGateway", "merge") + element("exclusiveGateway", "again", default="again_e")
    body = _START + gates + user("a") + user("b") + user("z") + _END
    flows = "s -> merge\nmerge -> split\nsplit -> a\nsplit -> b\na -> join\nb -> join\njoin -> z\n"

    run.move_to(diagram(body, flows + "z -> again\nagain -> merge: more\nagain -> e: default"))
    for name in ("a", "b"):
        run.complete(name)
    run.complete("z", more=True)

    assert run.tasks == ["a", "b"]


# plans


def test_elements_are_known_by_their_names_their_work_and_their_neighbours() -> None:
    old = diagram(
        _START + user("a1", name="Approve") + service("b1", topic="mail.send") + user("c1") + _END,
        "s -> a1\na1 -> b1\nb1 -> c1\nc1 -> e",
    )
    new = diagram(
        _START + user("a2", name="Approve") + service("b2", topic="mail.send") + user("c2") + _END,
        "s -> a2\na2 -> b2\nb2 -> c2\nc2 -> e",
    )

    plan = Mover(old).plan_to(new)

    assert {pair.old: (pair.new, pair.why.value, pair.is_sure) for pair in plan.pairs} == {
        "s": ("s", "id", True),
        "e": ("e", "id", True),
        "a1": ("a2", "name", False),
        "b1": ("b2", "work", False),
        "c1": ("c2", "place", False),
    }
    assert plan.gone == plan.added == ()


def test_a_process_that_calls_itself_is_planned_once() -> None:
    drawn = diagram(_START + user("a") + _call("p"), "s -> a\na -> call")

    plan = Mover(drawn).plan_to(drawn)

    assert [pair.old for pair in plan.pairs] == ["s", "a", "call"]


def test_what_could_be_either_is_not_guessed() -> None:
    old = diagram(_START + user("a1", name="Look"), "s -> a1")
    new = diagram(_START + user("a2", name="Look") + user("a3", name="Look"), "s -> a2\na2 -> a3")

    plan = Mover(old).plan_to(new)

    assert [place.element for place in plan.gone] == ["a1"]
    assert [place.element for place in plan.added] == ["a2", "a3"]


def test_boundary_events_are_known_by_their_activity() -> None:
    def drawn(first: str, second: str) -> bytes:
        body = _START + user("a") + user("b") + boundary(first, "a", timer(timeDuration="P1D"))
        return diagram(body + boundary(second, "b", timer(timeDuration="P1D")), "s -> a\na -> b")

    plan = Mover(drawn("one", "two")).plan_to(drawn("uno", "due"))

    assert {pair.old: pair.new for pair in plan.pairs if not pair.is_sure} == {"one": "uno", "two": "due"}
