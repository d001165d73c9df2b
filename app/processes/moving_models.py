"""What takes an instance back to the version that it came from, as long as it has not gone on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Blob
from app.database import Model, Owned


class MovedInstance(Owned, Model):
    """Where an instance stood before it was migrated; of no use once its revision is another.

    `items` are its open work items as they were, `elements` the former element of each token that has another
    now, `resolved` the keys of incidents that ended with it. Personal data: the state holds variables.
    """

    __tablename__ = "moved_instances"
    instance_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int]
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployments.id"))
    state: Mapped[bytes] = mapped_column(Blob)
    items: Mapped[list[Any]] = mapped_column(default=list)
    elements: Mapped[dict[str, Any]] = mapped_column(default=dict)
    resolved: Mapped[list[Any]] = mapped_column(default=list)
    moved_at: Mapped[datetime]
