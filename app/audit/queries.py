"""Reading the record: the newest entries, or those of one chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from app.audit.models import AuditEntry, AuditStream
from app.database import Transaction


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; `stream` is a settings stream's name, None for an instance."""

    stream_id: UUID
    stream: str | None
    seq: int
    at: datetime
    person_id: UUID | None
    action: str
    detail: dict[str, Any]
    digest: str


def list_entries(
    tx: Transaction,
    *,
    stream_id: UUID | None = None,
    person_id: UUID | None = None,
    action: str = "",
    after: tuple[datetime, UUID, int] | None = None,
    limit: int = 50,
) -> list[EntryRow]:
    """Return entries, the newest first."""
    statement = (
        select(AuditEntry, AuditStream.name)
        .outerjoin(AuditStream, AuditStream.id == AuditEntry.stream_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.stream_id.desc(), AuditEntry.seq.desc())
        .limit(limit)
    )
    if stream_id is not None:
        statement = statement.where(AuditEntry.stream_id == stream_id)
    if person_id is not None:
        statement = statement.where(AuditEntry.person_id == person_id)
    if action:
        statement = statement.where(AuditEntry.action.startswith(action, autoescape=True))
    if after is not None:
        at, stream, seq = after
        statement = statement.where(
            (AuditEntry.at < at)
            | ((AuditEntry.at == at) & (AuditEntry.stream_id < stream))
            | ((AuditEntry.at == at) & (AuditEntry.stream_id == stream) & (AuditEntry.seq < seq))
        )
    return [
        EntryRow(
            stream_id=entry.stream_id,
            stream=name,
            seq=entry.seq,
            at=entry.at,
            person_id=entry.person_id,
            action=entry.action,
            detail=orjson.loads(entry.detail),
            digest=entry.digest.hex(),
        )
        for entry, name in tx.session.execute(statement)
    ]
