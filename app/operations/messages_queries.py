"""Kept messages and what was decided of them, as operators read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from app.accounts import queries as accounts
from app.database import Transaction
from app.processes.message_models import KeptMessage, KeptStatus, MessagePolicy
from rules import feel


@dataclass(frozen=True, slots=True)
class KeptRow:
    """`status` is waiting, expired, delivered or discarded; `instance_id` is who has it."""

    id: UUID
    name: str
    status: str
    business_key: str | None
    correlation: Mapping[str, Any]
    payload: Mapping[str, Any]
    at: datetime
    expires_at: datetime
    sent_by: str | None
    from_instance: UUID | None
    instance_id: UUID | None
    done_at: datetime | None
    done_by: str | None
    reason: str | None


def list_kept(
    tx: Transaction,
    now: datetime,
    *,
    everything: bool,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[KeptRow]:
    """Return kept messages, the newest first; only those that still wait unless asked otherwise."""
    statement = select(KeptMessage).order_by(KeptMessage.at.desc(), KeptMessage.id.desc()).limit(limit)
    if not everything:
        statement = statement.where(KeptMessage.status == KeptStatus.WAITING)
    if after is not None:
        at, last = after
        before = and_(KeptMessage.at == at, KeptMessage.id < last)
        statement = statement.where(or_(KeptMessage.at < at, before))
    rows = list(tx.session.scalars(statement))
    people = {person for row in rows for person in (row.sent_by, row.done_by) if person}
    names = accounts.names_of(tx, list(people))
    return [_row(row, names, now) for row in rows]


def _row(row: KeptMessage, names: Mapping[UUID, str], now: datetime) -> KeptRow:
    status = KeptStatus(row.status)
    expired = status == KeptStatus.WAITING and row.expires_at <= now
    return KeptRow(
        id=row.id,
        name=row.name,
        status="expired" if expired else status.name.lower(),
        business_key=row.business_key,
        correlation=_plain(row.correlation),
        payload=_plain(row.payload),
        at=row.at,
        expires_at=row.expires_at,
        sent_by=names.get(row.sent_by) if row.sent_by else None,
        from_instance=row.from_instance,
        instance_id=row.instance_id,
        done_at=row.done_at,
        done_by=names.get(row.done_by) if row.done_by else None,
        reason=row.reason,
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(feel.to_plain_json(feel.from_typed_json(dict(values))))


def list_policies(tx: Transaction) -> list[MessagePolicy]:
    """Return what was decided, that of all other messages (an empty name) first."""
    return list(tx.session.scalars(select(MessagePolicy).order_by(MessagePolicy.name)))
