"""Making the tables say what a step says: one function, Core statements, inside the command's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

import workflows
from app import audit
from app.accounts.actor import person_principal
from app.columns import new_id
from app.database import Transaction
from app.errors import ConflictError
from app.observing import request_id
from app.outbox import wake
from app.outbox.models import CallStatus
from app.processes import incident_rows, matching, showing, statements
from app.processes.assignment import candidates
from app.processes.loaded import Loaded, Opened
from app.processes.models import InstanceStatus
from rules import feel

NO_DEADLINE = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an instance moved: for the history (`kind`) and the audit (`detail`)."""

    kind: str
    by: UUID | None
    at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)
    completed_key: str | None = None  # the user task whose item the command has closed itself
    left: tuple[str, ...] = ()  # whose inbox that item was in


Projector = Callable[[Transaction, Loaded, workflows.Step, Cause], None]
PROJECTORS: list[Projector] = []
Follower = Callable[[Transaction, Loaded, Loaded, Cause], Loaded]
# What moves an instance on once more because of where a step has brought it; given before and after.
FOLLOWERS: list[Follower] = []


def record(tx: Transaction, loaded: Loaded, step: workflows.Step, cause: Cause) -> Loaded:
    """Write a step; raise ConflictError where somebody else moved the instance meanwhile.

    A revision is written once: recording the same step twice is refused by it and changes nothing.
    """
    moved = _moved(loaded, step)
    moved.head = audit.append(
        tx, loaded.org_id, loaded.id, loaded.head, cause.by, cause.kind, cause.detail, cause.at
    )
    _write_instance(tx, loaded, moved, step, cause)
    left = _close_items(tx, loaded, step, cause)
    reached = _open_items(tx, moved, step, cause)
    _write_history(tx, moved, step, cause)
    _write_calls(tx, loaded, step, cause)
    _write_awaited(tx, loaded, moved)
    incident_rows.write(tx, loaded, moved, step, cause.at)
    _tell(tx, moved, cause, sorted({*cause.left, *left, *reached}))
    for project in PROJECTORS:
        project(tx, moved, step, cause)
    for follow in FOLLOWERS:
        moved = follow(tx, loaded, moved, cause)
    return moved


def note(
    tx: Transaction, loaded: Loaded, by: UUID | None, kind: str, detail: Mapping[str, Any], at: datetime
) -> None:
    """Write into an instance's chain what happened beside its steps."""
    loaded.head = audit.append(tx, loaded.org_id, loaded.id, loaded.head, by, kind, detail, at)
    tx.execute(
        statements.MOVE_HEAD,
        {
            "b_org_id": loaded.org_id,
            "b_instance_id": loaded.id,
            "b_audit_seq": loaded.head.seq,
            "b_audit_head": loaded.head.digest,
        },
    )


def _moved(loaded: Loaded, step: workflows.Step) -> Loaded:
    return Loaded(
        id=loaded.id,
        org_id=loaded.org_id,
        deployment_id=loaded.deployment_id,
        process=loaded.process,
        business_key=loaded.business_key,
        title=loaded.title,
        subject_id=loaded.subject_id,
        requester_id=loaded.requester_id,
        status=_status(loaded, step),
        revision=loaded.revision + 1,
        state=step.state,
        standing=showing.standing_of(step),
        head=loaded.head,
    )


def _status(before: Loaded, step: workflows.Step) -> int:
    if step.finished is None:
        return before.status  # an operator's step leaves a suspended instance suspended
    return InstanceStatus.CANCELLED if step.cancelled else InstanceStatus.ENDED


