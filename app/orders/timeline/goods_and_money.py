"""What became of an order outside: goods, invoice, money, mails, and what the customer said."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.database import Transaction
from app.localised import Amount, Day
from app.orders.models import Evaluation, Feedback, Invoice, Order, Payment, Purchase, SentMail, Shipment
from app.orders.timeline.entry import Entry
from app.outbox.models import ServiceCall
from app.wording import worded

_EVALUATIONS = {
    (True, True): worded("Evaluated: on time, complete, margin {margin} %"),
    (True, False): worded("Evaluated: on time, not complete, margin {margin} %"),
    (False, True): worded("Evaluated: {days} days late, complete, margin {margin} %"),
    (False, False): worded("Evaluated: {days} days late, not complete, margin {margin} %"),
}


def shipments(tx: Transaction, order: Order) -> Iterator[Entry]:
    for row in tx.session.scalars(select(Shipment).where(Shipment.order_id == order.id)):
        values = {"carrier": row.carrier, "number": row.tracking_number}
        yield Entry(
            row.created_at,
            "shipment.created",
            worded("Shipped with {carrier}, tracking number {number}"),
            values,
            is_simulated=row.is_simulated,
            call_id=row.id,
        )
        if row.delivered_at:
            template = worded("Delivered by {carrier}")
            yield Entry(
                row.delivered_at, "shipment.delivered", template, values, is_simulated=row.is_simulated
            )


def purchases(tx: Transaction, order: Order) -> Iterator[Entry]:
    for row in tx.session.scalars(select(Purchase).where(Purchase.order_id == order.id)):
        goods = ", ".join(f"{line['sku']} × {line['quantity']}" for line in row.lines)
        values = {"supplier": row.supplier, "goods": goods}
        template = (
            worded("{supplier} refused to deliver {goods}")
            if row.status == "refused"
            else worded("Asked {supplier} for {goods}")
        )
        simulated = row.is_simulated
        yield Entry(
            row.created_at, "purchase.requested", template, values, is_simulated=simulated, call_id=row.id
        )
        if row.received_at:
            template = worded("Received from {supplier}: {goods}")
            yield Entry(row.received_at, "purchase.received", template, values, is_simulated=simulated)


def invoices(tx: Transaction, order: Order) -> Iterator[Entry]:
    """An invoice has a day and no moment; its service call tells the moment."""
    statement = (
        select(Invoice, ServiceCall.created_at)
        .join(ServiceCall, ServiceCall.id == Invoice.id)
        .where(Invoice.order_id == order.id)
    )
    for invoice, at in tx.session.execute(statement):
        values = {"number": invoice.number, "due": Day(invoice.due_on)}
        template = worded("Invoice {number} issued, due on {due}")
        yield Entry(at, "invoice.issued", template, values, call_id=invoice.id)


def payments(tx: Transaction, order: Order) -> Iterator[Entry]:
    statement = select(Payment).where(Payment.order_id == order.id, Payment.reference != "")
    for row in tx.session.scalars(statement):
        values = {"amount": Amount(abs(row.amount), row.currency), "reference": row.reference}
        template = (
            worded("Paid back {amount} ({reference})")
            if row.kind == "refund"
            else worded("Paid {amount} ({reference})")
        )
        yield Entry(
            row.at,
            f"payment.{row.kind}",
            template,
            values,
            is_simulated=row.is_simulated,
            call_id=row.id,
        )


def evaluations(tx: Transaction, order: Order) -> Iterator[Entry]:
    row = tx.session.get(Evaluation, order.id)
    if row is None:
        return
    template = _EVALUATIONS[row.on_time, row.complete]
    values = {"days": str(row.days_late), "margin": f"{row.margin_percent:.1f}"}
    yield Entry(row.at, "evaluation", template, values)


def feedback(tx: Transaction, order: Order) -> Iterator[Entry]:
    for row in tx.session.scalars(select(Feedback).where(Feedback.order_id == order.id)):
        yield Entry(row.asked_at, "feedback.asked", worded("Asked the customer for feedback"), call_id=row.id)
        if row.answered_at:
            values = {"score": str(row.score)}
            template = worded("The customer answered: {score} of 5")
            yield Entry(row.answered_at, "feedback.received", template, values, note=row.text)


def mails(tx: Transaction, order: Order) -> Iterator[Entry]:
    for row in tx.session.scalars(select(SentMail).where(SentMail.order_id == order.id)):
        values = {"subject": row.subject, "to": ", ".join(str(name) for name in row.recipients)}
        yield Entry(row.at, "mail.sent", worded("Mail to {to}: {subject}"), values, call_id=row.id)
