"""A need and the history of what became of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned


class NeedStatus(StrEnum):
    NEW = "new"
    QUALIFIED = "qualified"
    QUOTED = "quoted"
    WON = "won"  # an order was made of it
    LOST = "lost"


class Need(Owned, Model):
    """Something that a customer asked for; `value` is what it might be worth, in `currency`."""

    __tablename__ = "needs"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        Index("ix_needs_org_created", "org_id", "created_at"),
        Index("ix_needs_org_type", "org_id", "need_type", "created_at"),
        Index("ix_needs_org_status", "org_id", "status", "created_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40))
    need_type: Mapped[str] = mapped_column(String(80))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    customer_name: Mapped[str] = mapped_column(String(190), default="")
    text: Mapped[str] = mapped_column(LongText)
    channel: Mapped[str] = mapped_column(String(40), default="web")
    quantity: Mapped[Decimal] = mapped_column(default=Decimal(1))
    value: Mapped[Decimal] = mapped_column(default=Decimal(0))
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(20), default=NeedStatus.NEW)
    lost_reason: Mapped[str] = mapped_column(String(190), default="")
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    order_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class NeedEvent(Owned, Model):
    """A change of a need's status, or a note on it."""

    __tablename__ = "need_events"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(20))  # created | status | edited | note
    from_status: Mapped[str | None] = mapped_column(String(20))
    to_status: Mapped[str | None] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(LongText, default="")


class ImportedNeed(Owned, Model):
    """What the row of a file is known by, so that a file imported again doubles nothing."""

    __tablename__ = "imported_needs"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[UUID] = mapped_column(primary_key=True)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
