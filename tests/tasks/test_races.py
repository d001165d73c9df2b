"""What two do to one instance at the same instant: one comes first, the other finds what is then true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database import reading, transaction
from app.errors import ConflictError
from app.moments import utc_now
from app.operations import moving
from app.operations.moving import Chosen
from app.operations.moving_queries import Course
from app.outbox.models import CallStatus
from app.processes import advance, commands, messages
from app.processes.models import HistoryStep, Instance, InstanceStatus, Subscription, Timer, WorkItem
from app.processes.operating import Act, Verb, perform
from tests.app.processes.running import begin, call_of, publish, stands_at, variables_of
from tests.builders import Firm, a_firm
from tests.databases import Database
from tests.performing import status_of
from tests.workflows.building import boundary, diagram, element, service, timer, user

LATE = (0, 0.0005, 0.002, 0.008, 0.03)  # seconds
DECIDED = "this was decided already"
LOST = "somebody changed this at the same moment; try again"
_START = element("startEvent", "s")
_LATE = boundary("late", "a", timer(timeDate="2020-01-01T00:00:00Z"))
_MESSAGE = '<bpmn:message id="m" name="go"/>'
_CATCH = element("intermediateCatchEvent", "w", '<bpmn:messageEventDefinition messageRef="m"/>')

Deed = Callable[[int], object]


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish(
        firm,
        calls=diagram(_START + service("c") + user("after"), "s -> c\nc -> after", "calls"),
        hurries=diagram(
            _START + user("a") + _LATE + user("done") + user("gone"),
            "s -> a\na -> done\nlate -> gone",
            "hurries",
        ),
        waits=diagram(_START + _CATCH + user("after"), "s -> w\nw -> after", "waits", _MESSAGE),
    )
    return firm


@pytest.fixture
def rounds(database: Database) -> int:
    """Two hundred on what Placet brings along; on servers beside it every pair of LATE twice."""
    return 200 if database.kind in ("sqlite", "postgres") else 2 * len(LATE) ** 2


@pytest.fixture
def race(app: Flask, rounds: int) -> Iterator[Callable[[Deed, Deed], list[tuple[object, object]]]]:
    """Let two do their deeds in every round at the same instant; each is told what became of it.

    Each is late by one of LATE, in every combination, so that neither is always the first: what takes
    longer to reach its lock must be far enough ahead in some of the rounds, also on a busy machine.
    """
    together = Barrier(2)

    def run(place: int, deeds: tuple[Deed, Deed]) -> list[object]:
        found: list[object] = []
        with app.app_context():
            for number in range(rounds):
                mine = (place + number) % 2
                together.wait(30)
                time.sleep(LATE[number // len(LATE) ** mine % len(LATE)])
                try:
                    found.append(deeds[mine](number))
                except ConflictError as error:
                    found.append(error)
        return found

    def both(one: Deed, other: Deed) -> list[tuple[object, object]]:
        with ThreadPoolExecutor(2) as threads:
            first, second = threads.map(lambda place: run(place, (one, other)), range(2))
        pairs = zip(first, second, strict=True)
        return [(b, a) if number % 2 else (a, b) for number, (a, b) in enumerate(pairs)]

    yield both
    together.abort()


def _moves(shop: Firm, instance_id: UUID) -> list[str]:
    """Return why an instance moved, in order, without its beginning."""
    statement = (
        select(HistoryStep.cause).where(HistoryStep.instance_id == instance_id).order_by(HistoryStep.revision)
    )
    with reading(shop.org_id) as tx:
        return list(tx.session.scalars(statement))[1:]


def _count(shop: Firm, table: type[Subscription] | type[Timer], ids: list[UUID]) -> int:
    with reading(shop.org_id) as tx:
        statement = select(func.count()).select_from(table).where(table.instance_id.in_(ids))
        return tx.session.scalar(statement) or 0


Race = Callable[[Deed, Deed], list[tuple[object, object]]]


def test_of_two_workers_that_report_one_call_one_counts(shop: Firm, race: Race, rounds: int) -> None:
    instances = [begin(shop, "calls") for _ in range(rounds)]
    calls = [call_of(shop, each, "do.it") for each in instances]

    race(
        lambda number: commands.report(calls[number], commands.Succeeded({"by": "one"})),
        lambda number: commands.report(calls[number], commands.Succeeded({"by": "other"})),
    )

    winners = [variables_of(shop, each)["by"] for each in instances]
    assert {tuple(_moves(shop, each)) for each in instances} == {("call.succeeded",)}
    assert {tuple(stands_at(shop, each)) for each in instances} == {("after",)}
    assert set(winners) == {"one", "other"}  # they really met


def test_a_boundary_timer_and_a_completion_at_once_are_one_or_the_other(
    shop: Firm, race: Race, rounds: int
) -> None:
    instances = [begin(shop, "hurries") for _ in range(rounds)]
    with reading(shop.org_id) as tx:
        found = tx.session.scalars(select(WorkItem).where(WorkItem.instance_id.in_(instances)))
        items = {item.instance_id: item.id for item in found}

    def complete(number: int) -> str:
        with transaction(shop.org_id) as tx:
            loaded, item = advance.load_item(tx, items[instances[number]])
            advance.complete_item(tx, loaded, item, {}, None, utc_now())
        return "completed"

    pairs = race(complete, lambda number: commands.advance_due(shop.org_id, instances[number]))

    ends = []
    for instance, (completed, _) in zip(instances, pairs, strict=True):
        won = completed == "completed"
        assert won or str(completed) in (DECIDED, LOST)
        assert stands_at(shop, instance) == (["done"] if won else ["gone"])
        assert _moves(shop, instance) == (["item.completed"] if won else ["timer.fired"])
        ends.append(won)
    assert set(ends) == {True, False}
    assert _count(shop, Timer, instances) == 0


def test_a_message_and_a_cancel_at_once_leave_a_cancelled_instance(
    shop: Firm, race: Race, rounds: int
) -> None:
    instances = [begin(shop, "waits", f"K-{number}") for number in range(rounds)]

    def deliver(number: int) -> str:
        messages.deliver(shop["operator"], "go", {"n": number}, f"K-{number}")
        return "delivered"

    def cancel(number: int) -> None:
        with transaction(shop.org_id) as tx:
            advance.cancel(tx, advance.load(tx, instances[number]), "no longer wanted", None, utc_now())

    pairs = race(deliver, cancel)

    delivered = [first == "delivered" for first, _ in pairs]
    for instance, was_first in zip(instances, delivered, strict=True):
        before = ["message.received"] if was_first else []
        assert _moves(shop, instance) == [*before, "instance.cancelled"]
        assert stands_at(shop, instance) == []
    assert set(delivered) == {True, False}
    assert {second for _, second in pairs} == {None}
    assert _count(shop, Subscription, instances) == 0
    with reading(shop.org_id) as tx:
        statuses = set(tx.session.scalars(select(Instance.status).where(Instance.id.in_(instances))))
    assert statuses == {InstanceStatus.CANCELLED}


def _act(shop: Firm, instance_id: UUID, act: Act) -> None:
    with transaction(shop.org_id) as tx:
        perform(tx, advance.load(tx, instance_id), act, None, utc_now())


def test_an_answer_and_a_suspension_at_once_lose_nothing(shop: Firm, race: Race, rounds: int) -> None:
    instances = [begin(shop, "calls") for _ in range(rounds)]
    calls = [call_of(shop, each, "do.it") for each in instances]

    pairs = race(
        lambda number: commands.report(calls[number], commands.Succeeded({"n": number})),
        lambda number: _act(shop, instances[number], Act(Verb.SUSPEND, "to look")),
    )
    kept = [status_of(shop, each) == CallStatus.KEPT for each in calls]
    stood = [stands_at(shop, each) for each in instances]
    for each in instances:
        _act(shop, each, Act(Verb.RESUME, "looked"))

    assert set(pairs) == {(None, None)}
    assert stood == [["c"] if waits else ["after"] for waits in kept]
    assert set(kept) == {True, False}
    assert [stands_at(shop, each) for each in instances] == [["after"]] * rounds
    assert [variables_of(shop, each)["n"] for each in instances] == list(range(rounds))
    assert {status_of(shop, each) for each in calls} == {CallStatus.DONE}


def test_an_answer_and_a_move_at_once_are_one_after_the_other(shop: Firm, race: Race, rounds: int) -> None:
    instances = [begin(shop, "calls") for _ in range(rounds)]
    calls = [call_of(shop, each, "do.it") for each in instances]

    def move(number: int) -> str:
        _act(shop, instances[number], Act(Verb.MOVE, "by hand", element="c", target="after"))
        return "moved"

    pairs = race(lambda number: commands.report(calls[number], commands.Succeeded({})), move)

    moved = [second == "moved" for _, second in pairs]
    for instance, call, was_moved in zip(instances, calls, moved, strict=True):
        assert stands_at(shop, instance) == ["after"]
        assert _moves(shop, instance) == (["token.moved"] if was_moved else ["call.succeeded"])
        assert status_of(shop, call) == (CallStatus.WITHDRAWN if was_moved else CallStatus.DONE)
    assert set(moved) == {True, False}


def test_a_migration_and_a_click_at_once_both_count_in_one_order_or_the_other(
    shop: Firm, race: Race, rounds: int
) -> None:
    own = a_firm()
    publish(own, p=diagram(_START + user("a") + user("b"), "s -> a\na -> b"))
    instances = [begin(own, "p", f"K-{number}") for number in range(rounds)]
    publish(own, p=diagram(_START + user("a") + user("new") + user("b"), "s -> a\na -> new\nnew -> b"))
    with reading(own.org_id) as tx:
        found = tx.session.scalars(select(WorkItem).where(WorkItem.instance_id.in_(instances)))
        items = {item.instance_id: item.id for item in found}

    def click(number: int) -> str:
        with transaction(own.org_id) as tx:
            loaded, item = advance.load_item(tx, items[instances[number]])
            advance.complete_item(tx, loaded, item, {}, None, utc_now())
        return "clicked"

    def migrate(number: int) -> str:
        moving.migrate(own["operator"], Course("p", 1, 2), Chosen(instances[number]), "because")
        return "migrated"

    pairs = race(click, migrate)

    assert set(pairs) == {("clicked", "migrated")}
    orders = set()
    for instance in instances:
        moves = _moves(own, instance)
        assert sorted(moves) == ["instance.migrated", "item.completed"]
        clicked_first = moves[0] == "item.completed"
        assert stands_at(own, instance) == (["b"] if clicked_first else ["new"])
        orders.add(clicked_first)
    assert orders == {True, False}
