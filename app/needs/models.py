"""A need and the history of what became of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned

LONGEST_STAGE = 40


class NeedStatus(StrEnum):
    """The stages of the diagram that ships; an organisation's own may have others."""

    NEW = "new"
    QUALIFIED = "qualified"
    QUOTED = "quoted"
    WON = "won"  # an order was made of it
    LOST = "lost"


class Need(Owned, Model):
    """Something that a customer asked for; `value` is what it might be worth, in `currency`.

    `status` is the stage that its instance has reached (app/needs/projection.py writes it and nobody else);
    a need that nobody has moved yet has no instance.
    """

    __tablename__ = "needs"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        Index("ix_needs_org_created", "org_id", "created_at"),
        Index("ix_needs_org_type", "org_id", "need_type", "created_at"),
        Index("ix_needs_org_status", "org_id", "status", "created_at"),
        Index("ix_needs_org_due", "org_id", "due_on"),
        # Holds all that exploring asks for, so that no row is read (docs/adr/0025).
        Index(
            "ix_needs_org_explored",
            "org_id",
            "merged_into_id",
            "created_at",
            "need_type",
            "channel",
            "status",
            postgresql_include=["id", "currency", "value", "quantity", "customer_id", "order_id"],
        ),
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
    status: Mapped[str] = mapped_column(String(LONGEST_STAGE), default=NeedStatus.NEW)
    stage_since: Mapped[datetime | None]  # None: since it was collected
    closed_at: Mapped[datetime | None]
    instance_id: Mapped[UUID | None]
    next_step: Mapped[str] = mapped_column(String(190), default="")
    due_on: Mapped[date | None]
    lost_reason: Mapped[str] = mapped_column(String(190), default="")
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    order_id: Mapped[UUID | None]
    merged_into_id: Mapped[UUID | None] = mapped_column(index=True)  # the need that stands for both
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
    kind: Mapped[str] = mapped_column(String(20))  # created | status | edited | note | reminded
    from_status: Mapped[str | None] = mapped_column(String(LONGEST_STAGE))
    to_status: Mapped[str | None] = mapped_column(String(LONGEST_STAGE))
    stayed_seconds: Mapped[int | None] = mapped_column(BigInteger)  # in the stage that it left
    text: Mapped[str] = mapped_column(LongText, default="")


class ImportedNeed(Owned, Model):
    """What the row of a file is known by, so that a file imported again doubles nothing."""

    __tablename__ = "imported_needs"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[UUID] = mapped_column(primary_key=True)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)


class KeptView(Owned, Model):
    """A filter that somebody keeps under a name; `page` is where it belongs, a shared one is for all."""

    __tablename__ = "kept_views"
    __table_args__ = (UniqueConstraint("org_id", "person_id", "page", "name"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    page: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[dict[str, Any]]
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
