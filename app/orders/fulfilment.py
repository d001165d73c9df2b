"""Goods on their way to the customer: reservations, purchases and shipments of an order.

Each effect happens once under its service call's id, and not at all once the call was withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from app.catalogue import stock
from app.catalogue.stock import Short
from app.customers.models import Customer
from app.database import Transaction, reading, transaction
from app.errors import NotFoundError
from app.orders import locking
from app.orders.models import Order, OrderLine, Purchase, Shipment
from app.outbox.asking import ask_after
from app.outbox.wanted import is_wanted

REPORTED = "simulator.event"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a carrier must know."""

    order_id: UUID
    order_number: str
    recipient: str
    street: str
    postcode: str
    city: str
    country: str
    goods: tuple[tuple[str, Decimal], ...]  # sku, quantity


@dataclass(frozen=True, slots=True)
class Booking:
    """What a carrier promised. `arrives_at` is known in advance to simulators only."""

    carrier: str
    tracking_number: str
    expected_on: date
    is_simulated: bool
    arrives_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a supplier is asked for; no goods: what was short has come meanwhile."""

    order_id: UUID
    order_number: str
    goods: tuple[Short, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a supplier answered. `arrives_at` is known in advance to simulators only."""

    supplier: str
    reference: str
    expected_on: date
    is_simulated: bool
    arrives_at: datetime | None = None


def reserve(org_id: UUID, order_id: UUID, call_id: UUID, now: datetime) -> tuple[Short, ...]:
    """Reserve all goods of an order, or none: then return what is short."""
    with transaction(org_id) as tx:
        if not is_wanted(tx, call_id):
            return ()
        order = locking.find(tx, order_id)
        return stock.reserve(tx, order.id, _goods(tx, order.id), call_id, now)


def release(org_id: UUID, order_id: UUID) -> dict[UUID, Decimal]:
    """Give back whatever is reserved for an order."""
    with transaction(org_id) as tx:
        locking.find(tx, order_id)
        return stock.release(tx, order_id)


def shipment_of(org_id: UUID, call_id: UUID) -> Shipment | None:
    with reading(org_id) as tx:
        return tx.session.get(Shipment, call_id)


def parcel_of(org_id: UUID, order_id: UUID) -> Parcel:
    with reading(org_id) as tx:
        order = locking.find(tx, order_id)
        customer = tx.session.get_one(Customer, order.customer_id)
        lines = tx.session.scalars(select(OrderLine).where(OrderLine.order_id == order_id))
        return Parcel(
            order_id=order.id,
            order_number=order.number,
            recipient=customer.name,
            street=customer.street or "",
            postcode=customer.postcode or "",
            city=customer.city or "",
            country=customer.country or "",
            goods=tuple((line.sku, line.quantity) for line in lines),
        )


def keep_shipment(
    org_id: UUID, order_id: UUID, call_id: UUID, booking: Booking, now: datetime
) -> Shipment | None:
    """Keep a booking and take the goods out of stock; None where the order no longer wants it."""
    with transaction(org_id) as tx:
        wanted = is_wanted(tx, call_id)
        kept = tx.session.get(Shipment, call_id)
        if kept is not None or not wanted:
            return kept
        kept = Shipment(
            id=call_id,
            org_id=org_id,
            order_id=locking.find(tx, order_id).id,
            carrier=booking.carrier,
            tracking_number=booking.tracking_number,
            is_simulated=booking.is_simulated,
            status="created",
            created_at=now,
            expected_on=booking.expected_on,
        )
        tx.session.add(kept)
        stock.ship(tx, order_id)
        if booking.arrives_at is not None:
            _report_later(tx, call_id, "shipment.delivered", "shipment_id", booking.arrives_at, now)
        return kept


def last_shipment(org_id: UUID, order_id: UUID) -> Shipment:
    """Return the newest shipment of an order; raise NotFoundError where nothing was shipped."""
    newest = select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.created_at.desc())
    with reading(org_id) as tx:
        found = tx.session.scalars(newest.limit(1)).first()
    if found is None:
        raise NotFoundError("shipment of order", order_id)
    return found


def note_tracking(org_id: UUID, shipment_id: UUID, status: str, call_id: UUID, now: datetime) -> None:
    """Keep what a carrier says of a shipment; "delivered" is reported to the order as usual."""
    with transaction(org_id) as tx:
        shipment = tx.session.get_one(Shipment, shipment_id, with_for_update=True)
        if shipment.status == "delivered":
            return
        if status == "delivered":
            inputs = {"event": "shipment.delivered", "shipment_id": str(shipment_id)}
            ask_after(tx, call_id, "delivered", REPORTED, inputs, due_at=now, now=now)
        else:
            shipment.status = status


def wish_of(org_id: UUID, order_id: UUID) -> Wish:
    """Return what an order still lacks."""
    with reading(org_id) as tx:
        order = locking.find(tx, order_id)
        return Wish(order.id, order.number, stock.missing(tx, order_id, _goods(tx, order_id)))


def purchase_of(org_id: UUID, call_id: UUID) -> Purchase | None:
    with reading(org_id) as tx:
        return tx.session.get(Purchase, call_id)


def keep_purchase(
    org_id: UUID, call_id: UUID, wish: Wish, promise: Promise, now: datetime, status: str = "requested"
) -> Purchase:
    """Keep what was asked of a supplier; a simulated one reports the arrival at its time."""
    with transaction(org_id) as tx:
        is_wanted(tx, call_id)
        kept = tx.session.get(Purchase, call_id)
        if kept is not None:
            return kept
        kept = Purchase(
            id=call_id,
            org_id=org_id,
            order_id=wish.order_id,
            supplier=promise.supplier,
            reference=promise.reference,
            is_simulated=promise.is_simulated,
            status=status,
            lines=[_wished(short) for short in wish.goods],
            created_at=now,
            expected_on=promise.expected_on,
        )
        tx.session.add(kept)
        tx.flush()
        if promise.arrives_at is not None:
            _report_later(tx, call_id, "stock.received", "purchase_id", promise.arrives_at, now)
        return kept


def is_complete(tx: Transaction, order: Order) -> bool:
    """Say whether all goods of an order left the warehouse; services never lie in it."""
    ordered = _goods(tx, order.id)
    shipped = stock.shipped_of(tx, order.id)
    stocked = stock.stocked_of(tx, tuple(ordered))
    return all(shipped.get(product_id, Decimal(0)) >= ordered[product_id] for product_id in stocked)


def _goods(tx: Transaction, order_id: UUID) -> Mapping[UUID, Decimal]:
    """Return the quantities of an order by product; two lines of one product count together."""
    statement = (
        select(OrderLine.product_id, func.sum(OrderLine.quantity))
        .where(OrderLine.order_id == order_id, OrderLine.product_id.is_not(None))
        .group_by(OrderLine.product_id)
    )
    rows = tx.session.execute(statement).all()
    return {product_id: Decimal(quantity) for product_id, quantity in rows if product_id}


def _wished(short: Short) -> dict[str, str]:
    return {"product_id": str(short.product_id), "sku": short.sku, "quantity": f"{short.missing:f}"}


def _report_later(
    tx: Transaction, call_id: UUID, event: str, subject: str, at: datetime, now: datetime
) -> None:
    inputs = {"event": event, subject: str(call_id)}
    ask_after(tx, call_id, event, REPORTED, inputs, due_at=at, now=now)
