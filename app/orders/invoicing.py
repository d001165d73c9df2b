"""Invoices: numbered without gaps, due after the days that were agreed with the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from app.customers.models import Customer
from app.database import Transaction, transaction
from app.numbering import next_number
from app.orders import locking
from app.orders.days import day_of
from app.orders.models import Invoice
from app.outbox.asking import ask_after
from app.outbox.wanted import is_wanted


@dataclass(frozen=True, slots=True)
class Bill:
    """What a payment provider must know to collect an invoice."""

    order_id: UUID
    order_number: str
    invoice_number: str
    amount: Decimal
    currency: str
    due_on: date


def issue(org_id: UUID, order_id: UUID, call_id: UUID, now: datetime) -> Bill | None:
    """Issue the invoice of an order, once for each call; None where the order no longer wants it."""
    with transaction(org_id) as tx:
        wanted = is_wanted(tx, call_id)
        invoice = tx.session.get(Invoice, call_id)
        if invoice is None and not wanted:
            return None
        order = locking.lock_alone(tx, order_id)
        if invoice is None:
            customer = tx.session.get_one(Customer, order.customer_id)
            today = day_of(tx, now)
            invoice = Invoice(
                id=call_id,
                org_id=org_id,
                order_id=order.id,
                number=next_number(tx, "invoices", "INV-"),
                currency=order.currency,
                total=order.total,
                issued_on=today,
                due_on=today + timedelta(days=customer.payment_days),
            )
            tx.session.add(invoice)
        return Bill(order.id, order.number, invoice.number, invoice.total, invoice.currency, invoice.due_on)


def expect_payment(org_id: UUID, order_id: UUID, call_id: UUID, pays_at: datetime, now: datetime) -> None:
    """Plan what a simulated provider will report: that the customer pays."""
    with transaction(org_id) as tx:
        inputs = {"event": "payment.received", "order_id": str(order_id)}
        ask_after(tx, call_id, "payment.received", "simulator.event", inputs, due_at=pays_at, now=now)


def invoice_of(tx: Transaction, order_id: UUID) -> Invoice | None:
    """Return the newest invoice of an order."""
    newest = select(Invoice).where(Invoice.order_id == order_id).order_by(Invoice.number.desc()).limit(1)
    return tx.session.scalars(newest).first()
