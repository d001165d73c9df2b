"""Parcels: booked with the organisation's carrier, and traced when they are late."""

from __future__ import annotations

from typing import Any

from app.orders import fulfilment
from tasks.adapters import Tracking, carrier_of
from tasks.handlers.registry import BusinessError, Call, handles, id_input


@handles("shipping.create")
def create(call: Call) -> dict[str, Any]:
    shipment = fulfilment.shipment_of(call.org_id, call.key)
    if shipment is None:
        order_id = id_input(call, "order_id")
        carrier = carrier_of(call.org_id)
        booking = carrier.book(fulfilment.parcel_of(call.org_id, order_id), call.key, call.now)
        shipment = fulfilment.keep_shipment(call.org_id, order_id, call.key, booking, call.now)
        if shipment is None:
            carrier.recall(booking.tracking_number, call.key)
            return {}
    return {"tracking_number": shipment.tracking_number}


@handles("shipping.track")
def track(call: Call) -> dict[str, Any]:
    shipment = fulfilment.last_shipment(call.org_id, id_input(call, "order_id"))
    status = carrier_of(call.org_id).track(shipment.tracking_number)
    fulfilment.note_tracking(call.org_id, shipment.id, status, call.key, call.now)
    if status is Tracking.LOST:
        raise BusinessError("shipment.lost", f"{shipment.carrier} has lost {shipment.tracking_number}")
    return {"shipment_status": str(status)}
