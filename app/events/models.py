"""Changes in the order in which they were written: what the events process streams to listeners."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Serial
from app.database import Model, Owned


class Change(Owned, Model):
    """Something that people looking at `topics` should see anew: an order, an inbox, an incident."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_at", "at"),)
    seq: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    # Principals ("t:finance", "p:<id>") whose inbox moved; empty where everybody may look.
    principals: Mapped[list[Any]] = mapped_column(default=list)
