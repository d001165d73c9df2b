"""Giving what one instance sends to those that await it, in the transaction that answers the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.database import Transaction, transaction
from app.outbox.wanted import is_wanted, settle
from app.processes import advance, beginning, matching, messages, suspending
from app.processes.matching import Message


@dataclass(frozen=True, slots=True)
class Sending:
    """A message, for the one instance of this business key or these keys, or a signal, for all."""

    kind: str
    name: str
    payload: Mapping[str, Any]
    business_key: str | None
    keys: Mapping[str, Any] = field(default_factory=dict)
    from_instance: UUID | None = None


def pass_on(org_id: UUID, call_id: UUID, sending: Sending, now: datetime) -> int:
    """Deliver once, however often it is tried; return to how many instances.

    Raises ConflictError where a message is to be refused: it may be early, or for several.
    """
    with transaction(org_id) as tx:
        pass_one = _signal if sending.kind == "signal" else _message
        return pass_one(tx, call_id, sending, now)


def _signal(tx: Transaction, call_id: UUID, sending: Sending, now: datetime) -> int:
    # Instances are locked before the call, in the order of their ids, as everywhere.
    listening = messages.listening(tx, sending.name)
    if not is_wanted(tx, call_id):
        return 0
    count = messages.signal(tx, listening, sending.name, sending.payload, None, now)
    count += len(beginning.by_signal(tx, sending.name, sending.payload, None, now))
    settle(tx, call_id, now)
    return count


def _message(tx: Transaction, call_id: UUID, sending: Sending, now: datetime) -> int:
    message = Message(
        sending.name,
        sending.payload,
        sending.business_key,
        sending.keys,
        from_instance=sending.from_instance,
    )
    for waiter in matching.find(tx, message, now):
        advance.load(tx, waiter.instance_id)
    if not is_wanted(tx, call_id):
        return 0
    handed = messages.hand_over(tx, message, None, now, suspending.deliver)
    settle(tx, call_id, now)
    return 0 if handed.outcome == "kept" else 1
