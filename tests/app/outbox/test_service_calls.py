"""How a service call gets to a worker, once at a time, and when it is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, update

from app.database import transaction, transaction_across_organisations
from app.moments import utc_now
from app.outbox import commands
from app.outbox.asking import ask
from app.outbox.models import CallStatus, ServiceCall
from app.outbox.queries import Lag, lag
from tests.builders import Firm


@pytest.fixture(autouse=True)
def empty_outbox(app: Flask) -> None:
    with transaction_across_organisations() as tx:
        tx.session.execute(delete(ServiceCall))


def _ask(firm: Firm, due_at: datetime | None = None) -> UUID:
    with transaction(firm.org_id) as tx:
        return ask(tx, "stock.reserve", {"order_id": "17"}, now=utc_now(), due_at=due_at)


def _call(firm: Firm, call_id: UUID) -> ServiceCall:
    with transaction(firm.org_id) as tx:
        return tx.session.get_one(ServiceCall, call_id)


def _set(firm: Firm, call_id: UUID, **values: object) -> None:
    with transaction(firm.org_id) as tx:
        tx.session.execute(update(ServiceCall).where(ServiceCall.id == call_id).values(**values))


def _publish(most: int = 10) -> list[UUID]:
    published: list[UUID] = []
    commands.publish_due(lambda call_id, _: published.append(call_id), most)
    return published


def test_a_call_is_published_once_until_it_is_late(firm: Firm) -> None:
    call_id = _ask(firm)

    first, second = _publish(), _publish()

    assert (first, second) == ([call_id], [])


def test_a_call_is_not_published_before_it_is_due(firm: Firm) -> None:
    _ask(firm, due_at=utc_now() + timedelta(minutes=1))

    assert _publish() == []


def test_a_message_that_nobody_took_up_is_published_again(firm: Firm) -> None:
    call_id = _ask(firm)
    _publish()
    _set(firm, call_id, due_at=utc_now() - timedelta(seconds=1))

    assert _publish() == [call_id]


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [
        pytest.param(0, 30, id="at first after half a minute"),
        pytest.param(2, 120, id="twice as long after each attempt"),
        pytest.param(9, 600, id="never longer than ten minutes"),
    ],
)
def test_republishing_slows_down(attempts: int, seconds: int) -> None:
    assert commands.republish_after(attempts) == timedelta(seconds=seconds)


def test_a_call_stays_due_when_the_broker_fails_while_it_is_published(firm: Firm) -> None:
    call_id = _ask(firm)

    def fail(_id: UUID, _request_id: str | None) -> None:
        raise OSError("the broker is gone")

    with pytest.raises(OSError, match="broker"):
        commands.publish_due(fail, 10)

    assert _publish() == [call_id]


def test_an_attempt_is_counted_before_it_is_made(firm: Firm) -> None:
    call_id = _ask(firm)

    begun = commands.begin(call_id)

    assert begun is not None
    assert begun.inputs == {"order_id": "17"}
    call = _call(firm, call_id)
    assert (call.status, call.attempts) == (CallStatus.RUNNING, 1)


def test_a_call_in_hand_is_begun_by_nobody_else(firm: Firm) -> None:
    call_id = _ask(firm)
    commands.begin(call_id)

    assert commands.begin(call_id) is None
    assert _publish() == []


def test_of_two_workers_at_once_one_begins(firm: Firm, app: Flask) -> None:
    call_id = _ask(firm)
    barrier, begun = Barrier(2), []

    def work() -> None:
        with app.app_context():
            barrier.wait()
            begun.append(commands.begin(call_id))

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(each is not None for each in begun) == 1


def test_a_call_whose_worker_died_is_published_and_begun_again(firm: Firm) -> None:
    call_id = _ask(firm)
    commands.begin(call_id)
    _set(firm, call_id, due_at=utc_now() - timedelta(seconds=1))

    published = _publish()
    begun = commands.begin(call_id)

    assert published == [call_id]
    assert begun is not None
    assert begun.attempts == 2


def test_a_call_that_killed_every_worker_is_named_and_not_published(firm: Firm) -> None:
    call_id = _ask(firm)
    late = utc_now() - timedelta(seconds=1)
    _set(firm, call_id, status=CallStatus.RUNNING, attempts=5, due_at=late)

    count, poisonous = commands.publish_due(lambda *_: pytest.fail("it is poison"), 10)

    assert (count, poisonous) == (0, [call_id])


def test_a_call_that_failed_is_tried_later_and_later(firm: Firm) -> None:
    call_id = _ask(firm)
    pauses = []

    for _ in range(6):
        begun = commands.begin(call_id)
        assert begun is not None
        before = utc_now()
        if commands.try_later(begun, "no answer"):
            due_at = _call(firm, call_id).due_at
            assert due_at is not None
            pauses.append((due_at - before).total_seconds())

    for pause, planned in zip(pauses, (1, 5, 30, 120, 600), strict=True):
        assert planned <= pause <= planned * 1.25 + 1
    assert _call(firm, call_id).error == "no answer"


@pytest.mark.parametrize("status", [CallStatus.DONE, CallStatus.WITHDRAWN, CallStatus.FAILED])
def test_a_call_that_is_over_is_begun_by_nobody(firm: Firm, status: CallStatus) -> None:
    call_id = _ask(firm)
    _set(firm, call_id, status=status, due_at=None)

    assert commands.begin(call_id) is None


def test_a_call_that_does_not_exist_is_begun_by_nobody(firm: Firm) -> None:
    assert commands.begin(firm.org_id) is None


def test_relays_share_what_is_due(firm: Firm, app: Flask, database: object) -> None:
    """While one holds its batch, another takes the rest; SQLite lets one in after the other."""
    asked = {_ask(firm) for _ in range(4)}
    first: list[UUID] = []
    second: list[UUID] = []

    def other() -> None:
        with app.app_context():
            second.extend(_publish())

    with transaction(firm.org_id) as tx:
        skips = tx.dialect != "sqlite"
    thread = Thread(target=other)

    def publish(call_id: UUID, _request_id: str | None) -> None:
        first.append(call_id)
        if len(first) == 2 and skips:
            thread.start()
            thread.join()

    commands.publish_due(publish, 2)
    if not skips:
        thread.start()
        thread.join()

    assert len(first) == len(second) == 2
    assert {*first, *second} == asked


def test_the_lag_is_the_age_of_the_oldest_call_that_nobody_began(firm: Firm) -> None:
    now = utc_now()
    begun, sent, _later = _ask(firm), _ask(firm), _ask(firm, due_at=now + timedelta(hours=1))
    _publish()
    for call_id in (begun, sent):
        _set(firm, call_id, sent_at=now - timedelta(minutes=2), due_at=now - timedelta(seconds=1))
    _publish()
    commands.begin(begun)

    with transaction_across_organisations() as tx:
        found = lag(tx, now)

    assert found == Lag(1, timedelta(minutes=2))


def test_without_calls_there_is_no_lag(firm: Firm) -> None:
    with transaction_across_organisations() as tx:
        assert lag(tx, utc_now()) == Lag(0, timedelta(0))
