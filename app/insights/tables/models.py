"""A table that somebody gave to be grouped; its file goes as soon as a worker has read it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Blob, new_id
from app.database import Model, Owned


class TableStatus(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"  # `error` says where and why


class GroupedTable(Owned, Model):
    """One table: a file, or (`content` is None from the start) the organisation's needs."""

    __tablename__ = "grouped_tables"
    __table_args__ = (Index("ix_grouped_tables_created", "org_id", "created_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(190))  # empty: the organisation's needs
    k: Mapped[int]
    scaled: Mapped[bool]
    status: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes | None] = mapped_column(Blob, deferred=True)
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
