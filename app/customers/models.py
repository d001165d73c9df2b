"""Whom we sell to, and what the approval policy must know about them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned


class Risk(StrEnum):
    """How likely a customer is not to pay, as sales judge it; an input of the approval policy."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Profiling(StrEnum):
    """Whether what a customer may want next may be learned from what they bought."""

    UNASKED = "unasked"
    AGREED = "agreed"
    REFUSED = "refused"


class Customer(Owned, Model):
    """A business or a person who orders. Personal data: name, email, phone, address."""

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        Index("ix_customers_org_name", "org_id", "name"),
        Index("ix_customers_org_email", "org_id", "email"),
        Index("ix_customers_org_erased", "org_id", "erased_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(190))
    kind: Mapped[str] = mapped_column(String(10), default="business")  # business | person
    email: Mapped[str | None] = mapped_column(String(190))
    phone: Mapped[str | None] = mapped_column(String(60))
    tax_number: Mapped[str | None] = mapped_column(String(60))
    street: Mapped[str | None] = mapped_column(String(190))
    postcode: Mapped[str | None] = mapped_column(String(20))
    city: Mapped[str | None] = mapped_column(String(120))
    country: Mapped[str | None] = mapped_column(String(2))
    locale: Mapped[str] = mapped_column(String(20), default="en")
    risk: Mapped[str] = mapped_column(String(10), default=Risk.LOW)
    credit_limit: Mapped[Decimal] = mapped_column(default=Decimal(0))  # in the organisation's currency
    payment_days: Mapped[int] = mapped_column(default=30)
    notes: Mapped[str] = mapped_column(LongText, default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    # What they said of being suggested products, to which text, and when (`profiling.py`).
    profiling: Mapped[str] = mapped_column(String(10), default=Profiling.UNASKED)
    profiling_text: Mapped[str] = mapped_column(String(40), default="")
    profiling_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # nothing about a person is left; no model may learn from them


class Contact(Owned, Model):
    """A person at a customer. Personal data."""

    __tablename__ = "contacts"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(190))
    email: Mapped[str | None] = mapped_column(String(190))
    phone: Mapped[str | None] = mapped_column(String(60))
    position: Mapped[str | None] = mapped_column(String(120))
    is_main: Mapped[bool] = mapped_column(default=False)
