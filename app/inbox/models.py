"""Decisions that are given but not yet in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, Owned


class PendingDecision(Owned, Model):
    """A decision held for a few seconds so that it can be taken back; `in_force_at` is when it counts."""

    __tablename__ = "pending_decisions"
    __table_args__ = (Index("ix_pending_decisions_due", "in_force_at"),)
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_items.id"), primary_key=True)
    person_id: Mapped[UUID]
    result: Mapped[dict[str, Any]]
    given_at: Mapped[datetime]
    in_force_at: Mapped[datetime]
    request_id: Mapped[str | None] = mapped_column(String(64))
