"""Whether an effect is still wanted, asked inside the transaction that has it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update

from app.database import Transaction
from app.errors import NotFoundError
from app.outbox.models import OPEN, CallStatus, ServiceCall

_calls = ServiceCall.__table__.c
_LOCK = (
    select(_calls.status)
    .where(_calls.org_id == bindparam("org_id"), _calls.id == bindparam("call_id"))
    .with_for_update(key_share=True)
)
_SETTLE = (
    update(ServiceCall)
    .where(_calls.org_id == bindparam("b_org_id"), _calls.id == bindparam("b_call_id"))
    .values(status=CallStatus.DONE, finished_at=bindparam("b_at"), due_at=None)
)


def is_wanted(tx: Transaction, call_id: UUID) -> bool:
    """Lock a service call until this transaction ends; False where it was answered or withdrawn.

    Whoever withdraws the call waits for the effect and sees it, or comes first and prevents it.
    """
    row = tx.first(_LOCK, {"org_id": tx.organisation, "call_id": call_id})
    if row is None:
        raise NotFoundError("service call", call_id)
    return row.status in OPEN


def settle(tx: Transaction, call_id: UUID, now: datetime) -> None:
    """Answer a call that no diagram waits for in the very transaction of its effect: it happens once."""
    tx.execute(_SETTLE, {"b_org_id": tx.organisation, "b_call_id": call_id, "b_at": now})
