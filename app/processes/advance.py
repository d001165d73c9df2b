"""Moving an instance inside an open transaction: what the commands of every room share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

import workflows
from app import audit
from app.audit import Head
from app.columns import new_id
from app.database import Transaction
from app.errors import ConflictError, NotFoundError
from app.processes import deployments, forms, incident_rows, statements
from app.processes.elsewhere import runnable
from app.processes.errors import SuspendedError, starved
from app.processes.loaded import Loaded, loaded_from
from app.processes.models import InstanceStatus, WorkItemStatus
from app.processes.projections import Cause, record, whose
from app.wording import worded

_NO_CHAIN = Head(0, b"")


def begin(
    tx: Transaction,
    *,
    process: str,
    variables: Mapping[str, Any],
    business_key: str,
    title: str,
    subject_id: UUID | None,
    requester_id: UUID | None,
    by: UUID | None,
    now: datetime,
    at: str | None = None,
) -> Loaded:
    """Start a process of the organisation's newest deployment, at the start event `at` where one is named."""
    running_on = deployments.current(tx)
    if process not in running_on.deployment.processes:
        raise NotFoundError("process", process)
    step = workflows.start(runnable(tx, running_on), process, variables, now, business_key, at=at)
    fresh = Loaded(
        id=new_id(),
        org_id=tx.organisation,
        deployment_id=running_on.id,
        process=process,
        business_key=business_key,
        title=title,
        subject_id=subject_id,
        requester_id=requester_id,
        status=InstanceStatus.RUNNING,
        revision=0,
        state=b"",
        standing={},
        head=_NO_CHAIN,
    )
    detail = {"process": process, "deployment": running_on.number, "key": business_key}
    return record(tx, fresh, step, Cause("instance.started", by, now, detail))


def begin_again(
    tx: Transaction,
    loaded: Loaded,
    on: deployments.Snapshot,
    variables: Mapping[str, Any],
    by: UUID | None,
    now: datetime,
) -> Loaded:
    """Put an instance at the beginning of another deployment; what it had opened is closed, incidents too.

    For one that has done nothing yet: calls on their way and awaited messages are not looked after.
    """
    step = workflows.start(runnable(tx, on), loaded.process, variables, now, loaded.business_key)
    closed = tuple(workflows.Closed(item.task_key, "cancelled") for item in open_items(tx, loaded))
    # Its milestones are passed already: it stands where it stood.
    step = replace(step, closed=closed, milestones=())
    where = {"b_org_id": loaded.org_id, "b_instance_id": loaded.id}
    tx.execute(statements.MOVE_TO_DEPLOYMENT, {**where, "b_deployment_id": on.id})
    incident_rows.close_all(tx, loaded, now, "the process began anew")
    moved = replace(loaded, deployment_id=on.id)
    return record(tx, moved, step, Cause("instance.begun_again", by, now, {"deployment": on.number}))


def load(tx: Transaction, instance_id: UUID) -> Loaded:
    """Lock an instance and read it; raise NotFoundError for another organisation's."""
    row = tx.first(statements.LOCK_INSTANCE, {"b_org_id": tx.organisation, "b_instance_id": instance_id})
    if row is None:
        raise NotFoundError("instance", instance_id)
    return loaded_from(row)


def look(tx: Transaction, instance_id: UUID) -> Loaded:
    """Read an instance without locking it, to say what would come of something."""
    row = tx.first(statements.READ_INSTANCE, {"b_org_id": tx.organisation, "b_instance_id": instance_id})
    if row is None:
        raise NotFoundError("instance", instance_id)
    return loaded_from(row)


def load_item(tx: Transaction, item_id: UUID) -> tuple[Loaded, Row[Any]]:
    """Lock an instance by one of its work items, and read both."""
    row = tx.first(statements.LOCK_ITEM, {"b_org_id": tx.organisation, "b_item_id": item_id})
    if row is None:
        raise NotFoundError("work item", item_id)
    return loaded_from(row, "instance_"), row


def open_items(tx: Transaction, loaded: Loaded) -> list[Row[Any]]:
    """Return the open work items of a locked instance."""
    where = {"b_org_id": loaded.org_id, "b_instance_id": loaded.id}
    return list(tx.execute(statements.OPEN_ITEMS, where).all())


