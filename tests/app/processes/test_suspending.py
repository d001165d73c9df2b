"""A suspended instance: nothing moves it but operators, and what came for it meanwhile is not lost."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import reading, transaction
from app.errors import ConflictError
from app.inbox import commands as inbox
from app.inbox.models import PendingDecision
from app.moments import utc_now
from app.outbox.models import CallStatus, ServiceCall
from app.processes import advance, commands, due, messages
from app.processes.errors import SuspendedError
from app.processes.models import Timer, WorkItem
from app.processes.operating import Act, Verb, perform
from app.processes.passing_on import Sending, pass_on
from tests.app.processes.running import (
    begin,
    call_of,
    complete,
    incidents_of,
    open_incidents,
    publish,
    stands_at,
    variables_of,
)
from tests.builders import Firm, a_firm
from tests.performing import a_call, status_of
from tests.workflows.building import boundary, diagram, element, service, timer, user

_START = element("startEvent", "s")
_DECLARED = '<bpmn:message id="m" name="customs.cleared"/><bpmn:signal id="g" name="strike.begun"/>'


def _catching(process: str, definition: str) -> bytes:
    body = _START + element("intermediateCatchEvent", "w", definition) + user("after")
    return diagram(body, "s -> w\nw -> after", process, _DECLARED)


def _asking() -> bytes:
    """A call with a boundary event for an error, and one after it."""
    catch = '<bpmn:errorEventDefinition errorRef="gone"/>'
    body = _START + service("m") + boundary("caught", "m", catch) + user("a") + user("b") + service("n")
    return diagram(body, "s -> m\nm -> a\ncaught -> b\na -> n", "asks")


def _waiting() -> bytes:
    body = _START + user("a", camunda_candidateGroups="sales_lead")
    body += boundary("late", "a", timer(timeDuration="PT1S")) + user("b")
    return diagram(body, "s -> a\nlate -> b", "waits")


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish(
        firm,
        listens=_catching("listens", '<bpmn:messageEventDefinition messageRef="m"/>'),
        hears=_catching("hears", '<bpmn:signalEventDefinition signalRef="g"/>'),
        asks=_asking(),
        waits=_waiting(),
    )
    return firm


def _do(shop: Firm, instance_id: UUID, verb: Verb) -> None:
    with transaction(shop.org_id) as tx:
        loaded = advance.load(tx, instance_id)
        perform(tx, loaded, Act(verb, "to look"), shop["operator"].person_id, utc_now())


def _suspended(shop: Firm, process: str, key: str = "K-1") -> UUID:
    instance_id = begin(shop, process, key)
    _do(shop, instance_id, Verb.SUSPEND)
    return instance_id


def _timer_of(shop: Firm, instance_id: UUID) -> Timer | None:
    with reading(shop.org_id) as tx:
        return tx.session.get(Timer, instance_id)


def test_nobody_completes_what_is_suspended_and_the_answer_says_why(shop: Firm) -> None:
    instance_id = _suspended(shop, "waits")

    with pytest.raises(SuspendedError, match="An operator has suspended this"):
        complete(shop, instance_id, "a")
    _do(shop, instance_id, Verb.RESUME)
    complete(shop, instance_id, "a")

    assert stands_at(shop, instance_id) == []


def test_an_answer_that_comes_meanwhile_is_taken_up_at_the_end(shop: Firm) -> None:
    instance_id = begin(shop, "asks")
    call_id = call_of(shop, instance_id, "do.it")
    _do(shop, instance_id, Verb.SUSPEND)

    for receipt in ("R-1", "R-2"):  # the second report changes nothing
        commands.report(call_id, commands.Succeeded({"receipt": receipt}))
    assert (status_of(shop, call_id), stands_at(shop, instance_id)) == (CallStatus.KEPT, ["m"])
    _do(shop, instance_id, Verb.RESUME)

    assert (status_of(shop, call_id), stands_at(shop, instance_id)) == (CallStatus.DONE, ["a"])
    assert variables_of(shop, instance_id)["receipt"] == "R-1"
    with reading(shop.org_id) as tx:
        assert tx.session.get_one(ServiceCall, call_id).result == {"receipt": "R-1"}


def test_a_business_error_that_comes_meanwhile_is_caught_at_the_end(shop: Firm) -> None:
    instance_id = begin(shop, "asks")
    call_id = call_of(shop, instance_id, "do.it")
    _do(shop, instance_id, Verb.SUSPEND)

    commands.report(call_id, commands.BusinessError("gone", "none left", {"left": 0}))
    _do(shop, instance_id, Verb.RESUME)

    assert (status_of(shop, call_id), stands_at(shop, instance_id)) == (CallStatus.ERROR, ["b"])
    assert variables_of(shop, instance_id)["left"] == 0


def test_a_call_that_is_given_up_meanwhile_is_an_incident_at_once(shop: Firm) -> None:
    instance_id = begin(shop, "asks")
    call_id = call_of(shop, instance_id, "do.it")
    _do(shop, instance_id, Verb.SUSPEND)

    commands.report(call_id, commands.Failed("the carrier is away"))

    assert (status_of(shop, call_id), open_incidents(shop, instance_id)) == (CallStatus.FAILED, ["m"])


def test_an_answer_is_not_taken_up_where_the_token_was_moved_away(shop: Firm) -> None:
    instance_id = begin(shop, "asks")
    call_id = call_of(shop, instance_id, "do.it")
    _do(shop, instance_id, Verb.SUSPEND)
    commands.report(call_id, commands.Succeeded({"receipt": "R-1"}))

    with transaction(shop.org_id) as tx:
        act = Act(Verb.MOVE, "by hand", element="m", target="b")
        perform(tx, advance.load(tx, instance_id), act, None, utc_now())
    _do(shop, instance_id, Verb.RESUME)

    assert (status_of(shop, call_id), stands_at(shop, instance_id)) == (CallStatus.WITHDRAWN, ["b"])


def test_timers_wait_and_fire_at_the_end(shop: Firm) -> None:
    instance_id = _suspended(shop, "waits")
    later = utc_now() + timedelta(minutes=1)

    assert _timer_of(shop, instance_id) is None
    commands.advance_due(shop.org_id, instance_id)  # a relay had taken the timer before
    assert stands_at(shop, instance_id) == ["a"]
    _do(shop, instance_id, Verb.RESUME)
    assert instance_id in [taken.instance_id for taken in due.take_due_timers(later, 100)]
    with transaction(shop.org_id) as tx:
        advance.tick(tx, advance.load(tx, instance_id), later)

    assert stands_at(shop, instance_id) == ["b"]


def test_what_an_operator_does_to_a_suspended_instance_starts_no_timer(shop: Firm) -> None:
    instance_id = _suspended(shop, "waits")

    with transaction(shop.org_id) as tx:
        act = Act(Verb.RESCHEDULE, "more time", element="late", due_at=utc_now() + timedelta(days=1))
        moved = perform(tx, advance.load(tx, instance_id), act, None, utc_now())

    assert moved.suspended
    assert _timer_of(shop, instance_id) is None
    _do(shop, instance_id, Verb.RESUME)
    found = _timer_of(shop, instance_id)
    assert found is not None
    assert found.due_at == act.due_at


def test_an_operators_message_is_refused_and_another_instances_is_kept(shop: Firm) -> None:
    instance_id = _suspended(shop, "listens", "K-7")

    with pytest.raises(SuspendedError):
        messages.deliver(shop["operator"], "customs.cleared", {}, "K-7")
    call_id = a_call(shop, "process.message")
    assert (
        pass_on(shop.org_id, call_id, Sending("message", "customs.cleared", {"duty": 5}, "K-7"), utc_now())
        == 1
    )
    assert (status_of(shop, call_id), stands_at(shop, instance_id)) == (CallStatus.DONE, ["w"])
    _do(shop, instance_id, Verb.RESUME)

    assert stands_at(shop, instance_id) == ["after"]
    assert variables_of(shop, instance_id)["duty"] == 5


def test_a_kept_message_that_is_awaited_no_more_goes_on_as_any_that_nobody_awaits(shop: Firm) -> None:
    instance_id = _suspended(shop, "listens", "K-8")
    pass_on(
        shop.org_id,
        a_call(shop, "process.message"),
        Sending("message", "customs.cleared", {}, "K-8"),
        utc_now(),
    )

    with transaction(shop.org_id) as tx:
        act = Act(Verb.MOVE, "by hand", element="w", target="after")
        perform(tx, advance.load(tx, instance_id), act, None, utc_now())
    _do(shop, instance_id, Verb.RESUME)

    waiting = call_of(shop, instance_id, "process.message")
    with reading(shop.org_id) as tx:
        assert tx.session.get_one(ServiceCall, waiting).inputs["correlation"] == {"business_key": "K-8"}


def test_a_signal_reaches_a_suspended_instance_when_it_goes_on(shop: Firm) -> None:
    still, going = _suspended(shop, "hears"), begin(shop, "hears")

    assert messages.broadcast(shop["operator"], "strike.begun", {"until": "Monday"}) == 2
    assert (stands_at(shop, still), stands_at(shop, going)) == (["w"], ["after"])
    _do(shop, still, Verb.RESUME)

    assert stands_at(shop, still) == ["after"]
    assert variables_of(shop, still)["until"] == "Monday"


def test_a_decision_that_was_held_counts_only_when_the_instance_goes_on(shop: Firm) -> None:
    instance_id = begin(shop, "waits")
    with reading(shop.org_id) as tx:
        item_id = tx.session.scalars(select(WorkItem.id).where(WorkItem.instance_id == instance_id)).one()
    inbox.decide(shop["lead"], item_id, {"comment": ""}, hold=True)
    _do(shop, instance_id, Verb.SUSPEND)

    assert not inbox.put_in_force(shop.org_id, item_id)
    with reading(shop.org_id) as tx:
        assert tx.session.get_one(PendingDecision, item_id).in_force_at > utc_now()
    assert (stands_at(shop, instance_id), incidents_of(shop, instance_id)) == (["a"], [])
    _do(shop, instance_id, Verb.RESUME)

    assert inbox.put_in_force(shop.org_id, item_id)
    assert stands_at(shop, instance_id) == []


def test_no_decision_is_held_while_an_instance_is_suspended(shop: Firm) -> None:
    instance_id = _suspended(shop, "waits")
    with reading(shop.org_id) as tx:
        item_id = tx.session.scalars(select(WorkItem.id).where(WorkItem.instance_id == instance_id)).one()

    with pytest.raises(SuspendedError):
        inbox.decide(shop["lead"], item_id, {"comment": ""}, hold=True)


def test_an_instance_is_suspended_and_resumed_once(shop: Firm) -> None:
    instance_id = _suspended(shop, "waits")

    with pytest.raises(ConflictError, match="suspended already"):
        _do(shop, instance_id, Verb.SUSPEND)
    _do(shop, instance_id, Verb.RESUME)
    with pytest.raises(ConflictError, match="not suspended"):
        _do(shop, instance_id, Verb.RESUME)
    _do(shop, instance_id, Verb.CANCEL)
    with pytest.raises(ConflictError, match="has ended"):
        _do(shop, instance_id, Verb.SUSPEND)


def test_a_suspended_instance_is_cancelled_and_takes_no_answer_up(shop: Firm) -> None:
    instance_id = begin(shop, "asks")
    call_id = call_of(shop, instance_id, "do.it")
    _do(shop, instance_id, Verb.SUSPEND)
    commands.report(call_id, commands.Succeeded({}))

    _do(shop, instance_id, Verb.CANCEL)

    assert (status_of(shop, call_id), stands_at(shop, instance_id)) == (CallStatus.WITHDRAWN, [])
