"""Service calls: the outbox and the job in one row."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned


class CallStatus(IntEnum):
    """Where a call stands; only WAITING, SENT and RUNNING are ever due again."""

    WAITING = 0
    SENT = 1
    DONE = 2
    FAILED = 3  # attempts used up: an incident stands
    WITHDRAWN = 4  # the diagram no longer wants it
    ERROR = 5  # answered with a business error that the diagram caught
    RUNNING = 6  # a worker has it; nobody else begins it before `due_at`
    KEPT = 7  # its answer waits, in `result`, until its suspended instance goes on


ON_THE_WAY = (CallStatus.WAITING, CallStatus.SENT, CallStatus.RUNNING)
# Still wanted: an answer moves the instance on.
OPEN = (*ON_THE_WAY, CallStatus.FAILED)


class ServiceCall(Owned, Model):
    """Work that a diagram (or a command) asks of a machine; its id is the idempotency key of the effect.

    `due_at` is the moment from which the relay may (re)publish it; null when nothing is left to do.
    """

    __tablename__ = "service_calls"
    __table_args__ = (
        Index("ix_service_calls_due", "due_at"),
        Index("ix_service_calls_instance", "instance_id", "call_key"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    instance_id: Mapped[UUID | None]
    call_key: Mapped[str | None] = mapped_column(String(64))
    element: Mapped[str | None] = mapped_column(String(190))
    handler: Mapped[str] = mapped_column(String(80))
    inputs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[int] = mapped_column(SmallInteger, default=CallStatus.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]  # when a message went out that nobody has taken up yet
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(LongText)
    request_id: Mapped[str | None] = mapped_column(String(64))
