"""Keeping what customers were seen to do, and making needs of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.catalogue.models import Product
from app.columns import new_id
from app.customers.models import Customer
from app.database import Transaction, transaction
from app.entered import check_lengths
from app.errors import ConflictError, InvalidError, NotFoundError
from app.moments import utc_now
from app.needs import origins
from app.needs.commands import Saved
from app.needs.given_types import GivenType, name_of
from app.needs.observations.models import Observation, ObservedKind
from app.needs.origins import OriginKind
from app.wording import Wording, worded

MOST_AT_ONCE = 500
CHANNEL = "observation"
LONGEST = {"text": 4000, "source": 40, "key": 120}
BY_HAND = "hand"
# What somebody looked at is no wish yet.
TELLING = (ObservedKind.ASKED, ObservedKind.COMPLAINED)
TYPES = {ObservedKind.ASKED: GivenType.QUESTION, ObservedKind.COMPLAINED: GivenType.COMPLAINT}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is told of a customer; without `at` it is now. The same `key` again is the same observation."""

    customer_id: UUID
    kind: ObservedKind
    product_id: UUID | None = None
    text: str = ""
    source: str = BY_HAND
    key: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    id: UUID
    is_new: bool


def note(actor: Actor, seen: Sequence[Seen]) -> list[Noted]:
    """Keep all of these, or raise InvalidError naming the wrong ones; known keys stay as they are."""
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        known = _known(tx, seen)
        _refuse_wrong(tx, seen, known, now)
        made: list[Observation] = []
        answer = []
        for each in seen:
            before = known.get(each.key) if each.key else None
            row = before or _row(tx, actor, each, now)
            if before is None:
                made.append(row)
                if each.key:
                    known[each.key] = row
            answer.append(Noted(row.id, before is None))
        tx.session.add_all(made)
        details = [{"observation": row.id, "customer": row.customer_id, "kind": row.kind} for row in made]
        if details:
            audit.write_all(tx, "needs", actor.person_id, "observation.noted", details, now)
    return answer


def _known(tx: Transaction, seen: Sequence[Seen]) -> dict[str, Observation]:
    keys = {each.key for each in seen if each.key}
    found = tx.session.scalars(select(Observation).where(Observation.key.in_(keys))) if keys else ()
    return {str(row.key): row for row in found}


def _row(tx: Transaction, actor: Actor, seen: Seen, now: datetime) -> Observation:
    return Observation(
        id=new_id(),
        org_id=tx.organisation,
        customer_id=seen.customer_id,
        kind=seen.kind,
        product_id=seen.product_id,
        text=seen.text.strip(),
        source=seen.source.strip() or BY_HAND,
        key=seen.key,
        person_id=actor.person_id,
        at=seen.at or now,
        created_at=now,
    )


def _refuse_wrong(
    tx: Transaction, seen: Sequence[Seen], known: dict[str, Observation], now: datetime
) -> None:
    ids = {each.customer_id for each in seen}
    erased = dict(
        tx.session.execute(select(Customer.id, Customer.erased_at).where(Customer.id.in_(ids))).all()
    )
    asked = {each.product_id for each in seen if each.product_id}
    products = set(tx.session.scalars(select(Product.id).where(Product.id.in_(asked)))) if asked else set()
    wrong: dict[str, list[str]] = {}
    for number, each in enumerate(seen, 1):
        for name, why in _wrong_with(each, erased, products, known, now):
            shown = worded("{number}: {why}", number=number, why=why) if len(seen) > 1 else why
            wrong.setdefault(name, []).append(shown)
    if not 0 < len(seen) <= MOST_AT_ONCE:
        wrong["items"] = [worded("are not from 1 to {most}", most=MOST_AT_ONCE)]
    if wrong:
        raise InvalidError("nothing was noted", dict(wrong))


def _wrong_with(
    seen: Seen,
    erased: dict[UUID, datetime | None],
    products: set[UUID],
    known: dict[str, Observation],
    now: datetime,
) -> list[tuple[str, str | Wording]]:
    lengths = check_lengths({"text": seen.text, "source": seen.source, "key": seen.key or ""}, LONGEST)
    wrong: list[tuple[str, str | Wording]] = [(name, why) for name, found in lengths.items() for why in found]
    if seen.customer_id not in erased:
        wrong.append(("customer_id", worded("is no customer here")))
    elif erased[seen.customer_id] is not None:
        wrong.append(("customer_id", worded("was erased; nothing is kept of them")))
    if seen.product_id is not None and seen.product_id not in products:
        wrong.append(("product_id", worded("is no product here")))
    if not seen.text.strip() and seen.product_id is None:
        wrong.append(("text", worded("is empty")))
    if seen.at is not None and seen.at > now:
        wrong.append(("at", worded("lies in the future")))
    before = known.get(seen.key) if seen.key else None
    if before is not None and (before.customer_id, before.kind) != (seen.customer_id, seen.kind):
        wrong.append(("key", worded("was used for another observation")))
    return wrong


def make_need(actor: Actor, observation_id: UUID) -> Saved:
    """Make a need of what somebody asked or complained of; pressed again, it is the same need."""
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        seen = tx.session.get(Observation, observation_id, with_for_update=True, populate_existing=True)
        if seen is None:
            raise NotFoundError("observation", observation_id)
        kind = ObservedKind(seen.kind)
        if kind not in TELLING:
            raise ConflictError("only what a customer asked or complained of becomes a need")
        product = tx.session.get(Product, seen.product_id) if seen.product_id else None
        values = {
            "need_type": (product.name if product else name_of(tx, TYPES[kind]))[:80],
            "text": seen.text or (product.name if product else ""),
            "customer_id": seen.customer_id,
            "channel": CHANNEL,
            "currency": accounts.currency_of(tx),
            "created_at": seen.at,
        }
        need = origins.need_from(tx, OriginKind.OBSERVATION, seen.id, actor.person_id, values, now)
        return Saved(need.id, need.number, need.version)
