"""What an order can be told: begin, change, submit, place, cancel, comment. Each is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.database import Transaction, transaction
from app.errors import ConflictError, InvalidError
from app.moments import utc_now
from app.orders import drafts, locking
from app.orders.detail import OrderDetail, get_order
from app.orders.errors import NotYoursError, TooLateError
from app.orders.models import Comment
from app.orders.submission import submit_in
from app.orders.terms import Change, NewOrder
from app.processes import advance, news
from app.processes.errors import SuspendedError
from app.wording import worded

CANCELLED = "order.cancelled"
LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """A comment that was kept."""

    id: UUID
    order_id: UUID
    person_id: UUID
    person_name: str
    text: str
    at: datetime


def place(actor: Actor, new: NewOrder, *, submit: bool = False) -> OrderDetail:
    """Begin an order and perhaps submit it: both or nothing."""
    with transaction(actor.org_id) as tx:
        return place_in(tx, actor, new, submit=submit)


def place_in(tx: Transaction, actor: Actor, new: NewOrder, *, submit: bool) -> OrderDetail:
    """As `place`, in an open transaction."""
    actor.require(Role.SALES)
    order_id = drafts.create_draft_in(tx, actor, new)
    if submit:
        submit_in(tx, actor, order_id)
    return get_order(tx, order_id)


def change_order(actor: Actor, order_id: UUID, change: Change, version: int | None) -> OrderDetail:
    """Change a draft; raise StaleError where somebody changed it after `version`."""
    actor.require(Role.SALES)
    with transaction(actor.org_id) as tx:
        drafts.change_in(tx, actor, order_id, change, version)
        return get_order(tx, order_id)


def change_customer(actor: Actor, order_id: UUID, customer_id: UUID) -> int:
    """Give a draft another customer, at list prices; return how many lines have another price now."""
    actor.require(Role.SALES)
    with transaction(actor.org_id) as tx:
        return drafts.change_customer_in(tx, actor, order_id, customer_id)


def submit(actor: Actor, order_id: UUID, version: int | None = None) -> OrderDetail:
    """Ask for the approval of a draft."""
    actor.require(Role.SALES)
    with transaction(actor.org_id) as tx:
        submit_in(tx, actor, order_id, version)
        return get_order(tx, order_id)


def cancel(actor: Actor, order_id: UUID, reason: str) -> OrderDetail:
    """Cancel an order wherever it stands; its diagram undoes what was done. Raise TooLateError at its end."""
    with transaction(actor.org_id) as tx:
        order, loaded = locking.lock(tx, order_id)
        if order.requester_id != actor.person_id and not actor.has_role(Role.OPERATOR):
            raise NotYoursError(order.number, "cancel")
        _check_text(worded("say why the order is cancelled"), "reason", reason)
        try:
            advance.deliver(
                tx, loaded, CANCELLED, {"reason": reason}, actor.person_id, utc_now(), untold=("reason",)
            )
        except SuspendedError:
            raise
        except ConflictError as error:
            raise TooLateError(order.number, order.status) from error
        _add_comment(tx, actor, order_id, reason)
        return get_order(tx, order_id)


def comment(actor: Actor, order_id: UUID, text: str) -> Said:
    """Say something about an order, for everybody who reads it."""
    _check_text(worded("there is nothing to keep"), "text", text)
    with transaction(actor.org_id) as tx:
        locking.find(tx, order_id)
        said = _add_comment(tx, actor, order_id, text.strip())
        news.tell(tx, "comment", order_id, said.at)
        return said


def _check_text(message: str, field: str, text: str) -> None:
    if not text.strip():
        raise InvalidError(message, {field: ["is empty"]})
    if len(text) > LONGEST_TEXT:
        raise InvalidError(
            message, {field: [worded("has more than {longest} characters", longest=LONGEST_TEXT)]}
        )


def _add_comment(tx: Transaction, actor: Actor, order_id: UUID, text: str) -> Said:
    said = Said(new_id(), order_id, actor.person_id, actor.name, text, utc_now())
    tx.session.add(
        Comment(
            id=said.id,
            org_id=tx.organisation,
            order_id=order_id,
            person_id=actor.person_id,
            text=text,
            at=said.at,
        )
    )
    audit.write(tx, f"order:{order_id}", actor.person_id, "order.commented", {"comment": said.id})
    return said
