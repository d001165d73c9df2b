"""What orders hold of a customer who is erased beyond what was sold: titles, notes, mails, what they said."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast, func, or_, select, update

from app.customers.erasing import Erased
from app.database import Transaction
from app.orders.models import Feedback, IdempotentAnswer, Order, SentMail
from app.processes.models import Instance
from app.searching import in_json

CHUNK = 500
# What an answer says in free words, whoever wrote them.
WORDS = ("note", "text")


def erase(tx: Transaction, whom: Erased) -> int:
    """Clear their orders' words; lines, amounts and papers stay, as the law wants. Return how many."""
    found = tx.session.execute(select(Order.id, Order.instance_id).where(Order.customer_id == whom.id)).all()
    for at in range(0, len(found), CHUNK):
        part = found[at : at + CHUNK]
        _clear(tx, whom, [row.id for row in part], [row.instance_id for row in part if row.instance_id])
    return len(found) + _clear_answers(tx, whom)


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


def _clear_answers(tx: Transaction, whom: Erased) -> int:
    """Take them out of answers that are kept to be given again; that an answer was given stays."""
    answer = cast(IdempotentAnswer.answer, Text)
    words = (str(whom.id), whom.name, whom.email)
    about = [answer.ilike(in_json(word), escape="\\") for word in words if word]
    kept = tx.session.scalars(select(IdempotentAnswer).where(or_(*about))).all()
    for row in kept:
        row.answer = _without(row.answer, whom)
    return len(kept)


def _without(value: Any, whom: Erased) -> Any:
    if isinstance(value, dict):
        return {
            name: "" if name in WORDS and isinstance(inside, str) else _without(inside, whom)
            for name, inside in value.items()
        }
    if isinstance(value, list):
        return [_without(inside, whom) for inside in value]
    if isinstance(value, str):
        for word in (whom.name, whom.email):
            value = value.replace(word, whom.number) if word else value
    return value
