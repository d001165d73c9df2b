"""Which waiting token a message is for: by its name, its business key, and the keys that the waiter wants."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, or_, select

import workflows
from app.columns import dump_json
from app.database import Transaction
from app.errors import ConflictError
from app.processes.models import LIVE, Instance, Subscription
from app.wording import worded
from rules import feel

_LARGEST_EXPONENT = 30


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came. `instance_id` and `element` name its one receiver, where the sender knows it.

    One that an instance throws carries that instance's business key by itself: it is then only looked at
    for waiters that want no other keys.
    """

    name: str
    payload: Mapping[str, Any]
    business_key: str | None = None
    correlation: Mapping[str, Any] = field(default_factory=dict)
    instance_id: UUID | None = None
    element: str | None = None
    from_instance: UUID | None = None


@dataclass(frozen=True, slots=True)
class Waiter:
    """A token that awaits a message."""

    instance_id: UUID
    token_key: str
    element: str


def correlates_of(correlation: Iterable[Iterable[Any]]) -> tuple[str | None, str]:
    """Return what a subscription keeps of its keys: names with paths, and the digest of the values."""
    keys = sorted(([name, value, path] for name, value, path in correlation), key=lambda key: str(key[0]))
    if not keys:
        return None, ""
    values = {name: feel.from_typed_json(value) for name, value, _ in keys}
    return dump_json([[name, path] for name, _, path in keys]), _digest(values)


def find(tx: Transaction, message: Message, now: datetime) -> list[Waiter]:
    """Return the tokens that this message fits, in the order in which their instances are locked."""
    found = Subscription.kind == "message", Subscription.name == message.name
    shapes = tx.session.scalars(select(Subscription.correlates).where(*found).distinct())
    fitting = [digest for shape in shapes if (digest := _fits(shape, message, now)) is not None]
    if not fitting:
        return []
    statement = (
        select(Subscription.instance_id, Subscription.token_key, Subscription.element)
        .join(Instance, Instance.id == Subscription.instance_id)
        .where(*found, Subscription.fits.in_(fitting), Instance.status.in_(LIVE))
        .order_by(Subscription.instance_id, Subscription.token_key)
    )
    if message.business_key is not None:
        same = func.coalesce(Subscription.business_key, Instance.business_key) == message.business_key
        own = message.from_instance is not None
        statement = statement.where(or_(Subscription.fits != "", same) if own else same)
    if message.instance_id is not None:
        statement = statement.where(Subscription.instance_id == message.instance_id)
    if message.element is not None:
        statement = statement.where(Subscription.element == message.element)
    return [Waiter(*row) for row in tx.session.execute(statement)]


def check_one(found: list[Waiter], name: str) -> None:
    """Raise ConflictError unless exactly one awaits a message: it may be early, or for several."""
    instances = {waiter.instance_id for waiter in found}
    if len(instances) != 1:
        raise not_one(len(instances), name)
    if len(found) > 1:
        elements = ", ".join(sorted({waiter.element for waiter in found}))
        several = worded(
            "{count} tokens of the instance await the message {name}, at {elements}",
            count=len(found),
            name=name,
            elements=elements,
        )
        raise ConflictError(several)


def not_one(count: int, name: str) -> ConflictError:
    return ConflictError(worded("{count} instances await the message {name}", count=count, name=name))


def _fits(shape: str | None, message: Message, now: datetime) -> str | None:
    """Return the digest that subscriptions of this shape have if the message is for them."""
    if not shape:
        return ""
    paths = [(name, path) for name, path in orjson.loads(shape)]
    values = workflows.brought(paths, message.correlation, message.payload, now)
    return None if values is None else _digest(values)


def _digest(values: Mapping[str, Any]) -> str:
    said = [[name, feel.to_typed_json(_plain(values[name]))] for name in sorted(values)]
    return hashlib.sha256(dump_json(said).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Spell a number one way: 5, 5.0 and 5.00 are one key."""
    if not isinstance(value, Decimal):
        return value
    value = value.normalize()
    exponent = value.as_tuple().exponent
    whole = isinstance(exponent, int) and 0 <= exponent < _LARGEST_EXPONENT
    return int(value) if whole else value
