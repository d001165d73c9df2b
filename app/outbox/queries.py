"""How far the outbox lags: for the readiness check and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from app.database import Transaction
from app.outbox.models import CallStatus, ServiceCall


@dataclass(frozen=True, slots=True)
class Lag:
    """How many calls nobody has begun yet though they are due, and since when the oldest waits."""

    calls: int
    age: timedelta


def lag(tx: Transaction, now: datetime) -> Lag:
    """Count what waits for the relay, and what was sent and waits for a worker."""
    waits = and_(ServiceCall.status == CallStatus.WAITING, ServiceCall.due_at <= now)
    sent = and_(ServiceCall.status == CallStatus.SENT, ServiceCall.due_at.is_not(None))
    # A message that is published again has a new due time; `sent_at` stays.
    since = func.min(func.coalesce(ServiceCall.sent_at, ServiceCall.due_at))
    count, oldest = tx.session.execute(select(func.count(), since).where(or_(waits, sent))).one()
    return Lag(count, now - oldest if oldest else timedelta(0))
