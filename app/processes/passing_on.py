"""Giving what one instance sends to those that await it, in the transaction that answers the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.database import transaction
from app.outbox.wanted import is_wanted, settle
from app.processes import advance, messages, suspending


@dataclass(frozen=True, slots=True)
class Sending:
    """A message, for the one instance of this business key, or a signal, for all that await it."""

    kind: str
    name: str
    payload: Mapping[str, Any]
    business_key: str | None


def pass_on(org_id: UUID, call_id: UUID, sending: Sending, now: datetime) -> int:
    """Deliver once, however often it is tried; return to how many instances.

    Raises ConflictError where no instance, or several, await a message: it may be early.
    """
    with transaction(org_id) as tx:
        # Instances are locked before the call, in the order of their ids, as everywhere.
        key = sending.business_key if sending.kind == "message" else None
        found = messages.awaiting(tx, sending.kind, sending.name, key)
        awaiting = [advance.load(tx, instance_id) for instance_id in found]
        if not is_wanted(tx, call_id):
            return 0
        if sending.kind == "message":
            messages.check_one(found, sending.name)
        for loaded in awaiting:
            if not loaded.finished:
                suspending.deliver(tx, loaded, sending.name, sending.payload, None, now, sending.kind)
        settle(tx, call_id, now)
        return len(awaiting)
