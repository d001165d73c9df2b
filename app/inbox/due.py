"""Which held decisions count from now on; several relays share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update

from app.database import transaction, transaction_across_organisations
from app.inbox.models import PendingDecision
from app.processes.models import Incident, WorkItem

LEASE = timedelta(seconds=30)

_held = PendingDecision.__table__.c
_DUE = (
    select(_held.org_id, _held.work_item_id, _held.request_id)
    .where(_held.in_force_at <= bindparam("now"))
    .order_by(_held.in_force_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKEN = (
    update(PendingDecision)
    .where(_held.org_id == bindparam("b_org_id"), _held.work_item_id == bindparam("b_item_id"))
    .values(in_force_at=bindparam("b_until"))
)


@dataclass(frozen=True, slots=True)
class DueDecision:
    org_id: UUID
    work_item_id: UUID
    request_id: str | None


def take_due_decisions(now: datetime, most: int) -> list[DueDecision]:
    """Return held decisions whose time is over, for this relay alone for a while."""
    with transaction_across_organisations() as tx:
        rows = tx.execute(_DUE, {"now": now, "most": most}).all()
        taken = [DueDecision(row.org_id, row.work_item_id, row.request_id) for row in rows]
        if taken:
            until = now + LEASE
            tx.execute(
                _TAKEN,
                [{"b_org_id": d.org_id, "b_item_id": d.work_item_id, "b_until": until} for d in taken],
            )
    return taken


def postpone_decision(org_id: UUID, item_id: UUID, error: str, now: datetime, until: datetime) -> None:
    """Keep a decision that cannot be put in force, open an incident for it once, and try again later."""
    with transaction(org_id) as tx:
        item = tx.session.get(WorkItem, item_id)
        held = tx.session.get(PendingDecision, item_id)
        if item is None or held is None:
            return
        held.in_force_at = until
        present = select(Incident.id).where(
            Incident.instance_id == item.instance_id,
            Incident.token_key == item.task_key,
            Incident.resolved_at.is_(None),
        )
        if tx.session.scalar(present) is None:
            incident = Incident(
                org_id=org_id,
                instance_id=item.instance_id,
                token_key=item.task_key,
                element=item.element,
                message=f"the decision could not be put in force: {error}",
                at=now,
            )
            tx.session.add(incident)
