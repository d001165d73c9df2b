"""What happens to a need: collected, changed, moved on, noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app import audit
from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.accounts.models import Person, Role
from app.columns import new_id
from app.currencies import currency_problem
from app.customers.models import Customer
from app.database import Transaction, transaction
from app.entered import check_lengths
from app.errors import ConflictError, InvalidError, NotFoundError, StaleError
from app.moments import utc_now
from app.needs import following
from app.needs.beside import tell_texts
from app.needs.models import Need, NeedEvent, NeedStatus
from app.numbering import next_number
from app.wording import worded

MOST = Decimal(10**12)
LONGEST = {"need_type": 80, "text": 4000, "channel": 40, "customer_name": 190, "next_step": 190}
LONGEST_REASON = 190
CHANGEABLE = frozenset(
    {
        "need_type",
        "customer_id",
        "customer_name",
        "text",
        "channel",
        "quantity",
        "value",
        "currency",
        "owner_id",
        "next_step",
        "due_on",
    }
)


# Told, inside the transaction, of each need that a person gave its text or type; wired in `create_app`.
HEARERS: list[Callable[[Transaction, Need], None]] = []


@dataclass(frozen=True, slots=True)
class Saved:
    id: UUID
    number: str
    version: int


def create(actor: Actor, values: Mapping[str, Any]) -> Saved:
    """Keep a need, in the organisation's currency unless it says another; raise InvalidError."""
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        values = {"currency": accounts.currency_of(tx), **values}
        need = _add(tx, actor.person_id, values, now)
        if need.due_on is not None:
            following.plan_in(tx, following.Held(need, None), actor.person_id, now)
        _tell(tx, need)
    return Saved(need.id, need.number, need.version)


def add_in(tx: Transaction, by: UUID | None, values: Mapping[str, Any], now: datetime) -> Need:
    """Keep a need inside an open transaction; for the doors by which customers come themselves."""
    return _add(tx, by, values, now)


def _tell(tx: Transaction, need: Need) -> None:
    for hear in HEARERS:
        hear(tx, need)


def _add(tx: Transaction, by: UUID | None, values: Mapping[str, Any], now: datetime) -> Need:
    check({"need_type": "", "text": "", **values})
    known = _known(values)
    _resolve(tx, known)
    need = Need(
        id=new_id(),
        org_id=tx.organisation,
        number=next_number(tx, "needs", "N-"),
        created_at=values.get("created_at") or now,
        updated_at=now,
        status=NeedStatus.NEW,
        version=1,
        **{"owner_id": by, **known},
    )
    tx.session.add(need)
    tx.flush()
    tell_texts(tx, {need.id: need.text})
    _note(tx, need, by, "created", None, NeedStatus.NEW, "", now)
    audit.write(tx, "needs", by, "need.added", {"need": need.id, "type": need.need_type}, now)
    return need


def change(actor: Actor, need_id: UUID, values: Mapping[str, Any], expected: int | None) -> Saved:
    """Change what is given; raise StaleError where somebody changed it since `expected`."""
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        held = following.lock(tx, need_id)
        need = _at(held.need, expected)
        check({"need_type": need.need_type, "text": need.text, **values})
        known = _known(values)
        _resolve(tx, known)
        is_replanned = "due_on" in known and known["due_on"] != need.due_on
        for name, value in known.items():
            setattr(need, name, value)
        _touch(need, now)
        tx.flush()
        if is_replanned:
            following.plan_in(tx, held, actor.person_id, now)
        _note(tx, need, actor.person_id, "edited", None, None, ", ".join(sorted(known)), now)
        detail = {"need": need_id, "fields": sorted(known)}
        audit.write(tx, "needs", actor.person_id, "need.changed", detail, now)
        if "text" in known:
            tell_texts(tx, {need.id: need.text})
        if known.keys() & {"text", "need_type"}:
            _tell(tx, need)
    return Saved(need.id, need.number, need.version)


