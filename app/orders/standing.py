"""Where an order's instance stands: what is lit in each diagram, what was passed, and whom it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.models import Team
from app.database import Transaction
from app.processes import deployments
from app.processes.models import HistoryStep, Instance, WorkItem, WorkItemStatus
from app.wording import worded

PASSED = "completed"


@dataclass(frozen=True, slots=True)
class ProcessStanding:
    """One diagram of the instance: `lit` holds a token now, `passed` was completed at least once.

    `file` and `deployment_number` say which drawing: the one that this instance runs on.
    """

    process: str
    file: str
    deployment_number: int
    lit: tuple[str, ...]
    passed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open work item: what is asked, of whom, until when."""

    item_id: UUID
    instance_id: UUID
    name: str
    element: str
    whom: tuple[str, ...]
    due_at: datetime | None


def standing_of(tx: Transaction, instance_id: UUID) -> tuple[ProcessStanding, ...]:
    """Return each diagram that the instance has entered, in the order of entering."""
    instance = tx.session.get(Instance, instance_id)
    if instance is None:
        return ()
    lit: dict[str, list[str]] = {}
    for process, element in instance.standing.get("tokens", []):
        lit.setdefault(process, []).append(element)
    passed = _passed(tx, instance_id)
    snapshot = deployments.snapshot(tx, instance.deployment_id)
    return tuple(
        ProcessStanding(
            process=process,
            file=snapshot.deployment.processes[process].file,
            deployment_number=snapshot.number,
            lit=tuple(dict.fromkeys(lit.get(process, []))),
            passed=tuple(passed.get(process, {})),
        )
        for process in dict.fromkeys([*passed, *lit])
        # What an instance came through before it was migrated may be gone.
        if process in snapshot.deployment.processes
    )


def _passed(tx: Transaction, instance_id: UUID) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for step in steps_of(tx, instance_id):
        for event in step.events:
            elements = found.setdefault(event["process"], {})
            if event["kind"] == PASSED:
                elements[event["element"]] = None
    return found


def steps_of(tx: Transaction, instance_id: UUID) -> Sequence[HistoryStep]:
    statement = (
        select(HistoryStep).where(HistoryStep.instance_id == instance_id).order_by(HistoryStep.revision)
    )
    return tx.session.scalars(statement).all()


def waiting_of(tx: Transaction, instance_ids: Iterable[UUID]) -> list[Waiting]:
    """Return the open work items of these instances, the most urgent first."""
    statement = (
        select(WorkItem)
        .where(WorkItem.instance_id.in_(list(instance_ids)), WorkItem.status == WorkItemStatus.OPEN)
        .order_by(WorkItem.due_at, WorkItem.opened_at)
    )
    items = list(tx.session.scalars(statement))
    names = _names(tx, items)
    return [
        Waiting(
            item_id=item.id,
            instance_id=item.instance_id,
            name=worded(item.name),
            element=item.element,
            whom=tuple(names.get(principal, principal) for principal in _principals(item)),
            due_at=item.due_at,
        )
        for item in items
    ]


def _principals(item: WorkItem) -> list[str]:
    if item.assignee_id is not None:
        return [f"p:{item.assignee_id}"]
    return list(item.principals)


def _names(tx: Transaction, items: Sequence[WorkItem]) -> dict[str, str]:
    principals = {principal for item in items for principal in _principals(item)}
    teams = [name[2:] for name in principals if name.startswith("t:")]
    people = [UUID(name[2:]) for name in principals if name.startswith("p:")]
    names: dict[str, Any] = {f"p:{key}": name for key, name in accounts.names_of(tx, people).items()}
    if teams:
        rows = tx.session.execute(select(Team.key, Team.name).where(Team.key.in_(teams)))
        names |= {f"t:{row.key}": worded(row.name) for row in rows}
    return names
