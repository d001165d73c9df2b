"""What parties report, each report a call with its own time: delivered, received, paid, answered."""

from __future__ import annotations

from typing import Any

from app.orders import arrivals, feedback
from app.orders.arrivals import Event
from tasks.handlers.registry import Call, InputError, handles, id_input

ANSWERED = "feedback.received"


@handles("simulator.event")
@handles("party.report")
def take(call: Call) -> dict[str, Any]:
    event = call.inputs.get("event")
    if event == ANSWERED:
        _answer(call)
        return {}
    if event == Event.SHIPMENT_DELIVERED:
        order_id = arrivals.shipment_delivered(call.org_id, id_input(call, "shipment_id"), call.now)
    elif event == Event.STOCK_RECEIVED:
        order_id = arrivals.stock_received(call.org_id, id_input(call, "purchase_id"), call.now)
    elif event == Event.PAYMENT_RECEIVED:
        order_id = id_input(call, "order_id")
    else:
        raise InputError("event", "something that parties report")
    arrivals.tell(call.org_id, order_id, str(event), {}, call.key, call.now)
    return {}


def _answer(call: Call) -> None:
    """A simulated customer answers as a real one does; one who has answered already says no more."""
    secret = feedback.secret_of(call.org_id, id_input(call, "feedback_id"))
    score = int(str(call.inputs.get("score")))
    if feedback.page_of(secret).answered_at is None:
        feedback.answer(secret, score, "")
