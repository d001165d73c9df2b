"""Many needs at the price of few: what an import writes of a batch, one statement a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app import audit
from app.columns import new_id
from app.database import Transaction
from app.needs.beside import tell_texts
from app.needs.models import ImportedNeed, Need, NeedEvent, NeedStatus
from app.numbering import next_numbers


@dataclass(frozen=True, slots=True)
class NewNeed:
    """Checked values of a need, and what its row is known by when it comes again."""

    values: dict[str, Any]
    fingerprint: UUID


def add_unknown_in(
    tx: Transaction, by: UUID | None, needs: Sequence[NewNeed], now: datetime
) -> dict[UUID, str]:
    """Keep those that no import kept before; return the numbers of the others by their fingerprints."""
    tx.plan_anew()
    known = _known(tx, needs)
    fresh = [need for need in needs if need.fingerprint not in known]
    if fresh:
        _add(tx, by, fresh, now)
    return known


def _known(tx: Transaction, needs: Sequence[NewNeed]) -> dict[UUID, str]:
    """Return the numbers of those that are kept; a join may be planned the wrong way round."""
    statement = select(ImportedNeed.fingerprint, ImportedNeed.need_id).where(
        ImportedNeed.fingerprint.in_([need.fingerprint for need in needs])
    )
    kept = {row.fingerprint: row.need_id for row in tx.session.execute(statement)}
    if not kept:
        return {}
    numbers = select(Need.id, Need.number).where(Need.id.in_(set(kept.values())))
    by_id = {row.id: row.number for row in tx.session.execute(numbers)}
    return {fingerprint: by_id[need_id] for fingerprint, need_id in kept.items()}


def _add(tx: Transaction, by: UUID | None, needs: Sequence[NewNeed], now: datetime) -> None:
    org_id = tx.organisation
    numbers = next_numbers(tx, "needs", "N-", len(needs))
    rows = [
        {
            "customer_id": None,
            "created_at": now,
            **need.values,
            "id": new_id(),
            "org_id": org_id,
            "number": number,
            "owner_id": by,
            "status": NeedStatus.NEW,
            "updated_at": now,
        }
        for need, number in zip(needs, numbers, strict=True)
    ]
    tx.execute(insert(Need), rows)
    created = {"org_id": org_id, "at": now, "person_id": by, "kind": "created", "to_status": NeedStatus.NEW}
    tx.execute(insert(NeedEvent), [{**created, "need_id": row["id"]} for row in rows])
    known = [
        {"org_id": org_id, "fingerprint": need.fingerprint, "need_id": row["id"]}
        for need, row in zip(needs, rows, strict=True)
    ]
    tx.execute(insert(ImportedNeed), known)
    details = [{"need": row["id"], "type": row["need_type"]} for row in rows]
    audit.write_all(tx, "needs", by, "need.added", details, now)
    tell_texts(tx, {row["id"]: row["text"] for row in rows})
