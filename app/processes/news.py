"""Telling open pages that something changed, in the transaction that changes it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.database import Transaction
from app.processes import statements


def tell(tx: Transaction, kind: str, subject_id: UUID | None, now: datetime) -> None:
    """Tell open pages that something of this subject changed."""
    tx.execute(
        statements.INSERT_CHANGE,
        {
            "org_id": tx.organisation,
            "at": now,
            "kind": kind,
            "subject_id": subject_id,
            "principals": [],
        },
    )
