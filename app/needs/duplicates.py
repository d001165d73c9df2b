"""Needs that say the same: found by customer and words, merged with nothing lost, parted again."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, transaction
from app.errors import ConflictError, InvalidError
from app.moments import utc_now
from app.needs import following
from app.needs.models import Need, NeedEvent
from app.processes import advance
from app.wording import worded

ALIKE = 0.5  # of the three-letter pieces of two texts, how many they share (Jaccard)
COMPARED = 200  # the newest needs of a customer
CUSTOMERS, PAIRS = 200, 100
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Alike:
    """A need that may be the same; `share` of its words is from 0 to 1, 1 for the same words."""

    need: Need
    share: float


@dataclass(frozen=True, slots=True)
class Pair:
    one: Need
    other: Need
    share: float


def pieces(text: str) -> frozenset[str]:
    """Return the three-letter pieces of a text, of letters and digits alone, in any width and case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(sign if sign.isalnum() else " " for sign in plain).split()
    joined = " ".join(words)
    return frozenset(joined[at : at + SHORTEST] for at in range(max(1, len(joined) - SHORTEST + 1)))


def share_of(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much of two texts is the same (Jaccard's index)."""
    both = len(one | other)
    return len(one & other) / both if both else 0.0


def find(tx: Transaction, need: Need) -> list[Alike]:
    """Return the needs of the same customer that say much the same, the likest first."""
    same = _same_customer(need)
    if same is None or need.merged_into_id is not None:
        return []
    statement = (
        select(Need)
        .where(same, Need.id != need.id, Need.merged_into_id.is_(None))
        .order_by(Need.created_at.desc(), Need.id.desc())
        .limit(COMPARED)
    )
    mine = pieces(need.text)
    found = [Alike(each, share_of(mine, pieces(each.text))) for each in tx.session.scalars(statement)]
    return sorted((each for each in found if each.share >= ALIKE), key=lambda each: -each.share)


def _same_customer(need: Need) -> ColumnElement[bool] | None:
    if need.customer_id is not None:
        return Need.customer_id == need.customer_id
    if need.customer_name:
        return Need.customer_id.is_(None) & (Need.customer_name == need.customer_name)
    return None


def pairs(tx: Transaction) -> list[Pair]:
    """Return open needs that may be the same, of the customers who asked most: the likest first."""
    busy = (
        select(Need.customer_id)
        .where(Need.customer_id.is_not(None), Need.closed_at.is_(None), Need.merged_into_id.is_(None))
        .group_by(Need.customer_id)
        .having(func.count() > 1)
        .order_by(func.max(Need.created_at).desc())
        .limit(CUSTOMERS)
    )
    found: list[Pair] = []
    for customer_id in list(tx.session.scalars(busy)):
        found += _pairs_of(tx, customer_id)
    return sorted(found, key=lambda pair: -pair.share)[:PAIRS]


def _pairs_of(tx: Transaction, customer_id: UUID | None) -> list[Pair]:
    statement = (
        select(Need)
        .where(Need.customer_id == customer_id, Need.closed_at.is_(None), Need.merged_into_id.is_(None))
        .order_by(Need.created_at, Need.id)
        .limit(COMPARED // 4)
    )
    told = [(need, pieces(need.text)) for need in tx.session.scalars(statement)]
    return [
        Pair(one, other, share)
        for at, (one, ones) in enumerate(told)
        for other, others in told[at + 1 :]
        if (share := share_of(ones, others)) >= ALIKE
    ]


def merged_into(tx: Transaction, need_id: UUID) -> list[Need]:
    """Return the needs that were merged into this one."""
    statement = select(Need).where(Need.merged_into_id == need_id).order_by(Need.created_at, Need.id)
    return list(tx.session.scalars(statement))


def merge(actor: Actor, kept_id: UUID, other_id: UUID) -> None:
    """Let one need stand for two: the other keeps its texts, notes and history, and leads to it.

    Raises InvalidError for a need and itself, ConflictError where an order was made of the other, or where
    either was merged already.
    """
    actor.require(Role.SALES)
    if kept_id == other_id:
        raise InvalidError("the needs were not merged", {"need_id": ["is the need itself"]})
    now = utc_now()
    with transaction(actor.org_id) as tx:
        held = {each: following.lock(tx, each) for each in sorted((kept_id, other_id))}
        kept, other = held[kept_id].need, held[other_id].need
        for need in (kept, other):
            _check_whole(need)
        if other.order_id is not None:
            raise ConflictError(
                worded("an order was made of {number}: merge the other one into it", number=other.number)
            )
        other.instance_id = None  # its end is not the need's; parted, it begins where it stood
        other.merged_into_id = kept_id
        for merged in merged_into(tx, other_id):
            merged.merged_into_id = kept_id
        tx.flush()
        if loaded := held[other_id].loaded:
            advance.cancel(tx, loaded, "the need was merged into another", actor.person_id, now)
        _note(tx, actor, kept, other, "merged")
        detail = {"need": kept_id, "merged": other_id}
        audit.write(tx, "needs", actor.person_id, "need.merged", detail, now)


def part(actor: Actor, need_id: UUID) -> None:
    """Let a merged need stand for itself again; raise ConflictError for one that does."""
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        need = following.lock(tx, need_id).need
        kept = tx.session.get(Need, need.merged_into_id) if need.merged_into_id else None
        if kept is None:
            raise ConflictError("this need was not merged into another")
        need.merged_into_id = None
        _note(tx, actor, kept, need, "parted")
        audit.write(tx, "needs", actor.person_id, "need.parted", {"need": need_id, "from": kept.id}, now)


def _check_whole(need: Need) -> None:
    if need.merged_into_id is not None:
        raise ConflictError(worded("{number} was merged into another need already", number=need.number))


def _note(tx: Transaction, actor: Actor, kept: Need, other: Need, kind: str) -> None:
    """Tell both histories."""
    now = utc_now()
    for need, about in ((kept, other), (other, kept)):
        need.version += 1
        need.updated_at = now
        event = NeedEvent(
            org_id=tx.organisation,
            need_id=need.id,
            at=now,
            person_id=actor.person_id,
            kind=kind,
            text=about.number,
        )
        tx.session.add(event)


def standing_for(tx: Transaction, need_id: UUID) -> UUID:
    """Return the need that stands for this one: itself, or that into which it was merged."""
    merged = tx.session.scalar(select(Need.merged_into_id).where(Need.id == need_id))
    return merged or need_id