def _write_instance(
    tx: Transaction, before: Loaded, after: Loaded, step: workflows.Step, cause: Cause
) -> None:
    ended = cause.at if after.finished else None
    if before.revision == 0:
        tx.execute(
            statements.INSERT_INSTANCE,
            {
                **{name: getattr(after, name) for name in _KEPT},
                "audit_seq": after.head.seq,
                "audit_head": after.head.digest,
                "started_at": cause.at,
                "ended_at": ended,
                "end_event": step.finished,
            },
        )
        return
    moved = tx.execute(
        statements.MOVE_INSTANCE,
        {
            "b_org_id": before.org_id,
            "b_instance_id": before.id,
            "b_revision": before.revision,
            "b_status": after.status,
            "b_state": after.state,
            "b_standing": after.standing,
            "b_audit_seq": after.head.seq,
            "b_audit_head": after.head.digest,
            "b_ended_at": ended,
            "b_end_event": step.finished,
        },
    )
    if moved.rowcount != 1:
        raise ConflictError("somebody else moved this on at the same moment; reload and look again")


_KEPT = (
    "id",
    "org_id",
    "deployment_id",
    "process",
    "business_key",
    "title",
    "subject_id",
    "requester_id",
    "status",
    "revision",
    "state",
    "standing",
)


def whose(item: Row[Any]) -> tuple[str, ...]:
    """Return the principals in whose inbox an item is, or was before one of them took it."""
    taken = (person_principal(item.assignee_id),) if item.assignee_id else ()
    return (*item.principals, *taken)


def _close_items(tx: Transaction, loaded: Loaded, step: workflows.Step, cause: Cause) -> list[str]:
    keys = [closed.key for closed in step.closed if closed.key != cause.completed_key]
    if not keys or loaded.revision == 0:
        return []
    left: list[str] = []
    where = {"b_org_id": loaded.org_id, "b_instance_id": loaded.id}
    for key in keys:
        for item in tx.execute(statements.WHOSE_TASK, {**where, "b_task_key": key}):
            left += whose(item)
        tx.execute(statements.DELETE_ENTRIES_OF_TASK, {**where, "b_task_key": key})
        tx.execute(statements.CANCEL_ITEM, {**where, "b_task_key": key, "b_at": cause.at})
    return left


def _open_items(tx: Transaction, loaded: Loaded, step: workflows.Step, cause: Cause) -> list[str]:
    if not step.opened:
        return []
    items: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    opened: list[Opened] = []
    for task in step.opened:
        assignee, principals = candidates(tx, task)
        item_id = new_id()
        items.append(_item_row(item_id, loaded, task, assignee, principals, cause))
        due_at = task.due or NO_DEADLINE
        entries += [
            {"org_id": loaded.org_id, "work_item_id": item_id, "principal": principal, "due_at": due_at}
            for principal in principals
        ]
        opened.append(Opened(item_id, task.key, task.element, task.name, task.form))
    tx.execute(statements.INSERT_ITEM, items)
    tx.execute(statements.INSERT_ENTRY, entries)
    loaded.opened = tuple(opened)
    return sorted({entry["principal"] for entry in entries})


def _item_row(
    item_id: UUID,
    loaded: Loaded,
    task: workflows.UserTask,
    assignee: UUID | None,
    principals: list[str],
    cause: Cause,
) -> dict[str, Any]:
    return {
        "id": item_id,
        "org_id": loaded.org_id,
        "instance_id": loaded.id,
        "task_key": task.key,
        "process": task.process,
        "element": task.element,
        "name": task.name,
        "documentation": task.documentation,
        "form": task.form,
        "status": 0,
        "version": 1,
        "assignee_id": assignee,
        "principals": principals,
        "excluded": excluded_from(task.properties.get("approval.excluded")),
        "inputs": dict(task.inputs),
        "properties": {name: value for name, value in task.properties.items() if value is not None},
        "priority": task.priority,
        "opened_at": cause.at,
        "due_at": task.due,
    }


def excluded_from(said: Any) -> list[str]:
    """Read who may not decide, as a diagram says it: a list of people, or one."""
    people = said if isinstance(said, list) else [said]
    return [str(person) for person in people if person is not None]


