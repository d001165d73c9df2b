"""Segments as a version of their model sees them (no model: the baseline), and who is in which."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import new_id
from app.database import Model, Owned


class CustomerSegment(Owned, Model):
    """A customer's segment, and what it is told by: days since the last order, orders, and their total.

    `code` names the segment: recent or lapsed, often or rarely, much or little; or a third by value.
    """

    __tablename__ = "customer_segments"
    __table_args__ = (
        Index("ix_customer_segments_model", "org_id", "model_id", "number"),
        Index("ix_customer_segments_customer", "org_id", "customer_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    model_id: Mapped[UUID | None] = mapped_column(ForeignKey("trained_models.id", ondelete="CASCADE"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    recency_days: Mapped[int]
    frequency: Mapped[int]
    value: Mapped[Decimal]  # in the organisation's currency
