"""The life of a service call between the change that asked for it and its answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select, update

from app.database import across_organisations, transaction, transaction_across_organisations
from app.moments import utc_now
from app.outbox.models import ON_THE_WAY, CallStatus, ServiceCall

# How long after a failure the next attempt comes; when they are used up, an operator must look.
PAUSES_SECONDS = (1, 5, 30, 120, 600)
# A message that nobody took up for so long is published again; twice as long after each attempt.
REPUBLISH_SECONDS, LONGEST_REPUBLISH_SECONDS = 30, 600
# Longer than the worker's hard time limit: after it, whoever began the call is surely gone.
LEASE_SECONDS = 40

_calls = ServiceCall.__table__.c
_DUE = (
    select(_calls.id, _calls.status, _calls.attempts, _calls.request_id)
    .where(_calls.due_at <= bindparam("now"), _calls.status.in_(ON_THE_WAY))
    .order_by(_calls.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ANY_DUE = select(_calls.id).where(_calls.due_at <= bindparam("now"), _calls.status.in_(ON_THE_WAY)).limit(1)
_PUBLISHED = (
    update(ServiceCall)
    .where(_calls.id == bindparam("b_id"))
    .values(
        status=CallStatus.SENT,
        due_at=bindparam("b_due_at"),
        sent_at=func.coalesce(_calls.sent_at, bindparam("b_now", type_=_calls.sent_at.type)),
    )
)
_WHOSE = select(
    _calls.org_id, _calls.instance_id, _calls.handler, _calls.inputs, _calls.attempts, _calls.request_id
).where(_calls.id == bindparam("call_id"))
_BEGIN = (
    update(ServiceCall)
    .where(
        _calls.org_id == bindparam("b_org_id"),
        _calls.id == bindparam("b_id"),
        or_(
            _calls.status.in_((CallStatus.WAITING, CallStatus.SENT)),
            # A call that killed as many workers as it may is not tried again, however often it is delivered.
            and_(
                _calls.status == CallStatus.RUNNING,
                _calls.due_at <= bindparam("b_now"),
                _calls.attempts < len(PAUSES_SECONDS),
            ),
        ),
    )
    .values(
        status=CallStatus.RUNNING,
        attempts=_calls.attempts + 1,
        due_at=bindparam("b_until"),
        sent_at=None,
    )
)
_POSTPONE = (
    update(ServiceCall)
    .where(
        _calls.org_id == bindparam("b_org_id"),
        _calls.id == bindparam("b_id"),
        _calls.status == CallStatus.RUNNING,
    )
    .values(status=CallStatus.WAITING, due_at=bindparam("b_due_at"), error=bindparam("b_error"))
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that this worker, and no other, performs now; `attempts` counts this one."""

    id: UUID
    org_id: UUID
    instance_id: UUID | None
    handler: str
    inputs: Mapping[str, Any]
    attempts: int
    request_id: str | None


def is_any_due() -> bool:
    """Say whether there is anything to publish, without the lock that publishing takes on SQLite."""
    with across_organisations() as tx:
        return tx.first(_ANY_DUE, {"now": utc_now()}) is not None


def publish_due(publish: Callable[[UUID, str | None], None], most: int) -> tuple[int, list[UUID]]:
    """Publish calls that are due; return how many, and those that killed every worker who took them up.

    `publish` runs before the commit: a crash between the two repeats a message, never loses one.
    """
    now = utc_now()
    with transaction_across_organisations() as tx:
        rows = tx.execute(_DUE, {"now": now, "most": most}).all()
        poisonous = [row.id for row in rows if _is_poison(row.status, row.attempts)]
        wanted = [row for row in rows if not _is_poison(row.status, row.attempts)]
        for row in wanted:
            publish(row.id, row.request_id)
        if wanted:
            tx.execute(
                _PUBLISHED,
                [
                    {"b_id": row.id, "b_now": now, "b_due_at": now + republish_after(row.attempts)}
                    for row in wanted
                ],
            )
    return len(wanted), poisonous


def _is_poison(status: int, attempts: int) -> bool:
    """Say whether a call was begun as often as it may be, and its last worker never answered."""
    return status == CallStatus.RUNNING and attempts >= len(PAUSES_SECONDS)


def republish_after(attempts: int) -> timedelta:
    return timedelta(seconds=min(REPUBLISH_SECONDS * 2**attempts, LONGEST_REPUBLISH_SECONDS))


def begin(call_id: UUID) -> Begun | None:
    """Count an attempt before it is made; None where the call is done, withdrawn or in other hands."""
    with across_organisations() as tx:
        call = tx.first(_WHOSE, {"call_id": call_id})
    if call is None:
        return None
    now = utc_now()
    until = now + timedelta(seconds=LEASE_SECONDS)
    with transaction(call.org_id) as tx:
        begun = tx.execute(_BEGIN, {"b_org_id": call.org_id, "b_id": call_id, "b_now": now, "b_until": until})
        if begun.rowcount != 1:
            return None
    return Begun(
        id=call_id,
        org_id=call.org_id,
        instance_id=call.instance_id,
        handler=call.handler,
        inputs=call.inputs,
        attempts=call.attempts + 1,
        request_id=call.request_id,
    )


def try_later(begun: Begun, error: str) -> bool:
    """Plan the next attempt of a call that failed; False where all are used up."""
    if begun.attempts > len(PAUSES_SECONDS):
        return False
    pause = PAUSES_SECONDS[begun.attempts - 1] * random.uniform(1.0, 1.25)  # noqa: S311 # spreads load
    row = {
        "b_org_id": begun.org_id,
        "b_id": begun.id,
        "b_due_at": utc_now() + timedelta(seconds=pause),
        "b_error": error,
    }
    with transaction(begun.org_id) as tx:
        tx.execute(_POSTPONE, row)
    return True