def _write_history(tx: Transaction, loaded: Loaded, step: workflows.Step, cause: Cause) -> None:
    events = [_event(event) for event in step.events]
    tx.execute(
        statements.INSERT_HISTORY,
        {
            "org_id": loaded.org_id,
            "instance_id": loaded.id,
            "revision": loaded.revision,
            "at": cause.at,
            "person_id": cause.by,
            "cause": cause.kind,
            "events": events,
            "changed": showing.changes_of(step),
        },
    )


def _event(event: workflows.Event) -> dict[str, Any]:
    row: dict[str, Any] = {"process": event.process, "element": event.element, "kind": event.kind}
    if event.detail:
        row["detail"] = dict(event.detail)
    return row


def _write_calls(tx: Transaction, loaded: Loaded, step: workflows.Step, cause: Cause) -> None:
    for key in step.withdrawn:
        where = {"b_org_id": loaded.org_id, "b_instance_id": loaded.id, "b_call_key": key}
        tx.execute(statements.WITHDRAW_CALL, where)
    rows = [_call_row(loaded, call.handler, call.inputs, cause, call) for call in step.calls]
    rows += [_call_row(loaded, "process.message", _sent(sent, loaded), cause) for sent in step.sent]
    if rows:
        tx.execute(statements.INSERT_CALL, rows)
        wake(tx)


def _call_row(
    loaded: Loaded,
    handler: str,
    inputs: Mapping[str, Any],
    cause: Cause,
    call: workflows.ServiceCall | None = None,
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "org_id": loaded.org_id,
        "instance_id": loaded.id,
        "call_key": call.key if call else None,
        "element": call.element if call else None,
        "handler": handler,
        "inputs": dict(inputs),
        "status": CallStatus.WAITING,
        "attempts": 0,
        "due_at": cause.at,
        "created_at": cause.at,
        "request_id": request_id(),
    }


def _sent(sent: workflows.Sent, loaded: Loaded) -> dict[str, Any]:
    return {
        "kind": sent.kind,
        "name": sent.name,
        "payload": feel.to_typed_json(dict(sent.payload)),
        "correlation": feel.to_typed_json(dict(sent.correlation)),
        "from_instance": str(loaded.id),
    }


def _write_awaited(tx: Transaction, before: Loaded, after: Loaded) -> None:
    """Touch the tables of timers and subscriptions only where this step changed what is awaited."""
    where = {"b_org_id": after.org_id, "b_instance_id": after.id}
    due = after.standing["next_due"]
    was_due = before.standing.get("next_due")
    if due != was_due and not after.suspended:
        if was_due is not None:
            tx.execute(statements.DELETE_TIMER, where)
        if due is not None:
            row = {"org_id": after.org_id, "instance_id": after.id, "due_at": datetime.fromisoformat(due)}
            tx.execute(statements.INSERT_TIMER, row)
    awaits = after.standing["awaits"]
    if awaits != before.standing.get("awaits", []):
        if before.standing.get("awaits"):
            tx.execute(statements.DELETE_SUBSCRIPTIONS, where)
        if awaits:
            tx.execute(statements.INSERT_SUBSCRIPTION, [_subscription(after, *one) for one in awaits])


def _subscription(loaded: Loaded, key: str, kind: str, name: str, element: str) -> dict[str, Any]:
    correlates, fits = matching.correlates_of(loaded.standing.get("correlation", {}).get(key, ()))
    return {
        "org_id": loaded.org_id,
        "instance_id": loaded.id,
        "token_key": key,
        "kind": kind,
        "name": name,
        "element": element,
        "correlates": correlates,
        "fits": fits,
        "business_key": loaded.standing.get("business_keys", {}).get(key),
    }


def _tell(tx: Transaction, loaded: Loaded, cause: Cause, principals: list[str]) -> None:
    row = {
        "org_id": loaded.org_id,
        "at": cause.at,
        "kind": "instance",
        "subject_id": loaded.subject_id or loaded.id,
        "principals": principals,
    }
    tx.execute(statements.INSERT_CHANGE, row)
