"""Carrying due calls to the broker: the one effect that happens inside a transaction."""

from __future__ import annotations

from uuid import UUID

from celery import Celery

from app import metrics
from app.observing import log
from app.outbox import commands as outbox
from app.outbox.commands import PAUSES_SECONDS
from app.processes import commands as processes
from tasks.broker import EXECUTE, queue_length, reached

BATCH = 50
# A queue that long has enough to do: publishing more would only repeat what is in it.
LONG_QUEUE = 100


class Publisher:
    """Publishes with one Celery application, whose connection lasts."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery

    def publish_due(self) -> None:
        """Publish what is due, batch after batch, while the workers keep up."""
        # Asked before the transaction: a broker that is away must not hold a lock of the database.
        while outbox.is_any_due() and queue_length(self._celery) <= LONG_QUEUE:
            count, poisonous = outbox.publish_due(self._send, BATCH)
            for call_id in poisonous:
                _park(call_id)
            metrics.published(count)
            if count < BATCH:
                return

    def _send(self, call_id: UUID, request_id: str | None) -> None:
        with reached(self._celery):
            self._celery.send_task(
                EXECUTE, (str(call_id), request_id), task_id=str(call_id), retry=False, ignore_result=True
            )


def _park(call_id: UUID) -> None:
    log.error("call parked", call=str(call_id))
    error = f"every worker that took it up died or hung: {len(PAUSES_SECONDS)} times; it is parked"
    processes.report(call_id, processes.Failed(error))
