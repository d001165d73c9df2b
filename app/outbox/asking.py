"""Asking for a service call in the transaction of the change that needs it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, insert, select

from app.columns import new_id
from app.database import Transaction
from app.observing import request_id
from app.outbox.models import CallStatus, ServiceCall
from app.outbox.waking import wake

_calls = ServiceCall.__table__.c
_FIND = select(_calls.instance_id).where(
    _calls.org_id == bindparam("org_id"), _calls.id == bindparam("call_id")
)


def ask(
    tx: Transaction,
    handler: str,
    inputs: Mapping[str, Any],
    *,
    now: datetime,
    due_at: datetime | None = None,
    call_id: UUID | None = None,
    instance_id: UUID | None = None,
) -> UUID:
    """Write a call that no token waits for; its failure is an incident that holds nothing up."""
    row: dict[str, Any] = {
        "id": call_id or new_id(),
        "org_id": tx.organisation,
        "instance_id": instance_id,
        "call_key": None,
        "element": None,
        "handler": handler,
        "inputs": dict(inputs),
        "status": CallStatus.WAITING,
        "attempts": 0,
        "due_at": due_at or now,
        "created_at": now,
        "request_id": request_id(),
    }
    tx.execute(insert(ServiceCall), row)
    wake(tx)
    written: UUID = row["id"]
    return written


def ask_after(
    tx: Transaction,
    cause: UUID,
    purpose: str,
    handler: str,
    inputs: Mapping[str, Any],
    *,
    due_at: datetime,
    now: datetime,
) -> UUID:
    """Write a call that follows from the work of another, `cause`, and that no diagram waits for.

    One cause asks once for each purpose: asking again changes nothing.
    """
    call_id = uuid5(cause, purpose)
    if _find(tx, call_id) is not None:
        return call_id
    found = _find(tx, cause)
    instance_id = found.instance_id if found else None
    return ask(tx, handler, inputs, now=now, due_at=due_at, call_id=call_id, instance_id=instance_id)


def _find(tx: Transaction, call_id: UUID) -> Any:
    return tx.first(_FIND, {"org_id": tx.organisation, "call_id": call_id})
