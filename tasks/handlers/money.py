"""Invoices, payments and refunds: each moves money once, whatever is repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from app.orders import invoicing, payments
from app.orders.payments import Movement
from tasks.adapters import DeclinedError, payment_provider_of
from tasks.handlers.registry import BusinessError, Call, handles, id_input


@handles("invoice.create")
def create_invoice(call: Call) -> dict[str, Any]:
    order_id = id_input(call, "order_id")
    bill = invoicing.issue(call.org_id, order_id, call.key, call.now)
    if bill is None:
        return {}
    pays_at = payment_provider_of(call.org_id).present(bill, call.key, call.now)
    if pays_at is not None:
        invoicing.expect_payment(call.org_id, order_id, call.key, pays_at, call.now)
    return {"invoice_number": bill.invoice_number, "due_on": bill.due_on}


@handles("payment.record")
def record(call: Call) -> dict[str, Any]:
    provider = payment_provider_of(call.org_id)
    movement = payments.begin_collection(
        call.org_id, id_input(call, "order_id"), call.key, provider.provider, call.now
    )
    return _move(call, movement, provider.collect)


@handles("payment.refund")
def refund(call: Call) -> dict[str, Any]:
    provider = payment_provider_of(call.org_id)
    movement = payments.begin_refund(
        call.org_id, id_input(call, "order_id"), call.key, provider.provider, call.now
    )
    return _move(call, movement, provider.refund)


def _move(call: Call, movement: Movement | None, by: Callable[[Movement, UUID], str]) -> dict[str, Any]:
    if movement is None:
        return {}
    try:
        reference = by(movement, call.key)
    except DeclinedError as error:
        payments.drop(call.org_id, call.key)
        raise BusinessError("payment.declined", str(error)) from error
    payments.settle(call.org_id, call.key, reference, call.now)
    return {"payment_reference": reference}
