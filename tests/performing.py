"""Performing service calls by hand: what relay and worker do, one call at a time, at any moment one likes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.columns import new_id
from app.database import reading, transaction
from app.moments import utc_now
from app.outbox.models import CallStatus, ServiceCall
from app.processes import commands
from tasks import handlers
from tests.builders import Firm
from tests.selling import calls_of

LATER = timedelta(days=1)


def a_call(firm: Firm, handler: str, **inputs: object) -> UUID:
    """Write a call as a diagram would, of no instance."""
    call = ServiceCall(
        id=new_id(),
        org_id=firm.org_id,
        handler=handler,
        inputs={name: str(value) if isinstance(value, UUID) else value for name, value in inputs.items()},
        status=CallStatus.WAITING,
        due_at=utc_now(),
        created_at=utc_now(),
    )
    with transaction(firm.org_id) as tx:
        tx.session.add(call)
    return call.id


def run(firm: Firm, call_id: UUID, now: datetime | None = None) -> Mapping[str, Any]:
    """Run a call's handler, without reporting: as a worker that is killed right after."""
    with reading(firm.org_id) as tx:
        call = tx.session.get_one(ServiceCall, call_id)
    given = handlers.Call(call.id, firm.org_id, call.inputs, now or utc_now())
    return handlers.handler_of(call.handler)(given)


def perform(firm: Firm, call_id: UUID, now: datetime | None = None) -> commands.Outcome:
    """Run a call's handler and report what came of it. Mails are taken for sent."""
    with reading(firm.org_id) as tx:
        handler = tx.session.get_one(ServiceCall, call_id).handler
    outcome: commands.Outcome
    try:
        outcome = commands.Succeeded({} if handler == "mail.send" else run(firm, call_id, now))
    except handlers.BusinessError as error:
        outcome = commands.BusinessError(error.code, error.message, error.variables)
    commands.report(call_id, outcome)
    return outcome


def perform_all(firm: Firm, order_id: UUID) -> list[str]:
    """Perform an order's calls, also those of later, until none is left; return their handlers."""
    performed: list[str] = []
    while waiting := calls_of(firm, order_id):
        asked_by_tokens = [call for call in waiting if call.call_key]
        for call in asked_by_tokens or waiting:  # what parties report comes after all else
            perform(firm, call.id, max(utc_now(), call.due_at or utc_now()))
            performed.append(call.handler)
        assert len(performed) < 100, f"this does not end: {performed}"
    return performed


def status_of(firm: Firm, call_id: UUID) -> CallStatus:
    with reading(firm.org_id) as tx:
        return CallStatus(tx.session.get_one(ServiceCall, call_id).status)
