"""Segments: stable, better than thirds by value or refused; on pages; gone with a customer at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app import moments
from app.accounts import commands as accounts
from app.accounts.models import Role
from app.columns import new_id
from app.customers import commands as customers
from app.customers import erasing, profiling
from app.customers.models import Customer
from app.database import reading, transaction
from app.insights.gate import judge
from app.insights.learning.segments import training
from app.insights.learning.segments.following import numbered
from app.insights.learning.segments.training import explained
from app.insights.pseudonyms import pseudonyms_of
from app.insights.segments.kind import KIND
from app.insights.segments.models import CustomerSegment
from app.insights.trained import InUse, Job, Learned, Row, TooLittleError
from app.needs import commands as needs
from app.orders.models import Order
from tasks import training as performing
from tests.builders import PASSWORD, Firm, a_firm

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def ordered(names: list[str]) -> list[Row]:
    """Worth much the same: a third orders each week, the next twice a year, the last ordered long ago."""
    random, rows = np.random.default_rng(5), []
    for at, name in enumerate(names):
        first, pause, worth = ((7, 9, 50), (30, 170, 930), (300, 60, 700))[at % 3]
        for back in range(first + at % 5, 500, pause):
            rows.append((name, NOW - back * DAY, float(worth * random.uniform(0.7, 1.4))))
    return sorted(rows, key=lambda row: row[1])


def some_rows() -> list[Row]:
    return ordered([f"c{at}" for at in range(60)])


def learn(rows: list[Row], in_use: InUse | None = None) -> Learned:
    return training.learn(iter(rows), Job(NOW, 1, in_use, lambda percent, doing: None))


@pytest.fixture(scope="module")
def found() -> Learned:
    return learn(some_rows())


def test_segments_that_tell_the_next_quarter_pass_the_gate(found: Learned) -> None:
    assert judge(KIND.metric, found.measured).passed
    assert found.measured.candidate["told"] > 0.8
    assert found.measured.candidate["stability"] >= training.STABLE


def test_customers_who_order_alike_are_in_one_segment() -> None:
    rows = {row[0]: row for row in learn(some_rows()).tables["candidate"]}

    kinds = [{rows[f"c{at}"][1] for at in range(60) if at % 3 == kind} for kind in range(3)]

    assert not kinds[0] & (kinds[1] | kinds[2])
    assert rows["c0"][2].startswith("recent often")
    assert rows["c2"][2].startswith("lapsed")


def test_the_version_in_use_is_measured_on_the_same_quarter(found: Learned) -> None:
    used = InUse(1, found.artefact, (), found.weights, found.reference, found.until)

    again = learn(some_rows(), used)

    assert again.measured.in_use == {"told": again.measured.candidate["told"]}
    assert set(again.tables) == {"candidate", "in_use", "baseline"}
    assert set(again.recent) == {"segment"}


def test_a_segment_keeps_its_number_while_it_is_the_same_customers(found: Learned) -> None:
    weights = {**found.weights, "numbers": [4, 9, 7][: len(found.weights["centres"])], "next": 12}
    used = InUse(1, found.artefact, (), weights, found.reference, found.until)
    before = {row[0]: weights["numbers"][row[1] - 1] for row in learn(some_rows()).tables["candidate"]}
    more = ordered([f"c{at}" for at in range(63)])

    again = learn(more, used)

    after = {row[0]: row[1] for row in again.tables["candidate"]}
    moved = [name for name in before if after[name] != before[name]]
    assert len(moved) <= 3  # at the border, for three more customers shift all means a little
    assert set(after.values()) == set(before.values())
    assert again.weights["next"] == 12
    assert {row[1] for row in again.tables["in_use"]} == set(after.values())


def test_a_segment_that_nobody_was_in_has_a_number_of_its_own() -> None:
    before = {"means": [3, 1, 5], "spreads": [1, 1, 1], "centres": [[0, 0, 0], [2, 0, 0]]}
    after = {**before, "centres": [[2.1, 0, 0], [0, 4, 4], [0.1, 0, 0]]}

    assert numbered(after, before) == ([2, 3, 1], 4)
    assert numbered(before, {**after, "numbers": [2, 3, 1], "next": 8}) == ([1, 2], 8)
    assert numbered(after, None) == ([1, 2, 3], 4)


def test_orders_by_chance_are_told_by_no_segments() -> None:
    random = np.random.default_rng(2)
    rows = sorted(
        ((f"c{random.integers(60)}", NOW - float(random.uniform(0, 500)) * DAY, 100.0) for _ in range(900)),
        key=lambda row: row[1],
    )

    assert learn(rows).measured.candidate["told"] < 0.25


def test_groups_without_meaning_explain_nothing() -> None:
    random = np.random.default_rng(1)

    shares = [explained(random.integers(0, 8, 200), random.normal(size=200)) for _ in range(50)]

    assert np.mean(shares) < 0.02
    assert explained(np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 5.0, 5.0])) == 1
    assert explained(np.zeros(4), np.arange(4.0)) == 0


def test_too_few_customers_say_what_is_missing() -> None:
    with pytest.raises(TooLittleError) as caught:
        learn(ordered([f"c{at}" for at in range(9)]))

    assert caught.value.values == {"have": 9, "least": 40, "days": 496, "least_days": 180}
    with pytest.raises(TooLittleError):
        learn([])


def fill(firm: Firm) -> list[UUID]:
    people = [customers.create(firm["sales"], {"name": f"Customer {at}"}).id for at in range(45)]
    orders = []
    for at, (customer, moment, total) in enumerate(ordered([str(each) for each in people])):
        orders.append(
            Order(
                id=new_id(),
                org_id=firm.org_id,
                number=str(at),
                title="x",
                customer_id=UUID(customer),
                requester_id=firm["sales"].person_id,
                status="closed",
                currency="EUR",
                total=Decimal(f"{total:.2f}"),
                created_at=moment,
                submitted_at=moment,
            )
        )
    with transaction(firm.org_id) as tx:
        tx.session.add_all(orders)
    return people


def kept(firm: Firm, customer_id: UUID) -> list[str]:
    with reading(firm.org_id) as tx:
        mine = CustomerSegment.customer_id == customer_id
        return list(tx.session.scalars(select(CustomerSegment.code).where(mine)))


def _number(firm: Firm, customer_id: UUID) -> str:
    with reading(firm.org_id) as tx:
        mine = CustomerSegment.customer_id == customer_id
        used = CustomerSegment.model_id.is_not(None)
        return str(tx.session.scalars(select(CustomerSegment.number).where(mine, used)).one())


def _explored(client: FlaskClient, firm: Firm) -> dict[str, int]:
    """Return how many needs each segment has; what narrows to a segment finds the same."""
    asked = "/api/v1/needs/explore?rows=customer_segment"
    cells = client.get(asked, headers=firm.headers("sales")).get_json()["cells"]
    found = {each["row"]: each["count"] for each in cells}
    for row, count in found.items():
        same = client.get(f"{asked}&customer_segment={row}", headers=firm.headers("sales")).get_json()
        assert same["count"] == count
    return found


def test_segments_are_shown_filter_customers_and_end_with_them(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = a_firm()
    monkeypatch.setattr(moments, "clock", lambda: NOW)
    people = fill(firm)
    email = f"bo@{firm.slug}.example"
    accounts.add_person(
        firm.org_id, None, email=email, name="Bo", password=PASSWORD, roles=(Role.SALES,), teams=()
    )
    client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert "No segments yet" in client.get("/segments").get_data(as_text=True)
    run_id = performing.training.ask(firm["owner"], "segments")

    assert performing.execute(firm.org_id, run_id) == "published"

    told = client.get("/api/v1/segments", headers=firm.headers("sales")).get_json()
    assert told["version"] == 1
    assert sum(each["customers"] for each in told["items"]) == 45
    assert sum(each["share"] for each in told["items"]) == pytest.approx(1)
    often = next(each for each in told["items"] if each["name"].startswith("ordered lately, often"))
    assert f"{often['number']}: ordered lately, often" in client.get("/segments").get_data(as_text=True)
    address = f"/api/v1/customers?limit=100&segment={often['number']}"
    found = client.get(address, headers=firm.headers("sales")).get_json()["items"]
    assert len(found) == often["customers"]
    assert "ordered lately" in client.get(f"/customers/{people[0]}").get_data(as_text=True)
    listed = client.get(f"/customers?segment={often['number']}").get_data(as_text=True)
    assert "Every segment" in listed
    assert client.get("/api/v1/customers?segment=x", headers=firm.headers("sales")).get_json()["items"] == []
    assert kept(firm, people[0])
    assert kept(firm, people[1])
    for whom, words in ((people[0], "mine"), (people[1], "theirs"), (None, "nobody's")):
        given = {"need_type": "lamps", "text": words, "customer_id": whom, "currency": "EUR"}
        needs.create(firm["sales"], given)
    mine, theirs = (_number(firm, each) for each in people[:2])
    assert _explored(client, firm) == Counter([mine, theirs, "none"])
    narrowed = f"/api/v1/needs?customer_segment={mine}"
    assert len(client.get(narrowed, headers=firm.headers("sales")).get_json()["items"]) == 1
    assert f">{mine}: " in client.get("/needs/explore?rows=customer_segment").get_data(as_text=True)

    erasing.erase(firm["admin"], people[0])
    profiling.say(firm["sales"], people[1], "refused", profiling.NEWEST_TEXT)

    assert kept(firm, people[0]) == kept(firm, people[1]) == []
    assert _explored(client, firm) == {"none": 3}


def test_who_refuses_while_segments_are_written_is_in_none(app: Flask) -> None:
    firm = a_firm()
    one, other = (customers.create(firm["sales"], {"name": name}).id for name in ("One", "Other"))
    pseudonym = pseudonyms_of(firm.org_id)

    with transaction(firm.org_id) as tx:

        def rows() -> Iterator[Row]:
            yield pseudonym(one), 1, "recent often much", 1, 1, 10.0
            tx.session.execute(update(Customer).where(Customer.id == other).values(profiling="refused"))
            yield pseudonym(other), 1, "recent often much", 1, 1, 10.0

        KIND.keep(tx, None, rows())

    assert (len(kept(firm, one)), kept(firm, other)) == (1, [])
