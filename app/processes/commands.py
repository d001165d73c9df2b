"""What machines and operators tell an instance: answers of calls, due timers, messages, incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update

import workflows
from app import audit
from app.columns import new_id
from app.database import Transaction, across_organisations, transaction
from app.errors import NotFoundError
from app.moments import utc_now
from app.outbox.models import OPEN, CallStatus, ServiceCall
from app.processes import advance, statements, suspending
from app.processes.incident_rows import TIMERS
from app.processes.loaded import Loaded
from app.processes.models import Incident, Timer
from app.processes.news import tell
from app.processes.projections import note


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The call did what was asked; `result` goes to the diagram."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BusinessError:
    """An answer that the diagram must deal with: out of stock, declined."""

    code: str
    message: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """Attempts are used up; an operator must look."""

    error: str


Outcome = Succeeded | BusinessError | Failed

_calls = ServiceCall.__table__.c
_CALL_OWNER = select(_calls.org_id, _calls.instance_id).where(_calls.id == bindparam("call_id"))
_LOCK_CALL = (
    select(_calls.id, _calls.status, _calls.call_key, _calls.handler, _calls.element)
    .where(_calls.org_id == bindparam("org_id"), _calls.id == bindparam("call_id"))
    .with_for_update(key_share=True)
)
_FINISH_CALL = (
    update(ServiceCall)
    .where(_calls.org_id == bindparam("b_org_id"), _calls.id == bindparam("b_call_id"))
    .values(
        status=bindparam("b_status"),
        result=bindparam("b_result"),
        error=bindparam("b_error"),
        finished_at=bindparam("b_at"),
        due_at=None,
    )
)


def report(call_id: UUID, outcome: Outcome) -> None:
    """Take the outcome of a service call and move its instance on, once.

    A second report changes nothing; one for a withdrawn call is kept with it. Raises NotFoundError for
    an unknown call.
    """
    now = utc_now()
    with across_organisations() as tx:
        owner = tx.first(_CALL_OWNER, {"call_id": call_id})
    if owner is None:
        raise NotFoundError("service call", call_id)
    with transaction(owner.org_id) as tx:
        loaded = advance.load(tx, owner.instance_id) if owner.instance_id else None
        call = tx.first(_LOCK_CALL, {"org_id": owner.org_id, "call_id": call_id})
        if call is None or call.status in (CallStatus.DONE, CallStatus.ERROR, CallStatus.KEPT):
            return
        if call.status == CallStatus.FAILED and isinstance(outcome, Failed):
            return  # two relays gave it up at the same moment: one incident is enough
        is_wanted = call.status in OPEN
        waits = loaded is not None and loaded.suspended and is_wanted and call.call_key is not None
        _keep(tx, call, outcome, now, waits=waits)
        if call.status == CallStatus.FAILED:
            _close_incident(tx, call, now)
        if isinstance(outcome, Failed) and is_wanted:
            _open_incident(tx, owner.instance_id, call, outcome, now)
        if loaded is not None and not (is_wanted and _move_on(tx, loaded, call, outcome, now)):
            kind = "call.failed" if isinstance(outcome, Failed) else "call.kept"
            note(tx, loaded, None, kind, _told(call, outcome), now)


def _keep(tx: Transaction, call: Row[Any], outcome: Outcome, now: datetime, *, waits: bool) -> None:
    """Write what came of a call; an answer that `waits` is taken up when its suspended instance goes on."""
    result = dict(outcome.result) if isinstance(outcome, Succeeded) else None
    status = {
        Succeeded: CallStatus.DONE,
        BusinessError: CallStatus.ERROR,
        Failed: CallStatus.FAILED,
    }[type(outcome)]
    if call.status == CallStatus.WITHDRAWN:
        status = CallStatus.WITHDRAWN
    elif waits and not isinstance(outcome, Failed):
        status, result = CallStatus.KEPT, _kept_until_resumed(outcome)
    tx.execute(
        _FINISH_CALL,
        {
            "b_org_id": tx.organisation,
            "b_call_id": call.id,
            "b_status": status,
            "b_result": result,
            "b_error": _error_text(outcome),
            "b_at": now,
        },
    )


def _kept_until_resumed(outcome: Succeeded | BusinessError) -> dict[str, Any]:
    if isinstance(outcome, Succeeded):
        return suspending.answer("succeeded", result=dict(outcome.result))
    variables = dict(outcome.variables)
    return suspending.answer("refused", code=outcome.code, message=outcome.message, variables=variables)


def _error_text(outcome: Outcome) -> str | None:
    if isinstance(outcome, BusinessError):
        return f"{outcome.code}: {outcome.message}"
    return outcome.error if isinstance(outcome, Failed) else None


def _move_on(tx: Transaction, loaded: Loaded, call: Row[Any], outcome: Outcome, now: datetime) -> bool:
    """Give an answer to the token that waits for it; False where none does, or where it is held still."""
    if isinstance(outcome, Failed) or call.call_key is None or loaded.finished or loaded.suspended:
        return False
    told = _told(call, outcome)
    try:
        if isinstance(outcome, Succeeded):
            advance.finish_call(tx, loaded, call.call_key, outcome.result, now, told)
        else:
            advance.fail_call(
                tx, loaded, call.call_key, outcome.code, outcome.message, outcome.variables, now, told
            )
    except workflows.NotOpenError:
        return False  # cancelled between the withdrawal and this answer: it stays kept with the call
    return True


def _told(call: Row[Any], outcome: Outcome) -> dict[str, Any]:
    """Return what the record says of an answer: what a machine did is a change like any other."""
    about = {"key": call.call_key, "call": call.id, "handler": call.handler}
    if isinstance(outcome, Failed):
        return {**about, "error": outcome.error}
    if isinstance(outcome, BusinessError):
        return {**about, "code": outcome.code, "message": outcome.message}
    return {**about, **audit.told("result", outcome.result)}


def _open_incident(
    tx: Transaction, instance_id: UUID | None, call: Row[Any], outcome: Failed, now: datetime
) -> None:
    tx.session.add(
        Incident(
            id=new_id(),
            org_id=tx.organisation,
            instance_id=instance_id,
            service_call_id=call.id,
            token_key=call.call_key,
            element=call.element or call.handler,
            message=outcome.error,
            at=now,
        )
    )
    tell(tx, "incident", instance_id, now)


def _close_incident(tx: Transaction, call: Row[Any], now: datetime) -> None:
    """The worker that was given up was only slow: what it did counts."""
    tx.session.execute(
        update(Incident)
        .where(Incident.service_call_id == call.id, Incident.resolved_at.is_(None))
        .values(resolved_at=now, resolution="the answer came after all")
    )


def advance_due(org_id: UUID, instance_id: UUID) -> None:
    """Fire the timers of an instance that are due; for the relay."""
    now = utc_now()
    with transaction(org_id) as tx:
        loaded = advance.load(tx, instance_id)
        if loaded.finished or loaded.suspended:
            where = {"b_org_id": org_id, "b_instance_id": instance_id}
            tx.execute(statements.DELETE_TIMER, where)
            return
        advance.tick(tx, loaded, now)


def postpone_timer(org_id: UUID, instance_id: UUID, error: str, until: datetime) -> None:
    """Open an incident for an instance whose due timer cannot fire, and try again later."""
    with transaction(org_id) as tx:
        tx.session.execute(update(Timer).where(Timer.instance_id == instance_id).values(due_at=until))
        statement = select(Incident.id).where(
            Incident.instance_id == instance_id,
            Incident.token_key == TIMERS,
            Incident.resolved_at.is_(None),
        )
        if tx.session.scalar(statement) is None:
            incident = Incident(
                org_id=org_id,
                instance_id=instance_id,
                token_key=TIMERS,
                element="timer",
                message=error,
                at=utc_now(),
            )
            tx.session.add(incident)
