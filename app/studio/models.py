"""What a process owner is working on, apart from what runs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Blob
from app.database import Model, Owned


class Draft(Owned, Model):
    """An unpublished content of a file; `version` is its ETag."""

    __tablename__ = "drafts"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)  # order_approval.bpmn
    content: Mapped[bytes] = mapped_column(Blob)
    version: Mapped[int] = mapped_column(default=1)
    based_on: Mapped[int]  # number of the deployment it was begun from; 0 for a new file
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID]
