"""What a customer was seen to do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned


class ObservedKind(StrEnum):
    VIEWED = "viewed"
    ASKED = "asked"
    COMPLAINED = "complained"
    OTHER = "other"


class Observation(Owned, Model):
    """One thing that a customer did; `key` is what the program that told it knows it by. Personal data."""

    __tablename__ = "observations"
    __table_args__ = (
        UniqueConstraint("org_id", "key"),
        Index("ix_observations_customer", "customer_id", "at"),
        Index("ix_observations_org_at", "org_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("products.id"))
    text: Mapped[str] = mapped_column(LongText, default="")
    source: Mapped[str] = mapped_column(String(40))  # where it was seen: hand, shop, phone …
    key: Mapped[str | None] = mapped_column(String(120))
    person_id: Mapped[UUID | None]
    at: Mapped[datetime]
    created_at: Mapped[datetime]
