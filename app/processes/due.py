"""Which instances must be advanced by themselves now; several relays share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update

from app.database import transaction_across_organisations
from app.processes.models import Timer

# A relay that died with a timer in hand gives it up after so long.
LEASE = timedelta(seconds=30)

_timers = Timer.__table__.c
_DUE = (
    select(_timers.org_id, _timers.instance_id)
    .where(_timers.due_at <= bindparam("now"))
    .order_by(_timers.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKEN = (
    update(Timer)
    .where(_timers.org_id == bindparam("b_org_id"), _timers.instance_id == bindparam("b_instance_id"))
    .values(due_at=bindparam("b_until"))
)


@dataclass(frozen=True, slots=True)
class DueTimer:
    org_id: UUID
    instance_id: UUID


def take_due_timers(now: datetime, most: int) -> list[DueTimer]:
    """Return timers that are due, for this relay alone for a while.

    Advancing an instance writes its timer anew, so a taken one never fires late for having been taken.
    """
    with transaction_across_organisations() as tx:
        taken = [
            DueTimer(row.org_id, row.instance_id) for row in tx.execute(_DUE, {"now": now, "most": most})
        ]
        if taken:
            rows = [
                {"b_org_id": t.org_id, "b_instance_id": t.instance_id, "b_until": now + LEASE} for t in taken
            ]
            tx.execute(_TAKEN, rows)
    return taken
