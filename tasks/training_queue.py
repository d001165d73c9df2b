"""Handing trainings to workers, few at a time, so that service calls always find one free."""

from __future__ import annotations

import time
from uuid import UUID

from celery import Celery

from app.insights import training
from tasks.broker import TRAIN, reached

LOOK_SECONDS = 1.0


class TrainingQueue:
    """Publishes with the relay's Celery application; `at_once` trainings run in the whole installation."""

    def __init__(self, celery: Celery, at_once: int) -> None:
        self._celery, self._at_once = celery, at_once
        self._looked_at = 0.0

    def hand_out(self) -> None:
        """Hand out what is due; asked more often than once a second, do nothing."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        if training.is_any_due():
            training.hand_out(self._send, self._at_once)

    def _send(self, org_id: UUID, run_id: UUID) -> None:
        with reached(self._celery):
            self._celery.send_task(TRAIN, (str(org_id), str(run_id)), retry=False, ignore_result=True)
