"""Two people decide one item at the same instant, at two web processes on PostgreSQL: 200 pairs, measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any
from uuid import UUID

import httpx
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import commands as accounts
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.config import Settings
from app.database import reading
from app.inbox import commands as inbox
from app.inbox.models import PendingDecision
from app.orders.models import Order
from app.processes.models import HistoryStep, WorkItem
from tasks import children
from tasks.probing import HttpProbe
from tests.builders import Firm, a_firm
from tests.selling import a_customer, a_line, a_product, an_order, publish_shipped
from tests.tasks.installation import eventually, installation

PAIRS, FEW = 200, 20
APPROVE = {"decision": "approved", "comment": ""}
REJECT = {"decision": "rejected", "comment": "Not now."}

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@dataclass(frozen=True, slots=True)
class Answered:
    """What one of several simultaneous requests was answered, and how fast."""

    status: int
    body: dict[str, Any]
    seconds: float


@pytest.fixture(scope="module")
def webs(settings: Settings) -> Iterator[Sequence[str]]:
    """The addresses of two web processes."""
    ports = [children.free_port() for _ in range(2)]
    with installation(settings) as running:
        for port in ports:
            words = ("serve", "--workers", "1", "--port", str(port))
            running.start(f"web-{port}", "tasks.cli", *words)
        for port in ports:
            assert eventually(HttpProbe(port, "/healthz")), running.lines(f"web-{port}.log")
        yield [f"http://127.0.0.1:{port}/api/v1" for port in ports]


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    """A firm with two sales leads, Lead and Second, who may decide the same."""
    firm = a_firm()
    publish_shipped(firm)
    email = f"second@{firm.slug}.example"
    roles, teams = (Role.APPROVER,), ("sales_lead",)
    person_id = accounts.add_person(
        firm.org_id, None, email=email, name="Second", password=None, roles=roles, teams=teams
    )
    firm.actors["second"] = Actor(
        firm.org_id, person_id, "Second", email, roles=frozenset(roles), teams=frozenset(teams)
    )
    return firm


def _items(shop: Firm, count: int) -> list[UUID]:
    """Return an item to approve of each of so many orders."""
    product, customer = a_product(shop, on_hand=10**6), a_customer(shop, credit_limit=10**8)
    orders = [
        an_order(shop, [a_line(product, 20)], customer_id=customer, submit=True).instance_id
        for _ in range(count)
    ]
    with reading(shop.org_id) as tx:
        found = tx.session.scalars(
            select(WorkItem.id).where(WorkItem.instance_id.in_(orders), WorkItem.form == "approval")
        )
        return list(found)


def _at_once(webs: Sequence[str], item_ids: Sequence[UUID], bodies: list[Any]) -> list[list[Answered]]:
    """Let each of `bodies` (headers, body) decide each item, all at the same instant, item after item."""
    together = Barrier(len(bodies))

    def decide(place: int) -> list[Answered]:
        headers, body = bodies[place]
        answers = []
        with httpx.Client(base_url=webs[place % len(webs)], headers=headers, timeout=30) as client:
            for item_id in item_ids:
                together.wait(60)
                began = time.perf_counter()
                answer = client.post(f"/inbox/{item_id}/complete", json=body)
                seconds = time.perf_counter() - began
                answers.append(Answered(answer.status_code, answer.json(), seconds))
        return answers

    with ThreadPoolExecutor(len(bodies)) as threads:
        each = list(threads.map(decide, range(len(bodies))))
    return [list(answers) for answers in zip(*each, strict=True)]


def _revisions(shop: Firm, item_id: UUID) -> tuple[int, UUID | None, Any, str]:
    """Return how often an item's instance moved, who decided, what, and where the order stands."""
    with reading(shop.org_id) as tx:
        item = tx.session.get_one(WorkItem, item_id)
        moves = select(func.count()).where(
            HistoryStep.instance_id == item.instance_id, HistoryStep.cause == "item.completed"
        )
        status = select(Order.status).where(Order.instance_id == item.instance_id)
        decided = (item.outcome or {}).get("decision")
        return (
            tx.session.scalar(moves) or 0,
            item.done_by,
            decided,
            str(tx.session.scalar(status)),
        )


@pytest.mark.untraced
def test_of_two_hundred_pairs_each_has_one_winner_and_one_who_is_told_at_once(
    shop: Firm, webs: Sequence[str]
) -> None:
    items = _items(shop, PAIRS)
    people = ("lead", "second")
    bodies = [
        (shop.headers("lead"), {"result": APPROVE}),
        (shop.headers("second"), {"result": REJECT}),
    ]

    pairs = _at_once(webs, items, bodies)

    assert [sorted(answer.status for answer in pair) for pair in pairs] == [[200, 409]] * PAIRS
    for item_id, pair in zip(items, pairs, strict=True):
        winner = 0 if pair[0].status == 200 else 1
        told = pair[1 - winner].body
        assert told["error"]["code"] == "already_decided"
        assert told["error"]["message"].startswith(f"{shop[people[winner]].name} decided this at ")
        # Submitting was the first move, the winner's decision the second; there is no third.
        decision, status = (("approved", "executing"), ("rejected", "rejected"))[winner]
        assert _revisions(shop, item_id) == (2, shop[people[winner]].person_id, decision, status)
    told_after = [answer.seconds for pair in pairs for answer in pair if answer.status == 409]
    assert statistics.median(told_after) < 1.0
    wins = sum(pair[0].status == 200 for pair in pairs)
    assert 0 < wins < PAIRS  # they really met


def test_of_two_held_decisions_one_is_held_and_the_other_is_told_at_once(
    shop: Firm, webs: Sequence[str]
) -> None:
    items = _items(shop, FEW)
    people = ("lead", "second")
    bodies = [
        (shop.headers("lead"), {"result": APPROVE, "hold": True}),
        (shop.headers("second"), {"result": REJECT, "hold": True}),
    ]

    pairs = _at_once(webs, items, bodies)

    assert [sorted(answer.status for answer in pair) for pair in pairs] == [[200, 409]] * FEW
    for item_id, pair in zip(items, pairs, strict=True):
        winner = 0 if pair[0].status == 200 else 1
        assert pair[winner].body["status"] == "held"
        told = pair[1 - winner].body["error"]["message"]
        assert told.startswith(f"{shop[people[winner]].name} decided this at ")
        with reading(shop.org_id) as tx:
            assert tx.session.get_one(PendingDecision, item_id).person_id == shop[people[winner]].person_id
        assert _revisions(shop, item_id)[0] == 1  # nothing counts yet
    first = 0 if pairs[0][0].status == 200 else 1
    assert inbox.put_in_force(shop.org_id, items[0])
    assert _revisions(shop, items[0])[1] == shop[people[first]].person_id


def test_of_four_submits_of_one_item_one_counts(shop: Firm, webs: Sequence[str]) -> None:
    items, headers = _items(shop, FEW), shop.headers("lead")

    rounds = _at_once(webs, items, [(headers, {"result": APPROVE})] * 4)

    assert [sorted(answer.status for answer in four) for four in rounds] == [[200, 409, 409, 409]] * FEW
    assert [_revisions(shop, item_id)[0] for item_id in items] == [2] * FEW
