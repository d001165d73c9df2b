"""Stock: reserved for orders, released, shipped and received, and never promised twice.

`reserved <= on_hand` holds because only the guarded update below raises `reserved`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Update, bindparam, func, insert, select, update

from app.catalogue.models import Product, StockReservation
from app.columns import new_id
from app.database import Transaction

RESERVED, RELEASED, SHIPPED = "reserved", "released", "shipped"

_products = Product.__table__.c
_HERE = (_products.org_id == bindparam("b_org_id"), _products.id == bindparam("b_product_id"))
_QUANTITY = bindparam("b_quantity", type_=_products.on_hand.type)
_RESERVE = (
    update(Product)
    .where(*_HERE, _products.on_hand - _products.reserved >= _QUANTITY)
    .values(reserved=_products.reserved + _QUANTITY)
)
_RELEASE = update(Product).where(*_HERE).values(reserved=_products.reserved - _QUANTITY)
_SHIP = (
    update(Product)
    .where(*_HERE)
    .values(reserved=_products.reserved - _QUANTITY, on_hand=_products.on_hand - _QUANTITY)
)
_RECEIVE = update(Product).where(*_HERE).values(on_hand=_products.on_hand + _QUANTITY)


@dataclass(frozen=True, slots=True)
class Short:
    """What is missing of one product."""

    product_id: UUID
    sku: str
    missing: Decimal


def reserve(
    tx: Transaction, order_id: UUID, wanted: Mapping[UUID, Decimal], call_id: UUID, now: datetime
) -> tuple[Short, ...]:
    """Reserve all that an order wants and does not hold yet, or nothing: then return what is short.

    Products are taken in the order of their ids, so that two orders never wait for each other in a circle.
    """
    needed = _needed(tx, order_id, wanted)
    taken: dict[UUID, Decimal] = {}
    for product_id, quantity in needed.items():
        if not _take(tx, product_id, quantity):
            _give_back(tx, taken)
            return _short(tx, needed)
        taken[product_id] = quantity
    _note(tx, order_id, taken, call_id, now)
    return ()


def missing(tx: Transaction, order_id: UUID, wanted: Mapping[UUID, Decimal]) -> tuple[Short, ...]:
    """Return what an order can neither hold nor reserve at this moment."""
    return _short(tx, _needed(tx, order_id, wanted))


def release(tx: Transaction, order_id: UUID) -> dict[UUID, Decimal]:
    """Give back what an order holds; nothing is a success. Return what was released."""
    return _settle(tx, order_id, _RELEASE, RELEASED)


def ship(tx: Transaction, order_id: UUID) -> dict[UUID, Decimal]:
    """Take what an order holds out of the warehouse; return what left it."""
    return _settle(tx, order_id, _SHIP, SHIPPED)


def receive(tx: Transaction, goods: Mapping[UUID, Decimal]) -> None:
    """Put goods that arrived into the warehouse."""
    for product_id in sorted(goods):
        tx.execute(_RECEIVE, _at(tx, product_id, goods[product_id]))


def shipped_of(tx: Transaction, order_id: UUID) -> dict[UUID, Decimal]:
    """Return how much of each product ever left the warehouse for an order."""
    return _sums(tx, order_id, SHIPPED)


def stocked_of(tx: Transaction, product_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return which of these products lie in a warehouse; services do not."""
    return frozenset(_stocked(tx, dict.fromkeys(product_ids, Decimal(0))))


def _needed(tx: Transaction, order_id: UUID, wanted: Mapping[UUID, Decimal]) -> dict[UUID, Decimal]:
    held = _sums(tx, order_id, RESERVED)
    needed = {
        product_id: wanted[product_id] - held.get(product_id, Decimal(0))
        for product_id in sorted(_stocked(tx, wanted))
    }
    return {product_id: quantity for product_id, quantity in needed.items() if quantity > 0}


def _take(tx: Transaction, product_id: UUID, quantity: Decimal) -> bool:
    return tx.execute(_RESERVE, _at(tx, product_id, quantity)).rowcount == 1


def _give_back(tx: Transaction, taken: Mapping[UUID, Decimal]) -> None:
    for product_id, quantity in taken.items():
        tx.execute(_RELEASE, _at(tx, product_id, quantity))


def _short(tx: Transaction, needed: Mapping[UUID, Decimal]) -> tuple[Short, ...]:
    statement = select(Product.id, Product.sku, Product.on_hand - Product.reserved).where(
        Product.id.in_(needed)
    )
    found = tx.session.execute(statement.order_by(Product.sku))
    return tuple(
        Short(product_id, sku, needed[product_id] - max(free, Decimal(0)))
        for product_id, sku, free in found
        if free < needed[product_id]
    )


def _stocked(tx: Transaction, wanted: Mapping[UUID, Decimal]) -> list[UUID]:
    statement = select(Product.id).where(Product.id.in_(wanted), Product.is_stocked.is_(True))
    return list(tx.session.scalars(statement))


def _sums(tx: Transaction, order_id: UUID, status: str) -> dict[UUID, Decimal]:
    statement = (
        select(StockReservation.product_id, func.sum(StockReservation.quantity))
        .where(StockReservation.order_id == order_id, StockReservation.status == status)
        .group_by(StockReservation.product_id)
    )
    return {product_id: Decimal(total) for product_id, total in tx.session.execute(statement)}


def _note(
    tx: Transaction, order_id: UUID, taken: Mapping[UUID, Decimal], call_id: UUID, now: datetime
) -> None:
    rows = [
        {
            "id": new_id(),
            "org_id": tx.organisation,
            "order_id": order_id,
            "product_id": product_id,
            "service_call_id": call_id,
            "quantity": quantity,
            "status": RESERVED,
            "at": now,
        }
        for product_id, quantity in taken.items()
    ]
    if rows:
        tx.execute(insert(StockReservation), rows)


def _settle(tx: Transaction, order_id: UUID, movement: Update, status: str) -> dict[UUID, Decimal]:
    """Move an order's reservations to another status, each once, and its products' figures with them."""
    statement = (
        select(StockReservation)
        .where(StockReservation.order_id == order_id, StockReservation.status == RESERVED)
        .order_by(StockReservation.product_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    settled: dict[UUID, Decimal] = {}
    for row in tx.session.scalars(statement).all():
        row.status = status
        settled[row.product_id] = settled.get(row.product_id, Decimal(0)) + row.quantity
    tx.flush()
    for product_id in sorted(settled):
        tx.execute(movement, _at(tx, product_id, settled[product_id]))
    return settled


def _at(tx: Transaction, product_id: UUID, quantity: Decimal) -> dict[str, object]:
    return {"b_org_id": tx.organisation, "b_product_id": product_id, "b_quantity": quantity}
