"""What carriers, suppliers, banks and customers report: the facts are kept, and the order's instance is told.

A fact is kept at once and once. The instance hears of it when it listens: a parcel may be faster than the
mail that announces it. Until then the report asks to be made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app import audit
from app.accounts.actor import Actor
from app.catalogue import stock
from app.database import Transaction, transaction
from app.errors import ConflictError, InvalidError, NotFoundError
from app.moments import utc_now
from app.orders import locking
from app.orders.invoicing import invoice_of
from app.orders.models import Order, Purchase, Shipment
from app.outbox.asking import ask_after
from app.outbox.models import ServiceCall
from app.outbox.wanted import is_wanted, settle
from app.processes import suspending
from app.processes.loaded import Loaded
from app.processes.projections import note
from app.wording import worded

# Reports of real parties and of simulators are one thing to us, told apart by who asked for the call.
REPORT = "party.report"
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=45)


class Event(StrEnum):
    """What can be reported; the names are those of the diagrams' messages."""

    SHIPMENT_DELIVERED = "shipment.delivered"
    STOCK_RECEIVED = "stock.received"
    PAYMENT_RECEIVED = "payment.received"


def shipment_delivered(org_id: UUID, shipment_id: UUID, now: datetime) -> UUID:
    """Keep that a parcel was delivered; return its order."""
    with transaction(org_id) as tx:
        shipment = tx.session.get(Shipment, shipment_id, with_for_update=True)
        if shipment is None:
            raise NotFoundError("shipment", shipment_id)
        if shipment.delivered_at is None:
            shipment.status, shipment.delivered_at = "delivered", now
        return shipment.order_id


def stock_received(org_id: UUID, purchase_id: UUID, now: datetime) -> UUID:
    """Put purchased goods into the warehouse, once; return the order for which they were asked."""
    with transaction(org_id) as tx:
        purchase = tx.session.get(Purchase, purchase_id, with_for_update=True)
        if purchase is None:
            raise NotFoundError("purchase", purchase_id)
        if purchase.status == "requested":
            purchase.status, purchase.received_at = "received", now
            tx.flush()
            goods = {UUID(line["product_id"]): Decimal(line["quantity"]) for line in purchase.lines}
            stock.receive(tx, goods)
        return purchase.order_id


def tell(
    org_id: UUID, order_id: UUID, message: str, payload: Mapping[str, Any], call_id: UUID, now: datetime
) -> None:
    """Give a message to an order's instance in the transaction that also answers the call `call_id`.

    Where the instance runs but does not listen, the call is asked again, later and later.
    """
    with transaction(org_id) as tx:
        _, loaded = locking.lock(tx, order_id)
        if not is_wanted(tx, call_id):
            return
        if listens(loaded, message):
            suspending.deliver(tx, loaded, message, payload, None, now)
        elif loaded.finished:
            note(tx, loaded, None, f"{message}.late", {"order": order_id, "call": call_id}, now)
        else:
            _ask_again(tx, call_id, now)
        settle(tx, call_id, now)


def listens(loaded: Loaded, message: str) -> bool:
    """Say whether an instance awaits this message."""
    awaits = loaded.standing.get("awaits", [])
    return any(kind == "message" and name == message for _, kind, name, _ in awaits)


def announce(actor: Actor, order_id: UUID, event: Event, reference: str) -> None:
    """Take a report from a party's own system; the order hears of it at once, or when it listens.

    One parcel is delivered once, one purchase received once: repeating a report changes nothing.
    """
    now = utc_now()
    with transaction(actor.org_id) as tx:
        order = locking.find(tx, order_id)
        cause, inputs = _subject(tx, order, event, reference)
        purpose = f"{event}:{reference}" if event is Event.PAYMENT_RECEIVED else str(event)
        ask_after(tx, cause, purpose, REPORT, {"event": str(event), **inputs}, due_at=now, now=now)
        audit.write(
            tx, f"order:{order_id}", actor.person_id, str(event), {"order": order_id, "reference": reference}
        )


def _subject(tx: Transaction, order: Order, event: Event, reference: str) -> tuple[UUID, dict[str, str]]:
    """Return what was reported about: its id, and the inputs of the call."""
    if event is Event.PAYMENT_RECEIVED:
        invoice = invoice_of(tx, order.id)
        if invoice is None:
            raise ConflictError(worded("order {number} has no invoice yet", number=order.number))
        return invoice.id, {"order_id": str(order.id)}
    if event is Event.SHIPMENT_DELIVERED:
        parcels = select(Shipment.id).where(
            Shipment.order_id == order.id, Shipment.tracking_number == reference
        )
        return _one(tx, parcels, "shipment_id", reference)
    purchases = select(Purchase.id).where(Purchase.order_id == order.id, Purchase.reference == reference)
    return _one(tx, purchases, "purchase_id", reference)


def _one(tx: Transaction, statement: Select[UUID], name: str, reference: str) -> tuple[UUID, dict[str, str]]:
    found = tx.session.scalars(statement).first()
    if found is None:
        problem = {"reference": [worded("{reference} is not known here", reference=reference)]}
        raise InvalidError("nothing of this order has this reference", dict(problem))
    return found, {name: str(found)}


def _ask_again(tx: Transaction, call_id: UUID, now: datetime) -> None:
    call = tx.session.get_one(ServiceCall, call_id)
    said = call.inputs.get("first_at")
    first_at = datetime.fromisoformat(said) if said else now
    waited = now - first_at
    if waited > GIVEN_UP_AFTER:
        return
    pause = min(max(waited, FIRST_PAUSE), LONGEST_PAUSE)
    inputs = {**call.inputs, "first_at": first_at.isoformat()}
    ask_after(tx, call_id, "again", call.handler, inputs, due_at=now + pause, now=now)
