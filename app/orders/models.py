"""The order as the business sees it; its status is where its instance stands, never set by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned


class OrderStatus(StrEnum):
    """The milestones of the lifecycle diagram."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXECUTING = "executing"
    DELIVERED = "delivered"
    CLOSING = "closing"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Order(Owned, Model):
    """Totals are kept, so that lists need no lines; amounts are in `currency`."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        Index("ix_orders_org_created", "org_id", "created_at"),
        Index("ix_orders_org_status", "org_id", "status", "created_at"),
        Index("ix_orders_customer", "org_id", "customer_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(190))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    need_id: Mapped[UUID | None]
    instance_id: Mapped[UUID | None] = mapped_column(index=True)
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    status: Mapped[str] = mapped_column(String(20), default=OrderStatus.DRAFT)
    currency: Mapped[str] = mapped_column(String(3))
    subtotal: Mapped[Decimal] = mapped_column(default=Decimal(0))  # before discount and tax
    discount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    tax: Mapped[Decimal] = mapped_column(default=Decimal(0))
    total: Mapped[Decimal] = mapped_column(default=Decimal(0))  # with tax, what the customer pays
    cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    wanted_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(LongText, default="")
    version: Mapped[int] = mapped_column(default=1)  # counts edits: the API's ETag
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class OrderLine(Owned, Model):
    __tablename__ = "order_lines"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    product_id: Mapped[UUID | None]
    sku: Mapped[str] = mapped_column(String(60), default="")
    description: Mapped[str] = mapped_column(String(255))
    quantity: Mapped[Decimal]
    unit_price: Mapped[Decimal]
    discount_percent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    tax_percent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    unit_cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    net: Mapped[Decimal]  # after discount, before tax


class OrderMilestone(Owned, Model):
    """A milestone that the order's instance passed; `seq` orders those of one step."""

    __tablename__ = "order_milestones"
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    milestone: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    person_id: Mapped[UUID | None]


class Comment(Owned, Model):
    __tablename__ = "comments"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    person_id: Mapped[UUID]
    text: Mapped[str] = mapped_column(LongText)
    at: Mapped[datetime]


class Shipment(Owned, Model):
    """Id = the service call that created it, so that it exists once."""

    __tablename__ = "shipments"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    carrier: Mapped[str] = mapped_column(String(60))
    tracking_number: Mapped[str] = mapped_column(String(80))
    is_simulated: Mapped[bool]
    status: Mapped[str] = mapped_column(String(20))  # created | in_transit | delivered | lost
    created_at: Mapped[datetime]
    expected_on: Mapped[date | None]
    delivered_at: Mapped[datetime | None]


class Purchase(Owned, Model):
    """Goods asked of a supplier because stock was short. Id = its service call."""

    __tablename__ = "purchases"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    supplier: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(80))
    is_simulated: Mapped[bool]
    status: Mapped[str] = mapped_column(String(20))  # requested | received | refused
    lines: Mapped[list[Any]]  # [{product_id, sku, quantity}]
    created_at: Mapped[datetime]
    expected_on: Mapped[date | None]
    received_at: Mapped[datetime | None]


class Invoice(Owned, Model):
    """Id = its service call."""

    __tablename__ = "invoices"
    __table_args__ = (UniqueConstraint("org_id", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[Decimal]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    paid_at: Mapped[datetime | None]


class Payment(Owned, Model):
    """Money that came (positive) or went back (negative). Id = its service call or the provider's event."""

    __tablename__ = "payments"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    invoice_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(10))  # payment | refund
    amount: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(String(3))
    provider: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(120))
    is_simulated: Mapped[bool]
    at: Mapped[datetime]


class Evaluation(Owned, Model):
    """How the execution went, computed at closing."""

    __tablename__ = "evaluations"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    on_time: Mapped[bool]
    complete: Mapped[bool]
    margin_percent: Mapped[Decimal]
    days_late: Mapped[int]
    at: Mapped[datetime]


class Feedback(Owned, Model):
    """What the customer said when asked; `digest` is the SHA-256 of the link's secret."""

    __tablename__ = "feedback"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    score: Mapped[int | None]  # 1 to 5
    text: Mapped[str] = mapped_column(LongText, default="")


class SentMail(Owned, Model):
    """A mail that an order (or a command) asked for. Id = its service call.

    `handed_over_at` is when the mail server took it; until then `error` says why it has not.
    """

    __tablename__ = "sent_mails"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID | None] = mapped_column(index=True)
    template: Mapped[str] = mapped_column(String(60))
    recipients: Mapped[list[Any]]
    subject: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(LongText)  # Markdown
    at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(LongText)


class IdempotentAnswer(Owned, Model):
    """The answer that was given under an Idempotency-Key, to be given again."""

    __tablename__ = "idempotent_answers"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    operation: Mapped[str] = mapped_column(String(80))
    body_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]
