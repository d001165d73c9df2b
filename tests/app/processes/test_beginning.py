"""Processes that begin by an event: a message, a signal, a moment that has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import moments
from app.database import reading
from app.errors import ConflictError, InvalidError
from app.processes import beginning, commands, messages, start_timers
from app.processes.message_models import StartTimer
from app.processes.models import Instance
from app.processes.start_timers import DueStart
from tasks import clock
from tasks.worker import load_handlers
from tests.app.processes.running import begin, call_of, publish, stands_at, variables_of
from tests.builders import Firm, a_firm
from tests.performing import run
from tests.workflows.building import condition, diagram, element, timer, user

_DECLARED = '<bpmn:message id="m" name="ordered"/><bpmn:signal id="g" name="strike"/>'
_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
_SIGNAL = '<bpmn:signalEventDefinition signalRef="g"/>'
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _started_by(process: str, trigger: str, start: str = "s", note: str = "") -> bytes:
    body = element("startEvent", start, trigger) + user("after")
    content = diagram(body, f"{start} -> after", process, _DECLARED)
    return content + f"<!-- {note} -->".encode()


@pytest.fixture
def shop(app: Flask) -> Firm:
    load_handlers()
    return a_firm()


@pytest.fixture
def at(shop: Firm) -> Iterator[Callable[[datetime], int]]:
    """Set the clock and let the relay begin what is due then; return how many."""

    def strike(moment: datetime) -> int:
        moments.clock = lambda: moment
        return clock.begin_processes()

    ours = moments.clock
    moments.clock = lambda: MONDAY
    yield strike
    moments.clock = ours


def _instances(shop: Firm, process: str) -> list[Instance]:
    statement = select(Instance).where(Instance.process == process).order_by(Instance.started_at, Instance.id)
    with reading(shop.org_id) as tx:
        return list(tx.session.scalars(statement))


def _timers(shop: Firm) -> list[tuple[str, str, datetime]]:
    with reading(shop.org_id) as tx:
        found = tx.session.scalars(select(StartTimer).order_by(StartTimer.process, StartTimer.element))
        return [(row.process, row.element, row.due_at) for row in found]


# Messages


def test_a_message_that_nobody_awaits_begins_the_process_that_starts_with_it(
    client: FlaskClient, shop: Firm
) -> None:
    publish(shop, orders=_started_by("orders", _MESSAGE))
    body = {"name": "ordered", "payload": {"amount": 5}, "business_key": "N-1"}

    answer = client.post("/api/v1/messages", json=body, headers=shop.headers("operator"))

    [instance] = _instances(shop, "orders")
    assert answer.status_code == 201
    assert answer.get_json() == {
        "outcome": "started",
        "instance_id": str(instance.id),
        "kept_id": None,
        "expires_at": None,
    }
    assert (instance.business_key, stands_at(shop, instance.id)) == ("N-1", ["after"])
    assert variables_of(shop, instance.id) == {"amount": 5}


def test_who_awaits_a_message_goes_before_the_process_that_starts_with_it(shop: Firm) -> None:
    body = element("startEvent", "s") + element("receiveTask", "w", messageRef="m") + user("after")
    waits = diagram(body, "s -> w\nw -> after", "waits", _DECLARED)
    publish(shop, orders=_started_by("orders", _MESSAGE), waits=waits)
    waiting = begin(shop, "waits")

    outcomes = [messages.deliver(shop["operator"], "ordered", {}).outcome for _ in range(2)]

    assert outcomes == ["delivered", "started"]
    assert stands_at(shop, waiting) == ["after"]
    assert len(_instances(shop, "orders")) == 1


def test_of_two_processes_that_start_with_a_message_the_sender_names_one(shop: Firm) -> None:
    publish(shop, orders=_started_by("orders", _MESSAGE), others=_started_by("others", _MESSAGE, "t"))

    with pytest.raises(ConflictError, match="2 processes begin with the message ordered, at s, t"):
        messages.deliver(shop["operator"], "ordered", {})
    messages.deliver(shop["operator"], "ordered", {}, element="t")

    assert [len(_instances(shop, name)) for name in ("orders", "others")] == [0, 1]


def test_a_message_for_one_instance_begins_no_other(shop: Firm) -> None:
    publish(shop, orders=_started_by("orders", _MESSAGE))
    ended = messages.deliver(shop["operator"], "ordered", {}).instance_id

    with pytest.raises(ConflictError, match="0 instances await"):
        messages.deliver(shop["operator"], "ordered", {}, instance_id=ended)


def test_only_the_newest_version_is_begun(shop: Firm) -> None:
    publish(shop, orders=_started_by("orders", _MESSAGE))
    publish(shop, orders=_started_by("orders", _MESSAGE, note="another"))

    messages.deliver(shop["operator"], "ordered", {})

    [instance] = _instances(shop, "orders")
    with reading(shop.org_id) as tx:
        newest = tx.session.scalars(select(Instance.deployment_id)).one()
    assert instance.deployment_id == newest


def _sending(process: str, trigger: str) -> bytes:
    body = element("startEvent", "s") + element("intermediateThrowEvent", "t", trigger) + user("after")
    return diagram(body, "s -> t\nt -> after", process, _DECLARED)


def _hand_on(shop: Firm, sender: UUID) -> dict[str, Any]:
    call_id = call_of(shop, sender, "process.message")
    result = run(shop, call_id)
    commands.report(call_id, commands.Succeeded(result))
    return dict(result)


def test_one_pool_begins_another_by_its_message_under_the_same_business_key(shop: Firm) -> None:
    publish(shop, orders=_started_by("orders", _MESSAGE), buys=_sending("buys", _MESSAGE))

    assert _hand_on(shop, begin(shop, "buys", "B-7")) == {"received": 1}

    assert [each.business_key for each in _instances(shop, "orders")] == ["B-7"]


# Signals


def test_a_signal_begins_every_process_that_starts_with_it(client: FlaskClient, shop: Firm) -> None:
    publish(shop, one=_started_by("one", _SIGNAL), two=_started_by("two", _SIGNAL))
    body = {"name": "strike", "payload": {"until": "Friday"}}

    answer = client.post("/api/v1/signals", json=body, headers=shop.headers("operator"))

    assert answer.get_json() == {"count": 2}
    found = [*_instances(shop, "one"), *_instances(shop, "two")]
    assert [variables_of(shop, each.id) for each in found] == [{"until": "Friday"}] * 2


def test_a_signal_of_an_instance_begins_processes_once(shop: Firm) -> None:
    publish(shop, one=_started_by("one", _SIGNAL), cries=_sending("cries", _SIGNAL))
    call_id = call_of(shop, begin(shop, "cries"), "process.message")

    assert [run(shop, call_id) for _ in range(2)] == [{"received": 1}, {"received": 0}]

    assert len(_instances(shop, "one")) == 1


def test_in_an_organisation_without_processes_nothing_begins(shop: Firm) -> None:
    assert messages.broadcast(shop["operator"], "strike", {}) == 0


# Moments


def test_a_cycle_begins_an_instance_each_time_and_what_was_missed_once(
    shop: Firm, at: Callable[[datetime], int]
) -> None:
    publish(shop, nightly=_started_by("nightly", timer(timeCycle="R/2026-03-01T01:00@Europe/Berlin/P1D")))
    tuesday = datetime(2026, 3, 3, tzinfo=UTC)
    assert _timers(shop) == [("nightly", "s", tuesday)]

    counts = [
        at(tuesday - timedelta(seconds=1)),
        at(tuesday),
        at(tuesday),
        at(tuesday + timedelta(days=30.5)),
    ]

    assert counts == [0, 1, 0, 1]
    assert [each.business_key for each in _instances(shop, "nightly")] == [
        "2026-03-03T00:00:00+00:00",
        "2026-03-04T00:00:00+00:00",
    ]
    # The clocks of Berlin have changed meanwhile; it is one in the morning there all the same.
    assert _timers(shop) == [("nightly", "s", datetime(2026, 4, 2, 23, tzinfo=UTC))]


@pytest.mark.parametrize(
    "when", [timer(timeDate="2026-03-02T10:00Z"), timer(timeDuration="PT1H"), timer(timeCycle="R1/PT1H")]
)
def test_what_begins_once_is_gone_then(shop: Firm, at: Callable[[datetime], int], when: str) -> None:
    publish(shop, once=_started_by("once", when))

    counts = [at(MONDAY + timedelta(hours=1)), at(MONDAY + timedelta(days=9))]

    assert counts == [1, 0]
    assert (len(_instances(shop, "once")), _timers(shop)) == (1, [])


@pytest.mark.usefixtures("at")
def test_a_moment_that_is_past_when_it_is_published_begins_nothing(shop: Firm) -> None:
    publish(shop, once=_started_by("once", timer(timeDate="2026-03-01T10:00Z")))

    assert _timers(shop) == []


def test_publishing_something_else_leaves_a_cycle_its_phase(
    shop: Firm, at: Callable[[datetime], int]
) -> None:
    publish(shop, hourly=_started_by("hourly", timer(timeCycle="R/PT1H")))
    moments.clock = lambda: MONDAY + timedelta(minutes=30)

    publish(shop, other=_started_by("other", _SIGNAL))

    assert _timers(shop) == [("hourly", "s", MONDAY + timedelta(hours=1))]
    at(MONDAY + timedelta(hours=1))
    with reading(shop.org_id) as tx:
        [started] = tx.session.scalars(select(Instance))
        assert started.deployment_id == tx.session.scalars(select(StartTimer.deployment_id)).one()


@pytest.mark.usefixtures("at")
def test_publishing_it_anew_begins_to_wait_anew(shop: Firm) -> None:
    publish(shop, hourly=_started_by("hourly", timer(timeCycle="R/PT1H")))
    moments.clock = lambda: MONDAY + timedelta(minutes=30)

    publish(shop, hourly=_started_by("hourly", timer(timeCycle="R/PT2H"), "other_start"))

    assert _timers(shop) == [("hourly", "other_start", MONDAY + timedelta(hours=2, minutes=30))]
    publish(shop, hourly=_started_by("hourly", _SIGNAL))
    assert _timers(shop) == []


@pytest.mark.usefixtures("at")
def test_a_timer_that_cannot_be_read_yet_is_told_when_it_is_published(shop: Firm) -> None:
    with pytest.raises(InvalidError) as refused:
        publish(shop, hourly=_started_by("hourly", timer(timeDuration="= pause")))

    assert str(refused.value.fields["hourly.bpmn"][0]) == "s: the timer 'pause' gives null"
    assert _timers(shop) == []


def test_of_two_relays_one_begins_it(shop: Firm, at: Callable[[datetime], int]) -> None:
    publish(shop, hourly=_started_by("hourly", timer(timeCycle="R/PT1H")))
    moments.clock = lambda: MONDAY + timedelta(hours=1)
    due = DueStart(shop.org_id, "hourly", "s")

    assert [beginning.by_timer(due) for _ in range(2)] == [True, False]
    assert beginning.by_timer(DueStart(shop.org_id, "hourly", "gone")) is False
    assert len(_instances(shop, "hourly")) == 1


def test_one_that_cannot_begin_is_tried_again_later(
    shop: Firm, at: Callable[[datetime], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(shop, hourly=_started_by("hourly", timer(timeCycle="R/PT1H")))
    due = MONDAY + timedelta(hours=1)
    with monkeypatch.context() as patching:
        patching.setattr(start_timers, "go_on", lambda *_: 1 / 0)
        assert at(due) == 1
    assert (_instances(shop, "hourly"), at(due + timedelta(seconds=90))) == ([], 0)

    assert at(due + timedelta(minutes=2)) == 1

    assert [each.business_key for each in _instances(shop, "hourly")] == [due.isoformat()]
    assert _timers(shop) == [("hourly", "s", due + timedelta(hours=1))]


def test_a_condition_begins_what_it_holds_for(shop: Firm, client: FlaskClient) -> None:
    publish(
        shop,
        low=_started_by("low", condition("stock &lt; least")),
        none=_started_by("none", condition("stock = 0")),
        unread=_started_by("unread", condition("other &gt; 1")),
    )
    body = {"variables": {"stock": 3, "least": 5}, "business_key": "SKU-7"}
    headers = {**shop.headers("operator"), "Idempotency-Key": "count-1"}

    answers = [client.post("/api/v1/conditions", json=body, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    (begun,) = answers[0].json["instance_ids"]
    assert answers[1].json["instance_ids"] == [begun]
    assert stands_at(shop, UUID(begun)) == ["after"]
    assert variables_of(shop, UUID(begun)) == {"stock": 3, "least": 5}
    with reading(shop.org_id) as tx:
        assert tx.session.scalars(select(Instance.business_key)).all() == ["SKU-7"]


def test_a_condition_that_is_none_begins_nothing_at_all(shop: Firm) -> None:
    publish(shop, low=_started_by("low", condition("stock")), none=_started_by("none", condition("true")))

    with pytest.raises(ConflictError, match="gives 3"):
        messages.tell(None, shop["operator"], {"stock": 3}, None)

    with reading(shop.org_id) as tx:
        assert tx.session.scalars(select(Instance.id)).all() == []
