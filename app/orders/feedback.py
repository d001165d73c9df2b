"""Asking the customer: a link that only they have, and the answer that goes to the order's instance."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Organisation
from app.config import settings
from app.customers.models import Customer
from app.database import Transaction, reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError
from app.moments import utc_now
from app.orders import locking
from app.orders.models import Feedback, Order
from app.outbox.asking import ask_after
from app.outbox.models import CallStatus, ServiceCall
from app.outbox.wanted import is_wanted
from app.processes import suspending
from app.processes.projections import note
from app.wording import worded

MESSAGE = "feedback.received"
LOWEST, HIGHEST = 1, 5
LONGEST_TEXT = 4000
# Told, inside the transaction, of each answer as it is given; wired in `create_app`.
HEARERS: list[Callable[[Transaction, Feedback], None]] = []


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """What the customer sees who follows the link."""

    organisation: str
    order_number: str
    order_title: str
    customer_name: str
    locale: str
    score: int | None
    text: str
    answered_at: datetime | None


def request(org_id: UUID, order_id: UUID, call_id: UUID, now: datetime) -> bool:
    """Make the link and ask for the mail that carries it; False where the order no longer wants it."""
    with transaction(org_id) as tx:
        wanted = is_wanted(tx, call_id)
        if tx.session.get(Feedback, call_id) is not None:
            return True
        if not wanted:
            return False
        order = locking.find(tx, order_id)
        asked = Feedback(
            id=call_id,
            org_id=org_id,
            order_id=order.id,
            digest=_digest(secret_of(org_id, call_id)),
            asked_at=now,
        )
        tx.session.add(asked)
        tx.flush()
        inputs = {"order_id": str(order.id), "template": "feedback_request", "to": "customer"}
        ask_after(tx, call_id, "mail", "mail.send", inputs, due_at=now, now=now)
        return True


def expect_answer(org_id: UUID, feedback_id: UUID, score: int, at: datetime, now: datetime) -> None:
    """Plan what a simulated customer will answer."""
    with transaction(org_id) as tx:
        inputs = {"event": MESSAGE, "feedback_id": str(feedback_id), "score": score}
        ask_after(tx, feedback_id, "answer", "simulator.event", inputs, due_at=at, now=now)


def secret_of(org_id: UUID, feedback_id: UUID) -> str:
    """Return the secret of a link: made from the installation's key, so that only its digest is kept.

    It begins with the organisation, so that nobody has to look through those of others.
    """
    mac = hmac.new(settings().secret_key.encode(), b"feedback:" + feedback_id.bytes, "sha256")
    return base64.urlsafe_b64encode(org_id.bytes + mac.digest()).decode()


def link_of(tx: Transaction, order_id: UUID) -> str | None:
    """Return the address of the newest unanswered question about an order; for mails."""
    statement = (
        select(Feedback.id)
        .where(Feedback.order_id == order_id, Feedback.answered_at.is_(None))
        .order_by(Feedback.asked_at.desc())
        .limit(1)
    )
    found = tx.session.scalar(statement)
    return f"{settings().base_url}/feedback/{secret_of(tx.organisation, found)}" if found else None


def page_of(secret: str) -> FeedbackPage:
    """Return what a link's page shows; raise NotFoundError for a link that is not ours."""
    org_id, feedback_id = _find(secret)
    with reading(org_id) as tx:
        asked = tx.session.get_one(Feedback, feedback_id)
        order = tx.session.get_one(Order, asked.order_id)
        customer = tx.session.get_one(Customer, order.customer_id)
        return FeedbackPage(
            organisation=tx.session.get_one(Organisation, org_id).name,
            order_number=order.number,
            order_title=order.title,
            customer_name=customer.name,
            locale=customer.locale,
            score=asked.score,
            text=asked.text,
            answered_at=asked.answered_at,
        )


def answer(secret: str, score: int, text: str) -> None:
    """Take a customer's answer, once; the order's instance hears of it if it still waits."""
    if not LOWEST <= score <= HIGHEST:
        raise InvalidError(
            "the score cannot be used",
            {"score": [worded("is not {low} to {high}", low=LOWEST, high=HIGHEST)]},
        )
    if len(text) > LONGEST_TEXT:
        raise InvalidError(
            "the text is too long",
            {"text": [worded("has more than {longest} characters", longest=LONGEST_TEXT)]},
        )
    org_id, feedback_id = _find(secret)
    with transaction(org_id) as tx:
        order_id = tx.session.get_one(Feedback, feedback_id).order_id
        _, loaded = locking.lock(tx, order_id)
        asked = tx.session.get_one(Feedback, feedback_id, populate_existing=True)
        if asked.answered_at is not None:
            raise ConflictError("this was answered already; thank you")
        now = utc_now()
        asked.score, asked.text, asked.answered_at = score, text, now
        tx.flush()
        if any(name == MESSAGE for _, _, name, _ in loaded.standing.get("awaits", [])):
            suspending.deliver(tx, loaded, MESSAGE, {"feedback_score": score}, None, now)
        elif not loaded.finished and not _is_asked(tx, feedback_id):
            raise ConflictError("this comes a moment too early; try again")
        else:
            note(tx, loaded, None, f"{MESSAGE}.late", {"feedback": feedback_id, "score": score}, now)
        for hear in HEARERS:
            hear(tx, asked)


def _is_asked(tx: Transaction, feedback_id: UUID) -> bool:
    """Say whether the instance knows already that the customer was asked, and so has waited for an answer."""
    call = tx.session.get(ServiceCall, feedback_id)
    return call is None or call.status == CallStatus.DONE


def _find(secret: str) -> tuple[UUID, UUID]:
    org_id = _organisation_in(secret)
    with reading(org_id) as tx:
        found = tx.session.scalar(select(Feedback.id).where(Feedback.digest == _digest(secret)))
    if found is None:
        raise _UnknownLinkError
    return org_id, found


def _organisation_in(secret: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(secret)[:16])
    except ValueError:
        raise _UnknownLinkError from None


class _UnknownLinkError(NotFoundError):
    """Nobody was given this link."""

    def __init__(self) -> None:
        super().__init__("question", "behind this link")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
