"""Which flow an order follows: a draft the newest one, a submitted order the one that it was submitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

import workflows
from app.database import Transaction
from app.orders.models import Order
from app.outbox.models import ServiceCall
from app.processes import advance, deployments
from app.processes.loaded import Loaded
from app.processes.models import Instance, InstanceStatus, WorkItem, WorkItemStatus

PROCESS = "order_lifecycle"
FORM = "order"


@dataclass(frozen=True, slots=True)
class OrderForm:
    """The step at which an order's form is open, in the state of its instance."""

    state: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Flow:
    """What an order follows, and its form there, which is a fresh one where the order is past it.

    `form` is None where the flow does not begin with one.
    """

    snapshot: deployments.Snapshot
    form: OrderForm | None


def beginning(order_id: UUID | None, requester_id: UUID) -> dict[str, Any]:
    """Return the variables that an order's instance begins with."""
    return {"order_id": str(order_id) if order_id else "", "requester": str(requester_id)}


def flow_of_new(tx: Transaction, requester_id: UUID, now: datetime) -> Flow:
    """Return what an order would follow that is only thought of."""
    newest = deployments.current(tx)
    return Flow(newest, _fresh_form(newest, beginning(None, requester_id), now))


def flow_of(tx: Transaction, order: Order, now: datetime) -> Flow:
    """Return what a kept order follows, or will once it is submitted."""
    instance = tx.session.get_one(Instance, order.instance_id)
    begun = beginning(order.id, order.requester_id)
    if _is_untouched(tx, instance.id, instance.revision, instance.status):
        newest = deployments.current(tx)
        form = _fresh_form(newest, begun, now)
        if form is not None:
            return Flow(newest, form)
    own = deployments.snapshot(tx, instance.deployment_id)
    return Flow(own, _open_form(tx, instance) or _fresh_form(own, begun, now))


def follow_newest(tx: Transaction, order: Order, loaded: Loaded, by: UUID, now: datetime) -> Loaded:
    """Let a draft whose instance has done nothing yet begin anew on what is published now."""
    newest = deployments.current(tx)
    if newest.id == loaded.deployment_id or not _is_untouched(tx, loaded.id, loaded.revision, loaded.status):
        return loaded
    begun = beginning(order.id, order.requester_id)
    if _fresh_form(newest, begun, now) is None:
        return loaded
    return advance.begin_again(tx, loaded, newest, begun, by, now)


def _is_untouched(tx: Transaction, instance_id: UUID, revision: int, status: int) -> bool:
    """Whether an instance took its first step only, and asked nothing of machines in it."""
    if revision != 1 or status != InstanceStatus.RUNNING:
        return False
    return not tx.session.scalar(select(exists().where(ServiceCall.instance_id == instance_id)))


def _fresh_form(snapshot: deployments.Snapshot, begun: Mapping[str, Any], now: datetime) -> OrderForm | None:
    """Begin an order in memory; None where the flow does not begin with the order's form."""
    if PROCESS not in snapshot.deployment.processes:
        return None
    step = workflows.start(snapshot.deployment, PROCESS, begun, now, "")
    keys = [task.key for task in step.opened if task.form == FORM]
    return OrderForm(step.state, keys[0]) if keys else None


def _open_form(tx: Transaction, instance: Instance) -> OrderForm | None:
    statement = select(WorkItem.task_key).where(
        WorkItem.instance_id == instance.id, WorkItem.status == WorkItemStatus.OPEN, WorkItem.form == FORM
    )
    key = tx.session.scalar(statement)
    return OrderForm(instance.state, key) if key and instance.status == InstanceStatus.RUNNING else None
