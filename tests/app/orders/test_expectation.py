"""When an order will be closed is told from those that stood where it stands, as long as it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.accounts.models import Role
from app.columns import new_id
from app.database import reading, transaction
from app.moments import utc_now
from app.orders.expectation import LAST, LEAST, Passage, expect, expectation_of
from app.orders.models import Order, OrderMilestone, OrderStatus
from tests.builders import Firm, a_firm
from tests.selling import a_line, a_product, an_order, publish_shipped, read
from tests.signing_in import signed_in

NOW = utc_now()
TWENTY = [Passage(timedelta(days=day), "approved") for day in range(1, 21)]


def test_nothing_is_said_before_enough_orders_were_closed() -> None:
    said = expect(TWENTY[:3], NOW, NOW)

    assert (said.lacking, said.likely) == (LEAST - 3, None)


def test_the_range_holds_eight_of_ten_and_the_middle_half_of_them() -> None:
    said = expect(TWENTY, NOW, NOW)

    days = [(at - NOW).days for at in (said.earliest, said.likely, said.latest) if at]
    assert days == [2, 10, 18]
    assert said.following == "approved"


def test_orders_that_went_on_sooner_tell_nothing_of_one_that_still_stands() -> None:
    said = expect(TWENTY, NOW - timedelta(days=10), NOW)

    assert said.likely == NOW - timedelta(days=10) + timedelta(days=15)
    assert said.earliest is not None
    assert said.earliest > NOW


def test_an_order_that_stands_longer_than_nearly_all_did_is_late() -> None:
    said = expect(TWENTY, NOW - timedelta(days=17), NOW)

    assert said.is_late
    assert said.likely is None


@pytest.fixture
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm


def _close(shop: Firm, like: UUID, count: int) -> None:
    """Write closed orders that took 1 day to be submitted and, n of them, n days more to be closed."""
    with transaction(shop.org_id) as tx:
        model = tx.session.get_one(Order, like)
        kept = {name: getattr(model, name) for name in ("customer_id", "requester_id", "currency", "org_id")}
        ids = [new_id() for _ in range(count)]
        begun = [NOW - timedelta(days=400 - day) for day in range(count)]
        ended = [at + timedelta(days=2 + day) for day, at in enumerate(begun)]
        rows = zip(ids, begun, ended, strict=True)
        tx.session.execute(
            insert(Order),
            [
                {
                    **kept, "id": id_, "number": f"X-{id_}", "title": "Old", "status": OrderStatus.CLOSED,
                    "created_at": at, "ended_at": end,
                }
                for id_, at, end in rows
            ],
        )  # fmt: skip
        tx.session.execute(
            insert(OrderMilestone),
            [
                each
                for id_, at, end in zip(ids, begun, ended, strict=True)
                for each in _passed(shop, id_, at, end)
            ],
        )


def _passed(shop: Firm, order_id: UUID, at: datetime, end: datetime) -> Iterator[dict[str, object]]:
    for seq, (milestone, moment) in enumerate(
        [("submitted", at + timedelta(days=1)), ("approved", end - timedelta(hours=1)), ("closed", end)]
    ):
        yield {
            "org_id": shop.org_id, "order_id": order_id, "revision": 1, "seq": seq,
            "milestone": milestone, "at": moment, "person_id": None,
        }  # fmt: skip


def test_an_order_is_told_from_the_history_of_its_own_organisation(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    with reading(shop.org_id) as tx:
        before = expectation_of(tx, order, utc_now())
    _close(shop, order.id, 30)
    draft = an_order(shop, [a_line(a_product(shop))], submit=False)
    neighbour = a_firm()

    with reading(shop.org_id) as tx:
        submitted, begun = (expectation_of(tx, each, utc_now()) for each in (order, draft))
    with reading(neighbour.org_id) as tx:
        elsewhere = expectation_of(tx, order, utc_now())

    assert before is not None
    assert submitted is not None
    assert begun is not None
    assert elsewhere is not None
    assert (before.lacking, elsewhere.lacking) == (LEAST, LEAST)
    assert (submitted.count, submitted.following, begun.following) == (30, "approved", "submitted")
    assert submitted.likely is not None
    assert (submitted.likely - order.milestones[-1].at).days == 15


def test_only_the_last_orders_tell_and_an_ended_one_expects_nothing(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    _close(shop, order.id, LAST + 5)

    with reading(shop.org_id) as tx:
        said = expectation_of(tx, order, utc_now())
        closed = tx.session.scalars(select(Order.id).where(Order.title == "Old").limit(1)).one()

    assert said is not None
    assert said.count == LAST
    with reading(shop.org_id) as tx:
        assert expectation_of(tx, read(shop, closed), utc_now()) is None


def test_the_page_says_when_and_what_is_missing_until_it_can(app: Flask, shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    client = signed_in(app, shop, Role.SALES)

    before = client.get(f"/orders/{order.id}").get_data(as_text=True)
    _close(shop, order.id, 30)
    after = client.get(f"/orders/{order.id}").get_data(as_text=True)

    assert "Too little data: 20 more closed orders are needed." in before
    assert "4 of 5 orders that stood here as long were closed between" in after
    assert "Next, usually: Approved." in after
