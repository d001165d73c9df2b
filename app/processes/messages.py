"""Messages and signals from outside an instance: given to who awaits them, beginning one, or kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, transaction
from app.moments import utc_now
from app.processes import advance, beginning, keeping_messages, matching, suspending
from app.processes.given import values_of
from app.processes.loaded import Loaded
from app.processes.matching import Message
from app.processes.models import LIVE, Instance, Subscription

TRIES = 3
Give = Callable[..., Loaded]


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a message: it was delivered, it started an instance, or it is kept."""

    outcome: str
    instance_id: UUID | None = None
    kept_id: UUID | None = None
    expires_at: datetime | None = None


def deliver(
    actor: Actor,
    name: str,
    payload: Mapping[str, Any],
    business_key: str | None = None,
    *,
    correlation: Mapping[str, Any] | None = None,
    instance_id: UUID | None = None,
    element: str | None = None,
) -> Handed:
    """Hand a message to the one who awaits it, or begin the process that starts with it, or keep it.

    Raises ConflictError where several await it or start with it, where nobody does and it is not to be
    kept, and where an operator has suspended the one.
    """
    with transaction(actor.org_id) as tx:
        return deliver_in(
            tx,
            actor,
            name,
            payload,
            business_key,
            correlation=correlation,
            instance_id=instance_id,
            element=element,
        )


def deliver_in(
    tx: Transaction,
    actor: Actor,
    name: str,
    payload: Mapping[str, Any],
    business_key: str | None = None,
    *,
    correlation: Mapping[str, Any] | None = None,
    instance_id: UUID | None = None,
    element: str | None = None,
) -> Handed:
    """As `deliver`, inside an open transaction."""
    actor.require(Role.OPERATOR)
    values, keys = values_of("payload", payload), values_of("correlation", correlation or {})
    message = Message(name, values, business_key, keys, instance_id, element)
    return hand_over(tx, message, actor.person_id, utc_now(), advance.deliver)


def hand_over(tx: Transaction, message: Message, by: UUID | None, now: datetime, give: Give) -> Handed:
    """Deliver, start or keep a message; raise ConflictError as `deliver` says."""
    found = matching.find(tx, message, now)
    for _ in range(TRIES):
        if not found:
            break
        matching.check_one(found, message.name)
        loaded = advance.load(tx, found[0].instance_id)
        # Somebody may have moved it between the look and the lock.
        again = matching.find(tx, message, now)
        if again == found:
            give(tx, loaded, message.name, message.payload, by, now, key=found[0].token_key)
            return Handed("delivered", loaded.id)
        found = again
    started = beginning.by_message(tx, message, by, now) if message.instance_id is None else None
    if started is not None:
        return Handed("started", started.id)
    kept = keeping_messages.keep(tx, message, by, now)
    if kept is None:
        raise matching.not_one(0, message.name)
    return Handed("kept", None, kept.id, kept.expires_at)


def broadcast(actor: Actor, name: str, payload: Mapping[str, Any]) -> int:
    """Hand a signal to everybody who awaits it, and begin the processes that start with it; say how many.

    One that is suspended takes it when it goes on.
    """
    with transaction(actor.org_id) as tx:
        return broadcast_in(tx, actor, name, payload)


def broadcast_in(tx: Transaction, actor: Actor, name: str, payload: Mapping[str, Any]) -> int:
    """As `broadcast`, inside an open transaction."""
    actor.require(Role.OPERATOR)
    values, now = values_of("payload", payload), utc_now()
    count = signal(tx, listening(tx, name), name, values, actor.person_id, now)
    return count + len(beginning.by_signal(tx, name, values, actor.person_id, now))


def tell(
    tx: Transaction | None, actor: Actor, variables: Mapping[str, Any], business_key: str | None
) -> list[UUID]:
    """Begin the processes that start on a condition that these variables meet; return the instances.

    Raises ConflictError where a condition cannot be answered.
    """
    actor.require(Role.OPERATOR)
    if tx is None:
        with transaction(actor.org_id) as own:
            return tell(own, actor, variables, business_key)
    values = values_of("variables", variables)
    begun = beginning.by_condition(tx, values, business_key, actor.person_id, utc_now())
    return [loaded.id for loaded in begun]


def listening(tx: Transaction, name: str) -> list[Loaded]:
    """Lock the instances that await a signal, in the order of their ids."""
    statement = (
        select(Subscription.instance_id)
        .join(Instance, Instance.id == Subscription.instance_id)
        .where(Subscription.kind == "signal", Subscription.name == name, Instance.status.in_(LIVE))
        .distinct()
        .order_by(Subscription.instance_id)
    )
    return [advance.load(tx, instance_id) for instance_id in tx.session.scalars(statement)]


def signal(
    tx: Transaction,
    heard_by: list[Loaded],
    name: str,
    values: Mapping[str, Any],
    by: UUID | None,
    now: datetime,
) -> int:
    """Give a signal to these locked instances; return to how many of them."""
    running = [loaded for loaded in heard_by if not loaded.finished]
    for loaded in running:
        suspending.deliver(tx, loaded, name, values, by, now, "signal")
    return len(running)
