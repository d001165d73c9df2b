"""What needs hold of a customer who is erased: texts and names, which are cleared; the counts stay."""

from __future__ import annotations

from sqlalchemy import null, or_, select, update

from app.customers.erasing import Erased
from app.database import Transaction
from app.needs.models import Need, NeedEvent
from app.processes.models import HistoryStep


def erase(tx: Transaction, whom: Erased) -> int:
    """Clear their needs, also those that know them by their exact name only; return how many."""
    by_name = (Need.customer_id.is_(None)) & (Need.customer_name == whom.name)
    theirs = select(Need.id).where(or_(Need.customer_id == whom.id, by_name))
    ids = list(tx.session.scalars(theirs))
    for at in range(0, len(ids), 500):
        part = ids[at : at + 500]
        instances = select(Need.instance_id).where(Need.id.in_(part))
        tx.session.execute(
            update(HistoryStep)
            .where(HistoryStep.instance_id.in_(instances))
            .values(changed=null())
            .execution_options(synchronize_session=False)
        )
        tx.session.execute(update(NeedEvent).where(NeedEvent.need_id.in_(part)).values(text=""))
        tx.session.execute(
            update(Need)
            .where(Need.id.in_(part))
            .values(text="", customer_name="", next_step="", lost_reason="", version=Need.version + 1)
        )
    return len(ids)
