"""From entered lines to priced ones: names, prices, taxes and costs come from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from app.catalogue.models import Product
from app.database import Transaction
from app.errors import InvalidError
from app.orders.models import OrderLine
from app.orders.terms import NewLine
from app.orders.totals import (
    LARGEST_TOTAL,
    LineTerms,
    LineTotals,
    OrderTotals,
    line_totals,
    order_totals,
)
from app.wording import Wording, worded


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with everything that an order keeps of it."""

    product_id: UUID | None
    sku: str
    description: str
    terms: LineTerms
    totals: LineTotals


def price(tx: Transaction, lines: Sequence[NewLine], currency: str) -> tuple[PricedLine, ...]:
    """Price the lines; raise InvalidError naming line and field where a product cannot be sold so."""
    products = _products(tx, lines)
    wrong: dict[str, list[str]] = {}
    priced = []
    for position, line in enumerate(lines):
        product = products.get(line.product_id) if line.product_id else None
        if line.product_id is not None:
            problem = _problem(product, line.product_id, currency)
            if problem:
                wrong[f"lines.{position}.product_id"] = [problem]
        priced.append(_priced(line, product, currency))
    if wrong:
        raise InvalidError("some lines cannot be sold", dict(wrong))
    total = total_of(priced).total
    if total > LARGEST_TOTAL:
        raise InvalidError(
            "the order is too large", {"lines": [worded("come to more than {most}", most=LARGEST_TOTAL)]}
        )
    return tuple(priced)


def total_of(lines: Sequence[PricedLine]) -> OrderTotals:
    return order_totals(line.totals for line in lines)


def terms_of(line: OrderLine) -> LineTerms:
    """Return the terms of a line that an order keeps."""
    return LineTerms(line.quantity, line.unit_price, line.discount_percent, line.tax_percent, line.unit_cost)


def _products(tx: Transaction, lines: Sequence[NewLine]) -> dict[UUID, Product]:
    ids = {line.product_id for line in lines if line.product_id is not None}
    if not ids:
        return {}
    found = tx.session.scalars(select(Product).where(Product.id.in_(ids)))
    return {product.id: product for product in found}


def _problem(product: Product | None, product_id: UUID, currency: str) -> str | None:
    if product is None:
        return worded("there is no product {id}", id=product_id)
    if not product.is_active:
        return worded("{sku} is no longer sold", sku=product.sku)
    if product.currency != currency:
        return priced_otherwise(product, currency)
    return None


def priced_otherwise(product: Product, currency: str) -> Wording:
    return worded(
        "{sku} is priced in {price_currency}, the order is in {currency}",
        sku=product.sku,
        price_currency=product.currency,
        currency=currency,
    )


def _priced(line: NewLine, product: Product | None, currency: str) -> PricedLine:
    listed = product.price if product else Decimal(0)
    terms = LineTerms(
        quantity=line.quantity,
        unit_price=listed if line.unit_price is None else line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=product.tax_percent if product else Decimal(0),
        unit_cost=product.cost if product else Decimal(0),
    )
    return PricedLine(
        product_id=product.id if product else None,
        sku=product.sku if product else "",
        description=line.description or (product.name if product else ""),
        terms=terms,
        totals=line_totals(terms, currency),
    )
