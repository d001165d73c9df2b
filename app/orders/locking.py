"""Loading an order to change it: its instance is locked first, as everywhere, then the order itself."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction
from app.errors import NotFoundError, StaleError
from app.orders.errors import NotEditableError, NotYoursError
from app.orders.models import Order, OrderStatus
from app.processes import advance
from app.processes.loaded import Loaded

EDITABLE = frozenset({OrderStatus.DRAFT, OrderStatus.CHANGES_REQUESTED})


def lock(tx: Transaction, order_id: UUID) -> tuple[Order, Loaded]:
    """Lock an order with its instance; raise NotFoundError for another organisation's."""
    instance_id = find(tx, order_id).instance_id
    if instance_id is None:
        raise NotFoundError("instance of order", order_id)
    loaded = advance.load(tx, instance_id)
    return lock_alone(tx, order_id), loaded


def lock_alone(tx: Transaction, order_id: UUID) -> Order:
    """Lock the order's row only: for effects, which never move its instance in the same transaction."""
    order = tx.session.scalar(
        select(Order)
        .where(Order.id == order_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFoundError("order", order_id)
    return order


def find(tx: Transaction, order_id: UUID) -> Order:
    order = tx.session.scalar(select(Order).where(Order.id == order_id))
    if order is None:
        raise NotFoundError("order", order_id)
    return order


def check_owner(actor: Actor, order: Order, verb: str) -> None:
    """Raise NotYoursError unless the actor entered this order, or administers."""
    if order.requester_id != actor.person_id and Role.ADMINISTRATOR not in actor.roles:
        raise NotYoursError(order.number, verb)


def check_editable(order: Order, version: int | None) -> None:
    """Raise where the order is no draft, or is not the version that the caller edited."""
    if order.status not in EDITABLE:
        raise NotEditableError(order.number, order.status)
    if version is not None and version != order.version:
        raise StaleError("somebody changed this order meanwhile; reload it", version=order.version)
