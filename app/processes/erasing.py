"""What instances hold of a customer who is erased: variables, decisions, calls, messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import null, select, update

import workflows
from app.clearing import without
from app.database import Transaction
from app.inbox.models import PendingDecision
from app.outbox.models import ServiceCall
from app.processes.message_models import KeptMessage
from app.processes.models import HistoryStep, Incident, Instance, WorkItem
from app.processes.moving_models import MovedInstance

Change = Callable[[Any], Any]


def clear(tx: Transaction, instances: Sequence[UUID], replaced: Mapping[str, str]) -> None:
    """Take a person's words out of all that these instances keep; they go on as they stood."""
    if not instances:
        return

    def cleared(value: Any) -> Any:
        return without(value, replaced)

    tx.session.execute(
        update(HistoryStep)
        .where(HistoryStep.instance_id.in_(instances))
        .values(changed=null())
        .execution_options(synchronize_session=False)
    )
    # Whoever moves an instance on holds its row: they are waited for, and read what is left here.
    standing = select(Instance).where(Instance.id.in_(instances)).order_by(Instance.id).with_for_update()
    for instance in tx.session.scalars(standing.execution_options(populate_existing=True)):
        instance.title = cleared(instance.title)
        instance.standing = cleared(instance.standing)
        instance.state = workflows.rewritten(instance.state, cleared)
    for moved in tx.session.scalars(select(MovedInstance).where(MovedInstance.instance_id.in_(instances))):
        moved.state, moved.items = workflows.rewritten(moved.state, cleared), cleared(moved.items)
    _clear_rows(tx, instances, cleared)


def _clear_rows(tx: Transaction, instances: Sequence[UUID], cleared: Change) -> None:
    items = list(tx.session.scalars(select(WorkItem).where(WorkItem.instance_id.in_(instances))))
    for item in items:
        item.inputs, item.outcome = cleared(item.inputs), cleared(item.outcome)
    held = select(PendingDecision).where(PendingDecision.work_item_id.in_([item.id for item in items]))
    for decision in tx.session.scalars(held):
        decision.result = cleared(decision.result)
    for call in tx.session.scalars(select(ServiceCall).where(ServiceCall.instance_id.in_(instances))):
        call.inputs, call.result, call.error = cleared(call.inputs), cleared(call.result), cleared(call.error)
    for incident in tx.session.scalars(select(Incident).where(Incident.instance_id.in_(instances))):
        incident.seen, incident.message = cleared(incident.seen), cleared(incident.message)
    theirs = KeptMessage.instance_id.in_(instances) | KeptMessage.from_instance.in_(instances)
    for message in tx.session.scalars(select(KeptMessage).where(theirs)):
        message.payload = cleared(message.payload)
