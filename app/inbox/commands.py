"""The approver's verbs: decide, take back, claim, release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, update

from app import audit
from app.accounts.actor import Actor, person_principal
from app.config import settings
from app.database import Transaction, transaction
from app.errors import ConflictError, InvalidError, NotFoundError
from app.inbox import policy
from app.inbox.models import PendingDecision
from app.moments import utc_now
from app.observing import request_id
from app.processes import advance, forms, incident_rows, statements
from app.processes.loaded import Loaded, Opened
from app.processes.models import WorkItem
from app.processes.projections import NO_DEADLINE, note, whose

_items = WorkItem.__table__.c
_ASSIGN = (
    update(WorkItem)
    .where(_items.org_id == bindparam("b_org_id"), _items.id == bindparam("b_item_id"))
    .values(assignee_id=bindparam("b_assignee"), version=_items.version + 1)
)
_MARK_HELD = (
    update(WorkItem)
    .where(_items.org_id == bindparam("b_org_id"), _items.id == bindparam("b_item_id"))
    .values(held_by=bindparam("b_held_by"))
)
LOOK_AGAIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision led to. `in_force_at` is None when it counts already; then `next` says what opened."""

    item_id: UUID
    instance_id: UUID
    revision: int
    finished: bool
    in_force_at: datetime | None
    next: tuple[Opened, ...] = ()


def decide(actor: Actor, item_id: UUID, given: Mapping[str, Any], *, hold: bool = False) -> Decided:
    """Complete a work item with a form's values; `hold` lets it be taken back for a few seconds."""
    now = utc_now()
    with transaction(actor.org_id) as tx:
        loaded, item = advance.load_item(tx, item_id)
        policy.check_open(tx, item)
        policy.check_may_decide(tx, actor, item)
        if item.form == "order":
            raise InvalidError("an order is submitted on its own page, not here", {"form": ["is order"]})
        result = forms.check(forms.form_of(item.form), given)
        policy.check_not_held(tx, item)
        advance.check_moving(loaded)
        if hold:
            return _hold(tx, actor, loaded, item, result, now)
        moved = advance.complete_item(tx, loaded, item, result, actor.person_id, now)
    return Decided(item_id, moved.id, moved.revision, moved.finished, None, moved.opened)


def _hold(
    tx: Transaction, actor: Actor, loaded: Loaded, item: Row[Any], result: Mapping[str, Any], now: datetime
) -> Decided:
    in_force_at = now + timedelta(seconds=settings().undo_seconds)
    held = {
        "org_id": actor.org_id,
        "work_item_id": item.id,
        "person_id": actor.person_id,
        "result": dict(result),
        "given_at": now,
        "in_force_at": in_force_at,
        "request_id": request_id(),
    }
    tx.execute(insert(PendingDecision), held)
    tx.execute(_MARK_HELD, {"b_org_id": actor.org_id, "b_item_id": item.id, "b_held_by": actor.person_id})
    _tell(tx, loaded, item, now)
    return Decided(item.id, loaded.id, loaded.revision, finished=False, in_force_at=in_force_at)


def put_in_force(org_id: UUID, item_id: UUID) -> bool:
    """Let a held decision count; False where it was taken back or the order moved on meanwhile.

    One of a suspended instance is held until that goes on.
    """
    now = utc_now()
    with transaction(org_id) as tx:
        loaded, item = advance.load_item(tx, item_id)
        held = tx.session.get(PendingDecision, item_id)
        if held is None:
            return False
        if loaded.suspended:
            held.in_force_at = now + LOOK_AGAIN
            return False
        person_id, result = held.person_id, dict(held.result)
        tx.session.delete(held)
        tx.flush()
        incident_rows.resolve(tx, loaded.id, [item.task_key], now, "the decision is no longer held")
        try:
            policy.check_open(tx, item)
        except ConflictError:
            detail = {"item": item_id, "result": forms.recorded(result)}
            audit.write(tx, "inbox", person_id, "decision.void", detail, now)
            return False
        advance.complete_item(tx, loaded, item, result, person_id, now)
    return True


def take_back(actor: Actor, item_id: UUID) -> None:
    """Undo one's own held decision; raise ConflictError when it counts already."""
    now = utc_now()
    with transaction(actor.org_id) as tx:
        loaded, item = advance.load_item(tx, item_id)
        held = tx.session.get(PendingDecision, item_id)
        if held is None or held.person_id != actor.person_id:
            raise ConflictError("it is too late to take this back: the decision is in force")
        detail = {"item": item_id, "element": item.element, "result": forms.recorded(held.result)}
        tx.session.delete(held)
        tx.flush()
        note(tx, loaded, actor.person_id, "decision.taken_back", detail, now)
        tx.execute(_MARK_HELD, {"b_org_id": actor.org_id, "b_item_id": item_id, "b_held_by": None})
        incident_rows.resolve(tx, loaded.id, [item.task_key], now, "the decision is no longer held")
        _tell(tx, loaded, item, now)


def claim(actor: Actor, item_id: UUID) -> None:
    """Take an item out of the team's view into one's own."""
    with transaction(actor.org_id) as tx:
        loaded, item = advance.load_item(tx, item_id)
        policy.check_open(tx, item)
        policy.check_may_decide(tx, actor, item)
        policy.check_not_held(tx, item)
        if item.assignee_id != actor.person_id:
            _assign(tx, item, actor.person_id, [person_principal(actor.person_id)])
            now, detail = utc_now(), {"item": item_id, "element": item.element}
            # Into the chain of the instance, which is locked anyway: the stream of the inbox is one for all.
            note(tx, loaded, actor.person_id, "item.claimed", detail, now)
            _tell(tx, loaded, item, now)


def release(actor: Actor, item_id: UUID) -> None:
    """Give a claimed item back to its team."""
    with transaction(actor.org_id) as tx:
        loaded, item = advance.load_item(tx, item_id)
        policy.check_open(tx, item)
        policy.check_not_held(tx, item)
        if item.assignee_id != actor.person_id:
            raise NotFoundError("claim of yours on work item", item_id)
        if item.principals == [person_principal(actor.person_id)]:
            raise ConflictError("this is assigned to you alone; there is no team to give it back to")
        _assign(tx, item, None, item.principals)
        now, detail = utc_now(), {"item": item_id, "element": item.element}
        note(tx, loaded, actor.person_id, "item.released", detail, now)
        _tell(tx, loaded, item, now)


def _assign(tx: Transaction, item: Row[Any], assignee: UUID | None, principals: list[str]) -> None:
    org = {"b_org_id": tx.organisation, "b_item_id": item.id}
    tx.execute(_ASSIGN, {**org, "b_assignee": assignee})
    tx.execute(statements.DELETE_ENTRIES, org)
    due_at = item.due_at or NO_DEADLINE
    rows = [
        {"org_id": tx.organisation, "work_item_id": item.id, "principal": p, "due_at": due_at}
        for p in principals
    ]
    tx.execute(statements.INSERT_ENTRY, rows)


def _tell(tx: Transaction, loaded: Loaded, item: Row[Any], now: datetime) -> None:
    row = {
        "org_id": tx.organisation,
        "at": now,
        "kind": "item",
        "subject_id": loaded.subject_id or loaded.id,
        "principals": list(whose(item)),
    }
    tx.execute(statements.INSERT_CHANGE, row)
