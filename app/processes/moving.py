"""Migrating one instance to another version of its diagrams, and taking it back, in an open transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

import workflows
from app.database import Transaction
from app.errors import ConflictError
from app.processes import deployments, moved_items, reasons, statements
from app.processes.deployments import Snapshot
from app.processes.elsewhere import runnable
from app.processes.loaded import Loaded
from app.processes.models import HistoryStep, WorkItem
from app.processes.moving_models import MovedInstance
from app.processes.projections import Cause, record
from app.wording import Wording, listed, worded

_MOST_STEPS = 2_000
_AT_ONCE = 100


def verdict(
    tx: Transaction, loaded: Loaded, to: Snapshot, plan: workflows.Plan, now: datetime
) -> list[Wording]:
    """Say what keeps an instance from being migrated; nothing where it can be."""
    old, new = runnable(tx, deployments.snapshot(tx, loaded.deployment_id)), runnable(tx, to)
    found = workflows.verdict(old, new, loaded.state, plan, now)
    held = [_held(item) for item in moved_items.open_items(tx, loaded) if item.held_by]
    return [*held, *(_said(reason) for reason in found)]


def _held(item: WorkItem) -> Wording:
    return worded("{element}: a decision on it can still be taken back", element=item.name)


def _said(reason: workflows.Reason) -> Wording:
    return worded("{element}: {problem}", element=reason.element, problem=reasons.find(reason.why))


def migrate(
    tx: Transaction,
    loaded: Loaded,
    to: Snapshot,
    plan: workflows.Plan,
    reason: str,
    by: UUID,
    now: datetime,
) -> Loaded:
    """Let a locked instance go on in another deployment; raise ConflictError with every reason against it."""
    held = [_held(item) for item in moved_items.open_items(tx, loaded) if item.held_by]
    if held:
        raise _cannot(held)
    old = deployments.snapshot(tx, loaded.deployment_id)
    entered = _entered(tx, loaded)
    try:
        moved = workflows.migrate(runnable(tx, old), runnable(tx, to), loaded.state, plan, now, entered)
    except workflows.MigrationRefusedError as error:
        raise _cannot([_said(each) for each in error.reasons]) from error
    _keep(tx, loaded, moved, now)
    detail = {"reason": reason, "before": old.number, "deployment": to.number}
    after = _record(tx, loaded, to, moved.step, Cause("instance.migrated", by, now, detail))
    moved_items.rename(tx, loaded, moved.elements)
    moved_items.revise(tx, moved_items.open_items(tx, loaded), moved.revised)
    return after


def _cannot(why: list[Wording]) -> ConflictError:
    return ConflictError(worded("this cannot be migrated: {reasons}", reasons=listed(why)))


def _record(tx: Transaction, loaded: Loaded, to: Snapshot, step: workflows.Step, cause: Cause) -> Loaded:
    where = {"b_org_id": loaded.org_id, "b_instance_id": loaded.id}
    tx.execute(statements.MOVE_TO_DEPLOYMENT, {**where, "b_deployment_id": to.id})
    return record(tx, replace(loaded, deployment_id=to.id), step, cause)


def _keep(tx: Transaction, loaded: Loaded, moved: workflows.Moved, now: datetime) -> None:
    """Keep what `undo` needs, in place of what an earlier migration kept."""
    row = MovedInstance(
        instance_id=loaded.id,
        org_id=loaded.org_id,
        revision=loaded.revision + 1,
        deployment_id=loaded.deployment_id,
        state=loaded.state,
        items=moved_items.kept(moved_items.open_items(tx, loaded)),
        elements=dict(moved.former),
        resolved=list(moved.step.overtaken),
        moved_at=now,
    )
    tx.session.merge(row)
    tx.flush()


def undo(tx: Transaction, loaded: Loaded, reason: str, by: UUID, now: datetime) -> Loaded:
    """Take a migrated instance back; raise ConflictError where it has gone on since."""
    was = tx.session.get(MovedInstance, loaded.id, populate_existing=True)
    if was is None or was.revision != loaded.revision or loaded.finished:
        raise ConflictError("this has gone on since it was migrated, or never was: it cannot be taken back")
    items = moved_items.open_items(tx, loaded)
    if any(item.held_by for item in items):
        raise _cannot([_held(item) for item in items if item.held_by])
    present, former = (deployments.snapshot(tx, each) for each in (loaded.deployment_id, was.deployment_id))
    step = workflows.restate(runnable(tx, former), was.state, now)
    detail = {"reason": reason, "before": present.number, "deployment": former.number}
    after = _record(tx, loaded, former, step, Cause("instance.migration_undone", by, now, detail))
    moved_items.rename(tx, loaded, was.elements)
    moved_items.put_back(tx, moved_items.open_items(tx, loaded), was.items)
    moved_items.reopen(tx, loaded, was.resolved, was.moved_at)
    tx.session.delete(was)
    tx.flush()
    return after


def _entered(tx: Transaction, loaded: Loaded) -> Mapping[tuple[str, str], datetime]:
    """Return when the elements where it stands were entered, as far as its history tells."""
    wanted = {
        (process, element): (process, element) for process, element in loaded.standing.get("tokens", [])
    }
    found: dict[tuple[str, str], datetime] = {}
    below = loaded.revision + 1
    while wanted and below > max(0, loaded.revision - _MOST_STEPS):
        statement = (
            select(HistoryStep)
            .where(HistoryStep.instance_id == loaded.id, HistoryStep.revision < below)
            .order_by(HistoryStep.revision.desc())
            .limit(_AT_ONCE)
        )
        steps = tx.session.scalars(statement).all()
        for step in steps:
            _read(step, wanted, found)
        below = steps[-1].revision if steps else 0
    return found


def _read(
    step: HistoryStep,
    wanted: dict[tuple[str, str], tuple[str, str]],
    found: dict[tuple[str, str], datetime],
) -> None:
    """Take what a step tells; what was migrated before was entered under the name that it had then."""
    for event in reversed(step.events):
        place = (event["process"], event["element"])
        if place not in wanted:
            continue
        if event["kind"] == "entered":
            found[wanted.pop(place)] = step.at
        elif event["kind"] == "migrated" and "was" in event.get("detail", {}):
            wanted[(place[0], event["detail"]["was"])] = wanted.pop(place)
