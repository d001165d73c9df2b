"""What stays open when an instance changes its version: items, calls and incidents say where it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

import workflows
from app.accounts.actor import person_principal
from app.database import Transaction
from app.outbox.models import OPEN, ServiceCall
from app.processes import statements
from app.processes.assignment import candidates
from app.processes.loaded import Loaded
from app.processes.models import InboxEntry, Incident, WorkItem, WorkItemStatus
from app.processes.projections import NO_DEADLINE, excluded_from

_KEPT = (
    "process",
    "element",
    "name",
    "documentation",
    "form",
    "principals",
    "excluded",
    "inputs",
    "properties",
    "priority",
)


def open_items(tx: Transaction, loaded: Loaded) -> list[WorkItem]:
    """Return the open work items of a locked instance, to be changed."""
    statement = select(WorkItem).where(
        WorkItem.instance_id == loaded.id, WorkItem.status == WorkItemStatus.OPEN
    )
    return list(tx.session.scalars(statement.execution_options(populate_existing=True)))


def kept(items: Iterable[WorkItem]) -> list[dict[str, Any]]:
    """Return what `put_back` needs to make them again what they are."""
    return [
        {
            "id": str(item.id),
            "assignee_id": str(item.assignee_id) if item.assignee_id else None,
            "due_at": item.due_at.isoformat() if item.due_at else None,
            **{name: getattr(item, name) for name in _KEPT},
        }
        for item in items
    ]


def revise(tx: Transaction, items: Iterable[WorkItem], tasks: Iterable[workflows.UserTask]) -> None:
    """Say open items anew as their user tasks are drawn now; whoever claimed one keeps it."""
    by_key = {task.key: task for task in tasks}
    for item in items:
        task = by_key.get(item.task_key)
        if task is not None:
            _revise(tx, item, task)


def _revise(tx: Transaction, item: WorkItem, task: workflows.UserTask) -> None:
    assignee, principals = candidates(tx, task)
    if not _is_claimed(item):
        item.assignee_id = assignee
    item.element, item.process, item.name = task.element, task.process, task.name
    item.documentation, item.form, item.principals = task.documentation, task.form, principals
    item.excluded = excluded_from(task.properties.get("approval.excluded"))
    item.inputs, item.priority, item.due_at = dict(task.inputs), task.priority, task.due
    item.properties = {name: value for name, value in task.properties.items() if value is not None}
    _settle(tx, item)


def _is_claimed(item: WorkItem) -> bool:
    """Whether somebody took it: whom the diagram names is its only candidate."""
    return item.assignee_id is not None and item.principals != [person_principal(item.assignee_id)]


def put_back(tx: Transaction, items: Iterable[WorkItem], before: Iterable[Mapping[str, Any]]) -> None:
    """Make open items again what they were; a claim that came since stays."""
    by_id = {UUID(each["id"]): each for each in before}
    for item in items:
        was = by_id[item.id]
        if not _is_claimed(item):
            item.assignee_id = UUID(was["assignee_id"]) if was["assignee_id"] else None
        for name in _KEPT:
            setattr(item, name, was[name])
        item.due_at = datetime.fromisoformat(was["due_at"]) if was["due_at"] else None
        _settle(tx, item)


def _settle(tx: Transaction, item: WorkItem) -> None:
    """Put an item into the inboxes where it belongs; a page that shows what it was is told so."""
    item.version += 1
    tx.flush()
    tx.session.execute(delete(InboxEntry).where(InboxEntry.work_item_id == item.id))
    reached = [person_principal(item.assignee_id)] if item.assignee_id else list(item.principals)
    rows = [
        {
            "org_id": tx.organisation,
            "work_item_id": item.id,
            "principal": principal,
            "due_at": item.due_at or NO_DEADLINE,
        }
        for principal in reached
    ]
    tx.execute(statements.INSERT_ENTRY, rows)


def rename(tx: Transaction, loaded: Loaded, elements: Mapping[str, str]) -> None:
    """Let what is open at these tokens name the elements where they stand now."""
    for key, element in elements.items():
        values = {"element": element}
        tx.session.execute(
            update(WorkItem)
            .where(
                WorkItem.instance_id == loaded.id,
                WorkItem.task_key == key,
                WorkItem.status == WorkItemStatus.OPEN,
            )
            .values(version=WorkItem.version + 1, **values)
        )
        tx.session.execute(
            update(ServiceCall)
            .where(
                ServiceCall.instance_id == loaded.id,
                ServiceCall.call_key == key,
                ServiceCall.status.in_(OPEN),
            )
            .values(values)
        )
        tx.session.execute(
            update(Incident)
            .where(
                Incident.instance_id == loaded.id, Incident.token_key == key, Incident.resolved_at.is_(None)
            )
            .values(values)
        )


def reopen(tx: Transaction, loaded: Loaded, keys: Iterable[str], resolved_at: datetime) -> None:
    """Open the incidents again that ended when the instance changed its version."""
    for key in keys:
        tx.session.execute(
            update(Incident)
            .where(
                Incident.instance_id == loaded.id,
                Incident.token_key == key,
                Incident.resolved_at == resolved_at,
            )
            .values(resolved_at=None, resolution=None)
        )
