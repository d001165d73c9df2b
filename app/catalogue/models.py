"""Products, and the ledger of what is reserved of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned


class Product(Owned, Model):
    """`on_hand` is what lies in the warehouse, `reserved` what of it is promised to orders."""

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("org_id", "sku"), Index("ix_products_org_name", "org_id", "name"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sku: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(190))
    description: Mapped[str] = mapped_column(LongText, default="")
    unit: Mapped[str] = mapped_column(String(20), default="pcs")
    currency: Mapped[str] = mapped_column(String(3))
    price: Mapped[Decimal]
    cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    tax_percent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    is_stocked: Mapped[bool] = mapped_column(default=True)  # services are not
    on_hand: Mapped[Decimal] = mapped_column(default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(default=Decimal(0))
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class StockReservation(Owned, Model):
    """What one service call reserved of one product for one order; its key makes it happen once."""

    __tablename__ = "stock_reservations"
    __table_args__ = (Index("ix_stock_reservations_order", "org_id", "order_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    service_call_id: Mapped[UUID]
    quantity: Mapped[Decimal]
    status: Mapped[str] = mapped_column(String(10))  # reserved | released | shipped
    at: Mapped[datetime]
