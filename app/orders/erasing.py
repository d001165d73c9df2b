"""What orders hold of a customer who is erased beyond what was sold: titles, notes, mails, what they said."""

from __future__ import annotations

from sqlalchemy import func, select, update

from app.customers.erasing import Erased
from app.database import Transaction
from app.orders.models import Feedback, Order, SentMail
from app.processes.models import Instance

CHUNK = 500


def erase(tx: Transaction, whom: Erased) -> int:
    """Clear their orders' words; lines, amounts and papers stay, as the law wants. Return how many."""
    found = tx.session.execute(select(Order.id, Order.instance_id).where(Order.customer_id == whom.id)).all()
    for at in range(0, len(found), CHUNK):
        part = found[at : at + CHUNK]
        _clear(tx, whom, [row.id for row in part], [row.instance_id for row in part if row.instance_id])
    return len(found)


def _clear(tx: Transaction, whom: Erased, orders: list[object], instances: list[object]) -> None:
    session = tx.session
    title = func.replace(Order.title, whom.name, whom.number)
    session.execute(update(Order).where(Order.id.in_(orders)).values(title=title, note=""))
    title = func.replace(Instance.title, whom.name, whom.number)
    session.execute(update(Instance).where(Instance.id.in_(instances)).values(title=title))
    session.execute(update(Feedback).where(Feedback.order_id.in_(orders)).values(text=""))
    session.execute(
        update(SentMail).where(SentMail.order_id.in_(orders)).values(recipients=[], subject="", body="")
    )
