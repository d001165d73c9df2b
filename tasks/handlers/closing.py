"""The end of an order: evaluated, asked about, put away."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.orders import closing, feedback
from tasks.adapters import customer_of
from tasks.handlers.registry import Call, InputError, handles, id_input


@handles("evaluation.compute")
def compute(call: Call) -> dict[str, Any]:
    verdict = closing.evaluate(
        call.org_id,
        id_input(call, "order_id"),
        _day(call, "promised_on"),
        _day(call, "delivered_on"),
        call.now,
    )
    return {
        "on_time": verdict.on_time,
        "complete": verdict.complete,
        "margin_percent": verdict.margin_percent,
    }


@handles("feedback.request")
def ask_for_feedback(call: Call) -> dict[str, Any]:
    order_id = id_input(call, "order_id")
    asked = feedback.request(call.org_id, order_id, call.key, call.now)
    customer = customer_of(call.org_id)
    if asked and customer is not None:
        answers_at = customer.answers_at(order_id, call.key, call.now)
        score = customer.score(order_id, call.key)
        feedback.expect_answer(call.org_id, call.key, score, answers_at, call.now)
    return {}


@handles("order.archive")
def archive(call: Call) -> dict[str, Any]:
    closing.archive(call.org_id, id_input(call, "order_id"), call.now)
    return {}


def _day(call: Call, name: str) -> date | None:
    value = call.inputs.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputError(name, "a date such as 2026-11-24") from None
