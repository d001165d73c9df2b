"""Mails about orders: to whom, in whose language, with which facts; and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from babel.dates import format_date
from babel.numbers import format_currency
from sqlalchemy import select

from app.accounts.models import Organisation, Person
from app.accounts.queries import emails_of_team
from app.config import settings
from app.customers.models import Customer
from app.database import Transaction, reading, transaction
from app.orders import feedback, locking
from app.orders.models import Invoice, Order, SentMail, Shipment
from app.outbox.asking import ask_after
from app.outbox.wanted import is_wanted

DELIVER = "mail.deliver"
Document = TypeVar("Document", Shipment, Invoice)
NO_SERVER = "no mail server is set (PLACET_SMTP_URL)"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a template is filled with; `problem` says why there is nobody to send it to."""

    recipients: Sequence[str]
    locale: str
    facts: Mapping[str, str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in its words: `body` is Markdown."""

    order_id: UUID | None
    template: str
    letter: Letter
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that waits to be handed over."""

    id: UUID
    sender: str
    recipients: Sequence[str]
    subject: str
    body: str


def compose(org_id: UUID, order_id: UUID | None, to: str) -> Letter:
    """Find the recipients ("customer", "requester", a team's key or an address) and the facts to tell."""
    with reading(org_id) as tx:
        organisation = tx.session.get_one(Organisation, org_id)
        order = locking.find(tx, order_id) if order_id else None
        recipients, locale, problem = _recipients(tx, organisation, order, to)
        facts = {"organisation": organisation.name, "url": settings().base_url}
        if order is not None:
            facts |= _facts(tx, order, locale)
        return Letter(recipients, locale, facts, problem)


def _recipients(
    tx: Transaction, organisation: Organisation, order: Order | None, to: str
) -> tuple[list[str], str, str | None]:
    if to == "customer" and order is not None:
        customer = tx.session.get_one(Customer, order.customer_id)
        problem = None if customer.email else f"customer {customer.number} has no address"
        return [customer.email] if customer.email else [], customer.locale, problem
    if to == "requester" and order is not None:
        person = tx.session.get_one(Person, order.requester_id)
        return [person.email], person.locale or organisation.locale, None
    if "@" in to:
        return [to], organisation.locale, None
    found = emails_of_team(tx, to)
    return found, organisation.locale, None if found else f"nobody is in a team {to}"


def _facts(tx: Transaction, order: Order, locale: str) -> dict[str, str]:
    def day(value: date | None) -> str:
        return format_date(value, "long", locale) if value else ""

    customer = tx.session.get_one(Customer, order.customer_id)
    shipment = _newest(tx, Shipment, order.id)
    invoice = _newest(tx, Invoice, order.id)
    return {
        "order_number": order.number,
        "order_title": order.title,
        "total": format_currency(order.total, order.currency, locale=locale),
        "customer_name": customer.name,
        "order_url": f"{settings().base_url}/orders/{order.id}",
        "feedback_url": feedback.link_of(tx, order.id) or settings().base_url,
        "promised_on": day(order.promised_on),
        "carrier": shipment.carrier if shipment else "",
        "tracking_number": shipment.tracking_number if shipment else "",
        "invoice_number": invoice.number if invoice else "",
        "due_on": day(invoice.due_on) if invoice else "",
    }


def _newest(tx: Transaction, model: type[Document], order_id: UUID) -> Document | None:
    statement = select(model).where(model.order_id == order_id).order_by(model.id.desc())
    return tx.session.scalars(statement).first()


def keep(org_id: UUID, call_id: UUID, written: Written, now: datetime) -> None:
    """Keep a mail and ask for its delivery, once for each call: whoever asked for it need not wait."""
    letter = written.letter
    problem = letter.problem or (None if settings().smtp_url else NO_SERVER)
    with transaction(org_id) as tx:
        wanted = is_wanted(tx, call_id)
        if not wanted or tx.session.get(SentMail, call_id) is not None:
            return
        mail = SentMail(
            id=call_id,
            org_id=org_id,
            order_id=written.order_id,
            template=written.template,
            recipients=list(letter.recipients),
            subject=written.subject,
            body=written.body,
            at=now,
            error=problem,
        )
        tx.session.add(mail)
        tx.flush()
        if problem is None:
            inputs = {"mail_id": str(call_id), "locale": letter.locale}
            ask_after(tx, call_id, "deliver", DELIVER, inputs, due_at=now, now=now)


def waiting(org_id: UUID, mail_id: UUID) -> Mail | None:
    """Return a mail that is to be handed over; None where it was."""
    with reading(org_id) as tx:
        mail = tx.session.get_one(SentMail, mail_id)
        if mail.handed_over_at is not None:
            return None
        organisation = tx.session.get_one(Organisation, org_id)
        return Mail(mail.id, organisation.name, mail.recipients, mail.subject, mail.body)


def note(org_id: UUID, mail_id: UUID, handed_over_at: datetime | None, error: str | None) -> None:
    """Keep what the mail server said."""
    with transaction(org_id) as tx:
        mail = tx.session.get_one(SentMail, mail_id)
        mail.handed_over_at, mail.error = handed_over_at, error
