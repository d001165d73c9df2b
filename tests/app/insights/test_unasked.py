"""A business may profile only customers who agreed: of those never asked nothing is kept or learned then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from threading import Thread
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import business
from app.accounts.models import Role
from app.audit.queries import list_entries
from app.customers import profiling
from app.database import Transaction, reading, transaction
from app.insights import order_paths, order_risk, predictions, suggestions
from app.insights.kind import Reading
from app.insights.models import CustomerSuggestion, SaidPrediction
from app.insights.pseudonyms import pseudonyms_of
from app.insights.segments import kind as segments
from app.insights.segments.models import CustomerSegment
from app.insights.trained import Row
from app.moments import utc_now
from app.orders.models import Order
from tests.app.insights.passing_orders import some_passages
from tests.app.insights.risky_orders import some_orders
from tests.builders import Firm, a_firm
from tests.selling import a_customer
from tests.signing_in import signed_in

TABLES = (CustomerSuggestion, CustomerSegment, SaidPrediction)


@pytest.fixture
def firm(app: Flask) -> Firm:
    return a_firm()


@pytest.fixture
def people(firm: Firm) -> list[UUID]:
    """Somebody never asked, somebody who agreed, and nobody else."""
    unasked, agreed = (a_customer(firm, name) for name in ("Una", "Agnes"))
    profiling.say(firm["sales"], agreed, "agreed", "v1")
    return [unasked, agreed]


def compute(firm: Firm, people: list[UUID]) -> None:
    """Keep a list, a segment and a saying of each, and what is popular with all."""
    names = [pseudonyms_of(firm.org_id)(each) for each in people]
    with transaction(firm.org_id) as tx:
        suggestions.keep(tx, None, [("", [], []), *((name, [], []) for name in names)])
        segments.keep(tx, None, [(name, 1, "recent often much", 1, 1, 10.0) for name in names])
        for name, customer_id in zip(names, people, strict=True):
            predictions.say(tx, suggestions.NAME, name, {}, utc_now(), customer_id=customer_id)


def computed_of(firm: Firm, customer_id: UUID | None) -> list[int]:
    with reading(firm.org_id) as tx:
        count = func.count()
        return [
            tx.session.scalar(select(count).where(each.customer_id == customer_id)) or 0 for each in TABLES
        ]


def profile_unasked(firm: Firm, answer: bool) -> int:
    return business.change_business(firm["admin"], None, {}, profiles_unasked=answer)


def test_what_was_computed_of_who_was_never_asked_goes_with_the_decision(
    firm: Firm, people: list[UUID]
) -> None:
    unasked, agreed = people
    other = a_firm()
    stranger = a_customer(other)
    compute(firm, people)
    compute(other, [stranger])

    assert profile_unasked(firm, False) == 3

    assert computed_of(firm, unasked) == [0, 0, 0]
    assert computed_of(firm, agreed) == [1, 1, 1]
    assert computed_of(firm, None) == [1, 0, 0]
    assert computed_of(other, stranger) == [1, 1, 1]
    with reading(firm.org_id) as tx:
        entry = list_entries(tx, action="organisation.changed")[0]
    assert (entry.detail["changes"], entry.detail["rows"]) == ({"profiles_unasked": [True, False]}, 3)
    assert profile_unasked(firm, False) == profile_unasked(firm, True) == 0


def test_what_a_training_brings_later_leaves_out_who_was_never_asked(firm: Firm, people: list[UUID]) -> None:
    unasked, agreed = people
    profile_unasked(firm, False)

    compute(firm, [agreed])
    with transaction(firm.org_id) as tx:
        suggestions.keep(tx, None, [(pseudonyms_of(firm.org_id)(each), [], []) for each in people])

    assert computed_of(firm, unasked) == [0, 0, 0]
    assert computed_of(firm, agreed) == [1, 1, 1]


def test_a_decision_while_the_lists_are_written_waits_for_them_and_removes_them(
    app: Flask, firm: Firm, people: list[UUID]
) -> None:
    unasked, agreed = people
    pseudonym = pseudonyms_of(firm.org_id)

    def decide() -> None:
        with app.app_context():
            profile_unasked(firm, False)

    deciding = Thread(target=decide)

    def rows() -> Iterator[Row]:
        yield pseudonym(unasked), [], []
        deciding.start()
        deciding.join(0.3)
        yield pseudonym(agreed), [], []

    with transaction(firm.org_id) as tx:
        suggestions.keep(tx, None, rows())
    deciding.join()

    assert (computed_of(firm, unasked)[0], computed_of(firm, agreed)[0]) == (0, 1)
    with reading(firm.org_id) as tx:
        assert not business.read_business(tx).profiles_unasked


def test_the_next_trainings_read_only_orders_of_who_agreed(firm: Firm) -> None:
    now = utc_now()
    some_orders(firm, 60, now)
    some_passages(firm, 20, now)
    with reading(firm.org_id) as tx:
        counted = select(Order.customer_id, func.count()).group_by(Order.customer_id)
        orders = {row[0]: row[1] for row in tx.session.execute(counted)}
        walked = tx.session.scalars(select(Order.customer_id).where(Order.number == "W-0")).one()
        assert _read(tx, now) == (80, 20)
    agreed = next(each for each in sorted(orders) if each != walked)
    profiling.say(firm["sales"], agreed, "agreed", "v1")

    profile_unasked(firm, False)

    with reading(firm.org_id) as tx:
        assert _read(tx, now) == (orders[agreed], 0)
    profiling.say(firm["sales"], walked, "agreed", "v1")
    with reading(firm.org_id) as tx:
        assert _read(tx, now) == (orders[agreed] + 20, 20)


def _read(tx: Transaction, now: datetime) -> tuple[int, int]:
    """Count the orders that risks, and remaining times, are learned from."""
    paths = order_paths.read(tx, order_paths.learned_from().where(Order.number.startswith("W-")))
    return len([*order_risk.read(Reading(tx, now, str))]), len(paths)


def test_the_page_the_form_and_the_api_say_why_nothing_is_suggested(
    app: Flask, client: FlaskClient, firm: Firm, people: list[UUID]
) -> None:
    compute(firm, people)
    profile_unasked(firm, False)
    unasked, agreed = people
    browser = signed_in(app, firm, Role.SALES)

    page, form = (browser.get(f"/customers/{unasked}{part}").text for part in ("", "/offers"))
    answer = client.get(f"/api/v1/customers/{unasked}/suggestions", headers=firm.headers("sales"))

    assert "suggestions are only for customers who agreed" in page
    assert "suggestions are only for customers who agreed" in form
    assert answer.get_json() == {"standing": "unasked", "again": [], "new": [], "popular": []}
    assert "only for customers who agreed" not in browser.get(f"/customers/{agreed}").text
