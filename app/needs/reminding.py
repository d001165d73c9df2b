"""Reminding a need's owner: what its diagram asks for when a day has come or nothing happened for long."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from babel.dates import format_date

from app.accounts.models import Organisation, Person
from app.config import settings
from app.database import Transaction, reading, transaction
from app.errors import NotFoundError
from app.needs.models import Need, NeedEvent
from app.orders.mails import Letter
from app.outbox.wanted import is_wanted

TEMPLATE = "need_reminder"
LONGEST_TOLD = 300


def compose(org_id: UUID, need_id: UUID) -> Letter | None:
    """Return what its owner is told of a need; None for one that is closed already."""
    with reading(org_id) as tx:
        need = _need(tx, need_id)
        if need.closed_at is not None:
            return None
        organisation = tx.session.get_one(Organisation, org_id)
        owner = tx.session.get(Person, need.owner_id) if need.owner_id else None
        if owner is None:
            return Letter([], organisation.locale, {}, f"need {need.number} has no owner")
        locale = owner.locale or organisation.locale
        facts = {
            "organisation": organisation.name,
            "need_number": need.number,
            "need_type": need.need_type,
            "text": need.text[:LONGEST_TOLD],
            "next_step": need.next_step or "–",
            "due_on": format_date(need.due_on, "long", locale) if need.due_on else "–",
            "need_url": f"{settings().base_url}/needs/{need.id}",
        }
        return Letter([owner.email], locale, facts)


def note(org_id: UUID, call_id: UUID, need_id: UUID, now: datetime) -> None:
    """Write the reminder into the need's history, once for each call."""
    with transaction(org_id) as tx:
        if not is_wanted(tx, call_id) or tx.session.get(NeedEvent, call_id) is not None:
            return
        event = NeedEvent(id=call_id, org_id=org_id, need_id=need_id, at=now, kind="reminded")
        tx.session.add(event)


def _need(tx: Transaction, need_id: UUID) -> Need:
    need = tx.session.get(Need, need_id)
    if need is None:
        raise NotFoundError("need", need_id)
    return need
