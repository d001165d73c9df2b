"""What machines did for an order: service calls with their outcome, deadlines that passed, incidents."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.database import Transaction
from app.orders.models import Order
from app.orders.standing import steps_of
from app.orders.timeline.entry import Entry
from app.outbox.models import CallStatus, ServiceCall
from app.processes import naming, reasons
from app.processes.models import Incident
from app.wording import worded

DONE = "call.done"
# What came of these has a source of its own, by the order and not by the call.
_TELL_THEMSELVES = frozenset({"evaluation.compute"})
_OUTCOMES = {
    CallStatus.DONE: (DONE, worded("{what}: done")),
    CallStatus.ERROR: ("call.refused", worded("{what}: {error}")),
    CallStatus.FAILED: ("call.failed", worded("{what}: stopped, {error}")),
    CallStatus.WITHDRAWN: ("call.withdrawn", worded("{what}: no longer wanted")),
}
_NOTHING_PAID = ("call.idle", worded("{what}: nothing was paid, so nothing was given back"))
_ON_ITS_WAY = ("call.waiting", worded("{what}: asked for"))


def calls(tx: Transaction, order: Order) -> Iterator[Entry]:
    """Calls that a diagram asked for; those of the house itself have no element."""
    statement = select(ServiceCall).where(
        ServiceCall.instance_id == order.instance_id, ServiceCall.element.is_not(None)
    )
    names = naming.names_in(tx, order.instance_id)
    for call in tx.session.scalars(statement):
        kind, template = _outcome(call)
        if kind == DONE and call.handler in _TELL_THEMSELVES:
            continue
        what = naming.name_of(call.element or call.handler, names)
        values = {"what": what, "error": reasons.find(call.error or "")}
        yield Entry(call.finished_at or call.created_at, kind, template, values, call_id=call.id)


def _outcome(call: ServiceCall) -> tuple[str, str]:
    status = CallStatus(call.status)
    if call.handler == "payment.refund" and status == CallStatus.DONE and not call.result:
        return _NOTHING_PAID
    return _OUTCOMES.get(status, _ON_ITS_WAY)


def deadlines(tx: Transaction, order: Order) -> Iterator[Entry]:
    """Timers that fired: the first element that the step completed is the one that was due."""
    if order.instance_id is None:
        return
    names = naming.names_in(tx, order.instance_id)
    for step in steps_of(tx, order.instance_id):
        if step.cause != "timer.fired":
            continue
        due = [event["element"] for event in step.events if event["kind"] == "completed"]
        if due:
            what = naming.name_of(due[0], names)
            yield Entry(step.at, "deadline", worded("A deadline passed: {what}"), {"what": what})


def incidents(tx: Transaction, order: Order) -> Iterator[Entry]:
    statement = select(Incident).where(Incident.instance_id == order.instance_id)
    names = naming.names_in(tx, order.instance_id)
    for row in tx.session.scalars(statement):
        values = {"what": naming.name_of(row.element, names), "message": reasons.find(row.message)}
        yield Entry(row.at, "incident", worded("Stopped at {what}: {message}"), values)
        if row.resolved_at:
            yield Entry(
                row.resolved_at,
                "incident.resolved",
                worded("Going on at {what}"),
                values,
                row.resolved_by,
                reasons.find_end(row.resolution or ""),
            )
