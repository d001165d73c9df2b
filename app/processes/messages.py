"""Messages and signals from outside the engine: given to the instances that await them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, transaction
from app.errors import ConflictError
from app.moments import utc_now
from app.processes import advance, suspending
from app.processes.given import values_of
from app.processes.models import LIVE, Instance, Subscription
from app.wording import worded


def deliver(actor: Actor, name: str, payload: Mapping[str, Any], business_key: str | None = None) -> None:
    """Hand a message to the one instance (of this business key) that awaits it.

    Raises ConflictError where none or several do, and where an operator has suspended the one.
    """
    actor.require(Role.OPERATOR)
    values = values_of("payload", payload)
    with transaction(actor.org_id) as tx:
        found = awaiting(tx, "message", name, business_key)
        check_one(found, name)
        advance.deliver(tx, advance.load(tx, found[0]), name, values, actor.person_id, utc_now())


def broadcast(actor: Actor, name: str, payload: Mapping[str, Any]) -> int:
    """Hand a signal to every instance that awaits it; return to how many.

    One that is suspended takes it when it goes on.
    """
    actor.require(Role.OPERATOR)
    values, now = values_of("payload", payload), utc_now()
    with transaction(actor.org_id) as tx:
        listening = [advance.load(tx, instance_id) for instance_id in awaiting(tx, "signal", name)]
        running = [loaded for loaded in listening if not loaded.finished]
        for loaded in running:
            suspending.deliver(tx, loaded, name, values, actor.person_id, now, "signal")
    return len(running)


def awaiting(tx: Transaction, kind: str, name: str, business_key: str | None = None) -> list[UUID]:
    """Return the instances that await a message or signal, in the order in which they are locked."""
    statement = (
        select(Subscription.instance_id)
        .join(Instance, Instance.id == Subscription.instance_id)
        .where(
            Subscription.kind == kind,
            Subscription.name == name,
            Instance.status.in_(LIVE),
        )
        .distinct()
        .order_by(Subscription.instance_id)
    )
    if business_key is not None:
        statement = statement.where(Instance.business_key == business_key)
    return list(tx.session.scalars(statement))


def check_one(found: list[UUID], name: str) -> None:
    """Raise ConflictError unless exactly one instance awaits a message: it may be early, or for several."""
    if len(found) != 1:
        raise ConflictError(worded("{count} instances await the message {name}", count=len(found), name=name))