def complete_item(
    tx: Transaction,
    loaded: Loaded,
    item: Row[Any],
    result: Mapping[str, Any],
    by: UUID | None,
    now: datetime,
    outcome: Mapping[str, Any] | None = None,
) -> Loaded:
    """Close a work item and move its instance on; `outcome` is what the item keeps (default: result).

    Raises ConflictError where it is closed already, SuspendedError where only operators move the instance.
    """
    check_moving(loaded)
    kept = dict(outcome if outcome is not None else result)
    if item.status != WorkItemStatus.OPEN:
        raise ConflictError("this was decided already", by=str(item.done_by))
    guarded = tx.execute(
        statements.COMPLETE_ITEM,
        {"b_org_id": loaded.org_id, "b_item_id": item.id, "b_at": now, "b_by": by, "b_outcome": kept},
    )
    if guarded.rowcount != 1:
        raise ConflictError("this was decided already")
    tx.execute(statements.DELETE_ENTRIES, {"b_org_id": loaded.org_id, "b_item_id": item.id})
    step = workflows.complete(_deployment(tx, loaded), loaded.state, item.task_key, result, now)
    detail = {"item": item.id, "element": item.element, "result": forms.recorded(kept)}
    cause = Cause("item.completed", by, now, detail, completed_key=item.task_key, left=whose(item))
    return record(tx, loaded, step, cause)


def deliver(
    tx: Transaction,
    loaded: Loaded,
    message: str,
    payload: Mapping[str, Any],
    by: UUID | None,
    now: datetime,
    kind: str = "message",
    key: str | None = None,
    untold: Collection[str] = (),
) -> Loaded:
    """Hand a message or signal to an instance; raise ConflictError where it does not await the message.

    `untold`: what of the payload may speak of a person, and so is not written into the record.
    `key` names the token that has the message, where several may await it. SuspendedError is a ConflictError:
    who does not want to be refused lets `suspending.deliver` keep it.
    """
    if loaded.finished:
        raise ConflictError(worded("this has ended and awaits no {message}", message=message))
    check_moving(loaded)
    deployment = _deployment(tx, loaded)
    try:
        step = workflows.receive(
            deployment, loaded.state, payload=payload, now=now, key=key, **{kind: message}
        )
    except workflows.NotAwaitedError as error:
        raise ConflictError(str(error)) from error
    shown = {name: value for name, value in payload.items() if name not in untold}
    detail = {"name": message, **audit.told("payload", shown)}
    return record(tx, loaded, step, Cause(f"{kind}.received", by, now, detail))


def finish_call(
    tx: Transaction,
    loaded: Loaded,
    call_key: str,
    result: Mapping[str, Any],
    now: datetime,
    told: Mapping[str, Any],
) -> Loaded:
    """Give the answer of a service call to its instance; `told` is for the record."""
    step = workflows.complete(_deployment(tx, loaded), loaded.state, call_key, result, now)
    return record(tx, loaded, step, Cause("call.succeeded", None, now, told))


def fail_call(
    tx: Transaction,
    loaded: Loaded,
    call_key: str,
    code: str,
    message: str,
    variables: Mapping[str, Any],
    now: datetime,
    told: Mapping[str, Any],
) -> Loaded:
    """Raise a BPMN error at a service call; the diagram's boundary event or an incident catches it."""
    deployment = _deployment(tx, loaded)
    step = workflows.fail(deployment, loaded.state, call_key, code, message, variables, now)
    return record(tx, loaded, step, Cause("call.refused", None, now, told))


def tick(tx: Transaction, loaded: Loaded, now: datetime) -> Loaded:
    """Fire what is due; nothing is written where nothing is."""
    step = workflows.tick(_deployment(tx, loaded), loaded.state, now)
    if not step.events:
        return loaded
    return record(tx, loaded, step, Cause("timer.fired", None, now))


def retry(
    tx: Transaction,
    loaded: Loaded,
    token_key: str,
    variables: Mapping[str, Any] | None,
    by: UUID | None,
    now: datetime,
) -> Loaded:
    """Try an element again that stands at an incident.

    Raises workflows.NotOpenError where none stands there, and ConflictError where trying again cannot help.
    """
    try:
        step = workflows.retry(_deployment(tx, loaded), loaded.state, token_key, now, variables or {})
    except workflows.StarvedError as error:
        raise starved(error) from error
    detail = {"key": token_key, **audit.told("variables", variables or {})}
    return record(tx, loaded, step, Cause("incident.retried", by, now, detail))


def cancel(tx: Transaction, loaded: Loaded, reason: str, by: UUID | None, now: datetime) -> Loaded:
    """End an instance at once, whatever it waits for."""
    step = workflows.cancel(_deployment(tx, loaded), loaded.state, now)
    return record(tx, loaded, step, Cause("instance.cancelled", by, now, {"reason": reason}))


def check_moving(loaded: Loaded) -> None:
    """Raise SuspendedError for an instance that only operators move."""
    if loaded.suspended:
        raise SuspendedError


def _deployment(tx: Transaction, loaded: Loaded) -> workflows.Deployment:
    if loaded.finished:
        raise ConflictError("this has ended")
    return runnable(tx, deployments.snapshot(tx, loaded.deployment_id))
