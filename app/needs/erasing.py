"""What needs hold of a customer who is erased: texts and names, which are cleared; the counts stay."""

from __future__ import annotations

from sqlalchemy import or_, select, update

from app.clearing import without
from app.customers.erasing import Erased
from app.database import Transaction
from app.needs.models import KeptView, Need, NeedEvent
from app.processes import erasing as processes


def erase(tx: Transaction, whom: Erased) -> int:
    """Clear their needs, also those that know them by their exact name only; return how many."""
    by_name = (Need.customer_id.is_(None)) & (Need.customer_name == whom.name)
    theirs = select(Need.id).where(or_(Need.customer_id == whom.id, by_name))
    ids = list(tx.session.scalars(theirs))
    for at in range(0, len(ids), 500):
        part = ids[at : at + 500]
        instances = select(Need.instance_id).where(Need.id.in_(part), Need.instance_id.is_not(None))
        processes.clear(tx, list(tx.session.scalars(instances)), whom.replaced)
        tx.session.execute(update(NeedEvent).where(NeedEvent.need_id.in_(part)).values(text=""))
        tx.session.execute(
            update(Need)
            .where(Need.id.in_(part))
            .values(text="", customer_name="", next_step="", lost_reason="", version=Need.version + 1)
        )
    return len(ids) + _clear_views(tx, whom)


def _clear_views(tx: Transaction, whom: Erased) -> int:
    """Let kept filters that search for them search for their number instead."""
    about = 0
    for view in tx.session.scalars(select(KeptView)):
        query, name = without(view.query, whom.replaced), without(view.name, whom.replaced)[:80]
        if (query, name) != (view.query, view.name):
            view.query, view.name, about = query, name, about + 1
    return about
