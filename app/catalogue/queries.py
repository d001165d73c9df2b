"""Finding products."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from app.catalogue.models import Product
from app.database import Transaction
from app.errors import NotFoundError
from app.searching import pattern_of


def list_products(
    tx: Transaction,
    *,
    search: str = "",
    is_active: bool | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[Product]:
    """Return products in order of name; `search` looks in name and number."""
    statement = select(Product).order_by(Product.name, Product.id).limit(limit)
    if search:
        pattern = pattern_of(search)
        statement = statement.where(
            or_(Product.name.ilike(pattern, escape="\\"), Product.sku.ilike(pattern, escape="\\"))
        )
    if is_active is not None:
        statement = statement.where(Product.is_active.is_(is_active))
    if after is not None:
        name, product_id = after
        statement = statement.where(
            or_(Product.name > name, (Product.name == name) & (Product.id > product_id))
        )
    return list(tx.session.scalars(statement))


def get_product(tx: Transaction, product_id: UUID) -> Product:
    product = tx.session.get(Product, product_id)
    if product is None:
        raise NotFoundError("product", product_id)
    return product
