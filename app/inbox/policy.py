"""Who may decide: asked once, in the command, whatever door the request came through."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.database import Transaction
from app.inbox.errors import (
    AlreadyDecidedError,
    ClaimedError,
    NoLongerOpenError,
    NotCandidateError,
    OwnOrderError,
)
from app.inbox.models import PendingDecision
from app.processes.models import WorkItemStatus


def check_open(tx: Transaction, item: Row[Any]) -> None:
    """Raise where the item is decided, held for somebody's decision, or no longer asked."""
    if item.status == WorkItemStatus.CANCELLED:
        raise NoLongerOpenError
    if item.status == WorkItemStatus.COMPLETED:
        raise AlreadyDecidedError(_name(tx, item.done_by), item.done_at)


def check_not_held(tx: Transaction, item: Row[Any]) -> None:
    """Raise where a decision was given that is only waiting for its undo time to pass."""
    if item.held_by is None:  # read with the lock: most decisions need no second look
        return
    held = tx.session.get(PendingDecision, item.id)
    if held is not None:
        raise AlreadyDecidedError(_name(tx, held.person_id), held.given_at)


def check_may_decide(tx: Transaction, actor: Actor, item: Row[Any]) -> None:
    """Raise where this person may not decide this item."""
    if str(actor.person_id) in item.excluded:
        raise OwnOrderError
    if item.assignee_id is not None:
        if item.assignee_id != actor.person_id:
            raise ClaimedError(item.assignee_id, _name(tx, item.assignee_id))
        return
    if not set(actor.principals) & set(item.principals):
        raise NotCandidateError([name.removeprefix("t:") for name in item.principals])


def _name(tx: Transaction, person_id: Any) -> str:
    return accounts.names_of(tx, [person_id]).get(person_id, "")
