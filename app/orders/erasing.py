"""What orders hold of a customer who is erased beyond what was sold: titles, notes, comments, mails."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, cast, or_, select, update

from app.clearing import replaced_in, without
from app.customers.erasing import Erased
from app.database import Transaction
from app.orders.drafts import LONGEST_TITLE
from app.orders.models import Comment, Feedback, IdempotentAnswer, Order, SentMail
from app.processes import erasing as processes
from app.searching import in_json

CHUNK = 500


def erase(tx: Transaction, whom: Erased) -> int:
    """Clear their orders' words; lines, amounts and papers stay, as the law wants. Return how many."""
    found = tx.session.execute(select(Order.id, Order.instance_id).where(Order.customer_id == whom.id)).all()
    for at in range(0, len(found), CHUNK):
        part = found[at : at + CHUNK]
        _clear(tx, whom, [row.id for row in part], [row.instance_id for row in part if row.instance_id])
    return len(found) + _clear_answers(tx, whom)


def _clear(tx: Transaction, whom: Erased, orders: list[UUID], instances: list[UUID]) -> None:
    session = tx.session
    for order in session.scalars(select(Order).where(Order.id.in_(orders))):
        order.title, order.note = replaced_in(order.title, whom.replaced)[:LONGEST_TITLE], ""
    # Colleagues write comments about a person too; that somebody wrote, and when, stays.
    session.execute(update(Comment).where(Comment.order_id.in_(orders)).values(text=""))
    session.execute(update(Feedback).where(Feedback.order_id.in_(orders)).values(text=""))
    session.execute(
        update(SentMail).where(SentMail.order_id.in_(orders)).values(recipients=[], subject="", body="")
    )
    processes.clear(tx, instances, whom.replaced)


def _clear_answers(tx: Transaction, whom: Erased) -> int:
    """Take them out of answers that are kept to be given again; that an answer was given stays."""
    answer = cast(IdempotentAnswer.answer, Text)
    words = (str(whom.id), *whom.replaced)
    about = [answer.ilike(in_json(word), escape="\\") for word in words if word]
    kept = tx.session.scalars(select(IdempotentAnswer).where(or_(*about))).all()
    for row in kept:
        row.answer = without(row.answer, whom.replaced)
    return len(kept)