def move(actor: Actor, need_id: UUID, stage: str, reason: str = "") -> Saved:
    """Move a need on; raise ConflictError saying what is possible, InvalidError for a loss without reason."""
    actor.require(Role.SALES)
    if stage == NeedStatus.WON:
        raise ConflictError("a need is won by making an order of it")
    if len(reason) > LONGEST_REASON:
        why = worded("has more than {longest} characters", longest=LONGEST_REASON)
        raise InvalidError("the need was not moved", {"reason": [why]})
    now = utc_now()
    with transaction(actor.org_id) as tx:
        if not reason.strip() and following.wants_reason(tx, stage):
            raise InvalidError("the need was not moved", {"reason": ["say why it was lost"]})
        held = following.lock(tx, need_id)
        move_in(tx, held, stage, reason.strip(), actor.person_id, now)
        need = held.need
    return Saved(need.id, need.number, need.version)


def move_in(
    tx: Transaction, held: following.Held, stage: str, reason: str, by: UUID | None, now: datetime
) -> None:
    """Move a locked need on inside an open transaction."""
    before = held.need.status
    tx.flush()
    following.move_in(tx, held, stage, reason, by, now)
    # The reason may speak of a person, and the record is never changed: it stands in the need's history only.
    detail = {"need": held.need.id, "from": before, "to": held.need.status}
    audit.write(tx, "needs", by, "need.moved", detail, now)


def add_note(actor: Actor, need_id: UUID, text: str) -> None:
    """Write a note on a need's history."""
    actor.require(Role.SALES)
    if not text.strip():
        raise InvalidError("the note was not kept", {"text": ["is empty"]})
    if too_long := check_lengths({"text": text}, LONGEST):
        raise InvalidError("the note was not kept", dict(too_long))
    now = utc_now()
    with transaction(actor.org_id) as tx:
        need = tx.session.get(Need, need_id, with_for_update=True, populate_existing=True)
        if need is None:
            raise NotFoundError("need", need_id)
        need.updated_at = now
        _note(tx, need, actor.person_id, "note", None, None, text.strip(), now)
        audit.write(tx, "needs", actor.person_id, "need.noted", {"need": need_id}, now)


def _at(need: Need, expected: int | None) -> Need:
    if expected is not None and expected != need.version:
        raise StaleError("somebody else changed this need meanwhile", version=need.version)
    return need


def _touch(need: Need, now: datetime) -> None:
    need.version += 1
    need.updated_at = now


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in CHANGEABLE}


def _resolve(tx: Transaction, values: dict[str, Any]) -> None:
    """Look up whom the values name; raise InvalidError where they are not here."""
    customer_id = values.get("customer_id")
    if customer_id is not None:
        customer = tx.session.get(Customer, customer_id)
        if customer is None:
            raise InvalidError("the need was not kept", {"customer_id": ["is no customer here"]})
        values["customer_name"] = customer.name
    owner_id = values.get("owner_id")
    if owner_id is not None and tx.session.get(Person, owner_id) is None:
        raise InvalidError("the need was not kept", {"owner_id": ["is nobody here"]})


def check(values: Mapping[str, Any]) -> None:
    """Raise InvalidError naming the fields that no need can have; asks no database."""
    wrong = check_lengths(values, LONGEST)
    for name in ("need_type", "text"):
        if not str(values[name] or "").strip():
            wrong[name] = ["is empty"]
    for name in ("quantity", "value"):
        if not 0 <= Decimal(values.get(name) or 0) <= MOST:
            wrong[name] = [worded("is not from 0 to {most}", most=MOST)]
    if "currency" in values and (problem := currency_problem(values["currency"])):
        wrong["currency"] = [problem]
    if wrong:
        raise InvalidError("the need was not kept", dict(wrong))


def _note(
    tx: Transaction,
    need: Need,
    by: UUID | None,
    kind: str,
    before: str | None,
    after: str | None,
    text: str,
    now: datetime,
) -> None:
    tx.session.add(
        NeedEvent(
            org_id=tx.organisation,
            need_id=need.id,
            at=now,
            person_id=by,
            kind=kind,
            from_status=before,
            to_status=after,
            text=text,
        )
    )
