"""Adding an entry to a chain, inside the transaction of the change that it records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.audit.chain import Head, canonical, entry_digest
from app.audit.models import AuditEntry, AuditStream
from app.columns import new_id
from app.config import settings
from app.database import Transaction
from app.moments import utc_now

_ENTRIES = AuditEntry.__table__
_STREAMS = AuditStream.__table__
_INSERT_ENTRY = insert(AuditEntry)
_LOCK_STREAM = (
    select(_STREAMS.c.id, _STREAMS.c.seq, _STREAMS.c.head)
    .where(_STREAMS.c.org_id == bindparam("org_id"), _STREAMS.c.name == bindparam("stream_name"))
    .with_for_update(key_share=True)
)
_MOVE_HEAD = (
    update(AuditStream)
    .where(_STREAMS.c.org_id == bindparam("b_org_id"), _STREAMS.c.id == bindparam("b_id"))
    .values(seq=bindparam("b_seq"), head=bindparam("b_head"))
)


def append(
    tx: Transaction,
    org_id: UUID,
    stream_id: UUID,
    head: Head,
    person_id: UUID | None,
    action: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> Head:
    """Write one entry after `head`, whose row the caller has locked; return the new head."""
    row = _entry(org_id, stream_id, head, person_id, action, detail, now)
    tx.execute(_INSERT_ENTRY, row)
    return Head(row["seq"], row["digest"])


def write(
    tx: Transaction,
    stream: str,
    person_id: UUID | None,
    action: str,
    detail: Mapping[str, Any],
    now: datetime | None = None,
) -> None:
    """Record a change that belongs to no instance in its organisation's stream of that name."""
    write_all(tx, stream, person_id, action, [detail], now)


def write_all(
    tx: Transaction,
    stream: str,
    person_id: UUID | None,
    action: str,
    details: Sequence[Mapping[str, Any]],
    now: datetime | None = None,
) -> None:
    """As `write`, for the same done to many: an entry each, in two statements."""
    tx.flush()
    org_id, at = tx.organisation, now or utc_now()
    stream_id, head = _locked(tx, org_id, stream)
    rows = []
    for detail in details:
        row = _entry(org_id, stream_id, head, person_id, action, detail, at)
        rows.append(row)
        head = Head(row["seq"], row["digest"])
    tx.execute(_INSERT_ENTRY, rows)
    tx.execute(_MOVE_HEAD, {"b_org_id": org_id, "b_id": stream_id, "b_seq": head.seq, "b_head": head.digest})


def _entry(
    org_id: UUID,
    stream_id: UUID,
    head: Head,
    person_id: UUID | None,
    action: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """Return the row of the entry that follows `head`."""
    seq, text = head.seq + 1, canonical(detail)
    digest = entry_digest(
        settings().audit_key,
        previous=head.digest,
        org_id=org_id,
        stream_id=stream_id,
        seq=seq,
        at=now,
        person_id=person_id,
        action=action,
        detail=text,
    )
    return {
        "org_id": org_id,
        "stream_id": stream_id,
        "seq": seq,
        "at": now,
        "person_id": person_id,
        "action": action,
        "detail": text,
        "previous": head.digest,
        "digest": digest,
    }


def _locked(tx: Transaction, org_id: UUID, name: str) -> tuple[UUID, Head]:
    row = tx.first(_LOCK_STREAM, {"org_id": org_id, "stream_name": name})
    if row is not None:
        return row.id, Head(row.seq, row.head)
    stream_id = new_id()
    tx.execute(insert(AuditStream), {"id": stream_id, "org_id": org_id, "name": name, "seq": 0, "head": b""})
    return stream_id, Head(0, b"")
