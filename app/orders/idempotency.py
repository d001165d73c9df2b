"""A request that is repeated under its key gets the first answer again, also when two arrive at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from app.database import Transaction, transaction
from app.moments import utc_now
from app.orders.errors import KeyReusedError
from app.orders.models import IdempotentAnswer

UNANSWERED = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered, as JSON."""

    status: int
    body: dict[str, Any]


def answer_once(
    org_id: UUID, key: str, operation: str, body_digest: str, produce: Callable[[Transaction], Answer]
) -> Answer:
    """Answer a request once for each key; raise KeyReusedError where the key came with another body.

    `produce` does the work inside the one transaction. What it refuses is not kept: the key stays free.
    """
    try:
        with transaction(org_id) as tx:
            found = tx.session.get(IdempotentAnswer, (org_id, key))
            if found is not None:
                return _again(found, operation, body_digest)
            _claim(tx, key, operation, body_digest)
            answer = produce(tx)
            _keep(tx, key, answer)
            return answer
    except _TakenError:
        with transaction(org_id) as tx:
            return _again(tx.session.get_one(IdempotentAnswer, (org_id, key)), operation, body_digest)


class _TakenError(Exception):
    """Somebody else has just answered under this key."""


def _claim(tx: Transaction, key: str, operation: str, body_digest: str) -> None:
    """Write the key first: a second request waits here until the first is committed, and then fails."""
    row = {
        "org_id": tx.organisation,
        "key": key,
        "operation": operation,
        "body_digest": body_digest,
        "status": UNANSWERED,
        "answer": {},
        "at": utc_now(),
    }
    try:
        tx.execute(insert(IdempotentAnswer), row)
    except IntegrityError as error:
        raise _TakenError from error


def _keep(tx: Transaction, key: str, answer: Answer) -> None:
    statement = (
        update(IdempotentAnswer)
        .where(IdempotentAnswer.org_id == tx.organisation, IdempotentAnswer.key == key)
        .values(status=answer.status, answer=answer.body)
    )
    tx.execute(statement)


def _again(found: IdempotentAnswer, operation: str, body_digest: str) -> Answer:
    if (found.operation, found.body_digest) != (operation, body_digest):
        raise KeyReusedError(found.key)
    return Answer(found.status, found.answer)
