"""Money moves once: invoiced, paid, refunded, whatever is repeated or declined."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.database import reading, transaction
from app.moments import utc_now
from app.orders.models import Invoice, Payment
from app.orders.payments import Provider, begin_collection, settle
from app.outbox.models import CallStatus, ServiceCall
from tasks.handlers import BusinessError
from tests.builders import Firm, a_firm
from tests.performing import a_call, run
from tests.selling import a_line, a_product, an_order, publish_shipped


def _ledger(shop: Firm, order_id: UUID) -> list[tuple[str, Decimal]]:
    statement = select(Payment).where(Payment.order_id == order_id).order_by(Payment.at, Payment.id)
    with reading(shop.org_id) as tx:
        return [(row.kind, row.amount) for row in tx.session.scalars(statement)]


def _a_paid_order(shop: Firm) -> UUID:
    order = an_order(shop, [a_line(a_product(shop, price="100", tax="19"), 2)])
    run(shop, a_call(shop, "invoice.create", order_id=order.id))
    run(shop, a_call(shop, "payment.record", order_id=order.id))
    return order.id


def test_an_invoice_is_due_after_the_customers_days(shop: Firm) -> None:
    order = an_order(shop)

    answer = run(shop, a_call(shop, "invoice.create", order_id=order.id))

    assert answer["due_on"] == utc_now().date() + timedelta(days=30)
    assert isinstance(answer["due_on"], date)


def test_an_invoice_that_is_repeated_is_issued_once(shop: Firm) -> None:
    order = an_order(shop)
    call = a_call(shop, "invoice.create", order_id=order.id)

    first, second = run(shop, call), run(shop, call)

    with reading(shop.org_id) as tx:
        kept = tx.session.scalars(select(Invoice).where(Invoice.order_id == order.id)).all()
        events = tx.session.scalars(
            select(ServiceCall).where(
                ServiceCall.handler == "simulator.event",
                ServiceCall.inputs["order_id"].as_string() == str(order.id),
            )
        ).all()
    assert first == second
    assert len(kept) == 1
    assert len(events) == 1


def test_a_payment_pays_what_the_invoice_says(shop: Firm) -> None:
    order_id = _a_paid_order(shop)

    with reading(shop.org_id) as tx:
        invoice = tx.session.scalars(select(Invoice).where(Invoice.order_id == order_id)).one()
    assert _ledger(shop, order_id) == [("payment", Decimal(238))]
    assert invoice.paid_at is not None


def test_a_payment_that_is_repeated_is_taken_once(shop: Firm) -> None:
    order = an_order(shop)
    first, second = (a_call(shop, "payment.record", order_id=order.id) for _ in range(2))

    run(shop, first)
    run(shop, first)
    run(shop, second)

    assert _ledger(shop, order.id) == [("payment", Decimal(100))]


def test_a_declined_payment_leaves_no_trace_in_the_ledger(app: Flask) -> None:
    shop = a_firm(parties={"payments": {"kind": "simulator", "declined_percent": 100}})
    publish_shipped(shop)
    order = an_order(shop)

    with pytest.raises(BusinessError) as declined:
        run(shop, a_call(shop, "payment.record", order_id=order.id))

    assert declined.value.code == "payment.declined"
    assert _ledger(shop, order.id) == []


def test_a_refund_gives_back_what_was_paid_and_no_more(shop: Firm) -> None:
    order_id = _a_paid_order(shop)
    first, second = (a_call(shop, "payment.refund", order_id=order_id) for _ in range(2))

    run(shop, first)
    run(shop, first)
    run(shop, second)

    assert _ledger(shop, order_id) == [("payment", Decimal(238)), ("refund", Decimal(-238))]


def test_a_refund_of_nothing_is_a_success(shop: Firm) -> None:
    order = an_order(shop)

    run(shop, a_call(shop, "payment.refund", order_id=order.id))

    assert _ledger(shop, order.id) == []


def test_two_refunds_at_the_same_instant_refund_once(app: Flask, shop: Firm) -> None:
    order_id, at_once = _a_paid_order(shop), 6
    calls = [a_call(shop, "payment.refund", order_id=order_id) for _ in range(at_once)]
    together = Barrier(at_once)

    def refund(call: UUID) -> None:
        with app.app_context():
            together.wait()
            run(shop, call)

    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(refund, calls))

    assert _ledger(shop, order_id) == [("payment", Decimal(238)), ("refund", Decimal(-238))]


def test_money_that_comes_for_an_order_no_longer_wanted_goes_back(shop: Firm) -> None:
    order = an_order(shop)
    call = a_call(shop, "payment.record", order_id=order.id)
    begun = begin_collection(shop.org_id, order.id, call, Provider("Bank", is_simulated=False), utc_now())
    with transaction(shop.org_id) as tx:  # the order is cancelled while the bank is asked
        tx.session.execute(
            update(ServiceCall).where(ServiceCall.id == call).values(status=CallStatus.WITHDRAWN)
        )

    settle(shop.org_id, call, "BANK-1", utc_now())
    with reading(shop.org_id) as tx:
        asked = tx.session.scalars(
            select(ServiceCall).where(
                ServiceCall.handler == "payment.refund",
                ServiceCall.inputs["order_id"].as_string() == str(order.id),
            )
        ).one()
    run(shop, asked.id)

    assert begun is not None
    assert _ledger(shop, order.id) == [("payment", Decimal(100)), ("refund", Decimal(-100))]
