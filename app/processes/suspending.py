"""Holding an instance still: what comes for it meanwhile is kept, and taken up when it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

import workflows
from app import audit
from app.columns import new_id
from app.database import Transaction
from app.errors import ConflictError
from app.observing import request_id
from app.outbox import wake
from app.outbox.models import CallStatus
from app.processes import advance, statements
from app.processes.loaded import Loaded
from app.processes.models import InstanceStatus
from app.processes.news import tell
from app.processes.projections import note
from rules import feel

MESSAGE = "process.message"


def check(loaded: Loaded, *, resuming: bool) -> None:
    """Raise ConflictError where an instance cannot be suspended, or resumed."""
    if loaded.finished:
        raise ConflictError("this has ended")
    if loaded.suspended and not resuming:
        raise ConflictError("this is suspended already")
    if resuming and not loaded.suspended:
        raise ConflictError("this is not suspended")


def suspend(tx: Transaction, loaded: Loaded, reason: str, by: UUID | None, now: datetime) -> Loaded:
    """Let only operators move a locked instance; raise ConflictError where it has ended or is suspended."""
    check(loaded, resuming=False)
    _set(tx, loaded, InstanceStatus.SUSPENDED)
    tx.execute(statements.DELETE_TIMER, _where(loaded))
    note(tx, loaded, by, "instance.suspended", {"reason": reason}, now)
    tell(tx, "instance", loaded.subject_id or loaded.id, now)
    return loaded


def resume(tx: Transaction, loaded: Loaded, reason: str, by: UUID | None, now: datetime) -> Loaded:
    """Let an instance go on: first with what was kept for it, then with its timers that are due."""
    check(loaded, resuming=True)
    _set(tx, loaded, InstanceStatus.RUNNING)
    due = loaded.standing.get("next_due")
    if due is not None:
        row = {"org_id": loaded.org_id, "instance_id": loaded.id, "due_at": datetime.fromisoformat(due)}
        tx.execute(statements.INSERT_TIMER, row)
    note(tx, loaded, by, "instance.resumed", {"reason": reason}, now)
    tell(tx, "instance", loaded.subject_id or loaded.id, now)
    for call in tx.execute(statements.KEPT_CALLS, _where(loaded)).all():
        take_up = _take_up_message if call.call_key is None else _take_up_answer
        loaded = take_up(tx, loaded, call, now)
    return loaded


def deliver(
    tx: Transaction,
    loaded: Loaded,
    name: str,
    payload: Mapping[str, Any],
    by: UUID | None,
    now: datetime,
    kind: str = "message",
    key: str | None = None,
) -> Loaded:
    """As `advance.deliver`; what comes for a suspended instance is kept until it goes on."""
    if not loaded.suspended:
        return advance.deliver(tx, loaded, name, payload, by, now, kind, key)
    inputs = {
        "kind": kind,
        "name": name,
        "key": key,
        "payload": feel.to_typed_json(dict(payload)),
        "correlation": {"business_key": loaded.business_key},
    }
    row = {
        "id": new_id(),
        "org_id": loaded.org_id,
        "instance_id": loaded.id,
        "call_key": None,
        "element": None,
        "handler": MESSAGE,
        "inputs": inputs,
        "status": CallStatus.KEPT,
        "attempts": 0,
        "due_at": None,
        "created_at": now,
        "finished_at": now,
        "request_id": request_id(),
    }
    tx.execute(statements.INSERT_CALL, row)
    note(tx, loaded, by, f"{kind}.kept", {"name": name, **audit.told("payload", payload)}, now)
    return loaded


def answer(outcome: str, **said: Any) -> dict[str, Any]:
    """Return what is kept of a call's answer: `outcome` is succeeded or refused."""
    return {"outcome": outcome, **said}


def _take_up_answer(tx: Transaction, loaded: Loaded, call: Row[Any], now: datetime) -> Loaded:
    kept = call.result
    told = {"key": call.call_key, "call": call.id, "handler": call.handler}
    refused = kept["outcome"] == "refused"
    status = CallStatus.ERROR if refused else CallStatus.DONE
    _settle(tx, call, status, None if refused else kept["result"])
    if loaded.finished:
        return loaded
    try:
        if not refused:
            told |= audit.told("result", kept["result"])
            return advance.finish_call(tx, loaded, call.call_key, kept["result"], now, told)
        code, message = kept["code"], kept["message"]
        told |= {"code": code, "message": message}
        return advance.fail_call(tx, loaded, call.call_key, code, message, kept["variables"], now, told)
    except workflows.NotOpenError:
        return loaded  # an answer before it moved the instance on: this one stays kept with its call


def _take_up_message(tx: Transaction, loaded: Loaded, call: Row[Any], now: datetime) -> Loaded:
    said = call.inputs
    try:
        values = feel.from_typed_json(said["payload"])
        moved = advance.deliver(tx, loaded, said["name"], values, None, now, said["kind"], said.get("key"))
    except ConflictError:
        # It does not await this any more: the message goes on as any that nobody awaits.
        _settle(tx, call, CallStatus.WAITING, None, now)
        wake(tx)
        return loaded
    _settle(tx, call, CallStatus.DONE, None)
    return moved


def _settle(
    tx: Transaction, call: Row[Any], status: CallStatus, result: Any, due_at: datetime | None = None
) -> None:
    row = {"b_call_id": call.id, "b_status": status, "b_result": result, "b_due_at": due_at}
    tx.execute(statements.TAKE_UP_CALL, {"b_org_id": tx.organisation, **row})


def _set(tx: Transaction, loaded: Loaded, status: InstanceStatus) -> None:
    tx.execute(statements.SET_STATUS, {**_where(loaded), "b_status": status})
    loaded.status = status


def _where(loaded: Loaded) -> dict[str, UUID]:
    return {"b_org_id": loaded.org_id, "b_instance_id": loaded.id}
