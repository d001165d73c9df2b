"""Tables of messages that nobody awaited when they came, and of what may begin an instance by itself."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned


class MessagePolicy(Owned, Model):
    """What becomes of a message of this name that nobody awaits; the empty name stands for all others."""

    __tablename__ = "message_policies"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(190), primary_key=True)
    keeps: Mapped[bool]
    keep_seconds: Mapped[int]


class KeptStatus(IntEnum):
    """A WAITING one whose time is over is not delivered by itself any more, but by an operator."""

    WAITING = 0
    DELIVERED = 1
    DISCARDED = 2


class KeptMessage(Owned, Model):
    """A message that nobody awaited; it is given to the first that does.

    Personal data: `payload` holds what a program or a person said. It is kept until somebody discards it,
    and afterwards as the record of what was delivered.
    """

    __tablename__ = "kept_messages"
    __table_args__ = (
        Index("ix_kept_messages_waiting", "org_id", "status", "name"),
        Index("ix_kept_messages_at", "org_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(190))
    business_key: Mapped[str | None] = mapped_column(String(120))
    correlation: Mapped[dict[str, Any]]  # the named keys that the sender gave, as typed JSON of FEEL
    payload: Mapped[dict[str, Any]]  # as typed JSON of FEEL
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sent_by: Mapped[UUID | None]
    from_instance: Mapped[UUID | None]
    status: Mapped[int] = mapped_column(SmallInteger, default=KeptStatus.WAITING)
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
    instance_id: Mapped[UUID | None]  # who has it
    reason: Mapped[str | None] = mapped_column(LongText)  # why it was discarded


class StartTimer(Owned, Model):
    """When a process of the newest deployment begins by itself the next time."""

    __tablename__ = "start_timers"
    __table_args__ = (Index("ix_start_timers_due", "due_at"),)
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(String(120), primary_key=True)
    element: Mapped[str] = mapped_column(String(190), primary_key=True)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployments.id"))
    due_at: Mapped[datetime]
    memo: Mapped[dict[str, Any]]  # what the engine remembers of a cycle
