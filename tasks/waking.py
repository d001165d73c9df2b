"""Being woken when calls are written: at once on PostgreSQL, by a short nap elsewhere."""

from __future__ import annotations

from threading import Event
from typing import Any

import psycopg
from sqlalchemy import Engine

from app.observing import log
from app.outbox.waking import CHANNEL

# Notifications are lost while nobody listens, and a call may come due by time alone.
NET_SECONDS = 0.5
NAP_SECONDS = 0.05


class Waker:
    """Waits for the outbox; `stopping` ends the wait where there is nothing to listen to."""

    def __init__(self, engine: Engine, stopping: Event) -> None:
        self._engine = engine
        self._stopping = stopping
        self._connection: psycopg.Connection[Any] | None = None

    def wait(self) -> None:
        """Return when calls were written, or soon anyway."""
        if self._engine.dialect.name != "postgresql":
            self._stopping.wait(NAP_SECONDS)
            return
        try:
            for _ in self._listening().notifies(timeout=NET_SECONDS, stop_after=1):
                return
        except psycopg.Error as error:
            log.warning("not listening", error=str(error))
            self.close()
            self._stopping.wait(NET_SECONDS)

    def _listening(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            words, options = self._engine.dialect.create_connect_args(self._engine.url)
            self._connection = psycopg.connect(
                *words, **{**options, "autocommit": True, "connect_timeout": 5}
            )
            self._connection.execute(f"listen {CHANNEL}")
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
