"""The ledger of an order's money: what came, what went back, and what is under way.

A row is written before a provider is asked (its reference is empty so long) and settled or dropped after,
so that two calls never move the same money, and a crash between the two is repeated under the same key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select

from app.database import Transaction, transaction
from app.orders import locking
from app.orders.invoicing import invoice_of
from app.orders.models import Order, Payment
from app.outbox.asking import ask_after
from app.outbox.wanted import is_wanted

PAYMENT, REFUND = "payment", "refund"
UNDER_WAY = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that a provider is to move; `amount` is positive both ways."""

    order_id: UUID
    order_number: str
    invoice_number: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Provider:
    """Through whom money moves."""

    name: str
    is_simulated: bool


def begin_collection(
    org_id: UUID, order_id: UUID, call_id: UUID, provider: Provider, now: datetime
) -> Movement | None:
    """Note that what is still owed is to be collected; None where this is done or nothing is owed."""
    with transaction(org_id) as tx:
        wanted = is_wanted(tx, call_id)
        order = locking.lock_alone(tx, order_id)
        noted = tx.session.get(Payment, call_id)
        if noted is not None:
            return _movement(tx, order, noted)
        amount = _owed(tx, order)
        if amount <= 0 or not wanted:
            return None
        return _note(tx, order, call_id, PAYMENT, amount, provider, now)


def begin_refund(
    org_id: UUID, order_id: UUID, call_id: UUID, provider: Provider, now: datetime
) -> Movement | None:
    """Note that all that was paid goes back; None where this is done or nothing was paid."""
    with transaction(org_id) as tx:
        is_wanted(tx, call_id)
        order = locking.lock_alone(tx, order_id)
        noted = tx.session.get(Payment, call_id)
        if noted is not None:
            return _movement(tx, order, noted)
        amount = paid(_ledger(tx, order_id))
        if amount <= 0:
            return None
        return _note(tx, order, call_id, REFUND, -amount, provider, now)


def settle(org_id: UUID, call_id: UUID, reference: str, now: datetime) -> None:
    """Keep that money moved. Money that came for an order which no longer wants it is sent back."""
    with transaction(org_id) as tx:
        wanted = is_wanted(tx, call_id)
        noted = tx.session.get_one(Payment, call_id)
        order = locking.lock_alone(tx, noted.order_id)
        if noted.reference != UNDER_WAY:
            return
        noted.reference, noted.at = reference, now
        tx.flush()
        if noted.kind == REFUND:
            return
        _mark_paid(tx, order, now)
        if not wanted:
            inputs = {"order_id": str(order.id)}
            ask_after(tx, call_id, "refund", "payment.refund", inputs, due_at=now, now=now)


def drop(org_id: UUID, call_id: UUID) -> None:
    """Forget a movement that a provider declined."""
    with transaction(org_id) as tx:
        statement = delete(Payment).where(Payment.id == call_id, Payment.reference == UNDER_WAY)
        tx.session.execute(statement)


def paid(ledger: Iterable[Payment]) -> Decimal:
    """Return what is left of an order's money: payments that came, less refunds, even those under way."""
    return sum((row.amount for row in ledger if row.kind == REFUND or row.reference != UNDER_WAY), Decimal(0))


def _owed(tx: Transaction, order: Order) -> Decimal:
    invoice = invoice_of(tx, order.id)
    total = invoice.total if invoice else order.total
    return total - paid(_ledger(tx, order.id))


def _ledger(tx: Transaction, order_id: UUID) -> list[Payment]:
    return list(tx.session.scalars(select(Payment).where(Payment.order_id == order_id)))


def _note(
    tx: Transaction,
    order: Order,
    call_id: UUID,
    kind: str,
    amount: Decimal,
    provider: Provider,
    now: datetime,
) -> Movement | None:
    invoice = invoice_of(tx, order.id)
    noted = Payment(
        id=call_id,
        org_id=tx.organisation,
        order_id=order.id,
        invoice_id=invoice.id if invoice else None,
        kind=kind,
        amount=amount,
        currency=order.currency,
        provider=provider.name,
        reference=UNDER_WAY,
        is_simulated=provider.is_simulated,
        at=now,
    )
    tx.session.add(noted)
    tx.flush()
    return _movement(tx, order, noted)


def _movement(tx: Transaction, order: Order, noted: Payment) -> Movement | None:
    if noted.reference != UNDER_WAY:
        return None
    invoice = invoice_of(tx, order.id)
    number = invoice.number if invoice else order.number
    return Movement(order.id, order.number, number, abs(noted.amount), noted.currency)


def _mark_paid(tx: Transaction, order: Order, now: datetime) -> None:
    invoice = invoice_of(tx, order.id)
    if invoice is not None and invoice.paid_at is None and _owed(tx, order) <= 0:
        invoice.paid_at = now
