"""Putting the sources of a timeline together: each knows one kind of thing, this knows their order."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from app.accounts import queries as accounts
from app.database import Transaction
from app.orders import locking
from app.orders.timeline import goods_and_money, machines, people
from app.orders.timeline.entry import Entry

# Of one moment, the cause is told before what followed from it.
_SOURCES = (
    people.decisions,
    people.comments,
    machines.deadlines,
    people.milestones,
    machines.calls,
    goods_and_money.purchases,
    goods_and_money.shipments,
    goods_and_money.invoices,
    goods_and_money.payments,
    goods_and_money.evaluations,
    goods_and_money.feedback,
    goods_and_money.mails,
    machines.incidents,
)


def timeline_of(tx: Transaction, order_id: UUID) -> list[Entry]:
    """Return everything that happened, the oldest first; raise NotFoundError."""
    order = locking.find(tx, order_id)
    entries = _once([entry for source in _SOURCES for entry in source(tx, order)])
    names = accounts.names_of(tx, [entry.person_id for entry in entries])
    named = [
        replace(entry, person_name=names.get(entry.person_id) if entry.person_id else None)
        for entry in entries
    ]
    return sorted(named, key=lambda entry: entry.at)


def _once(entries: list[Entry]) -> list[Entry]:
    """Leave out the end of a call where what came of it is told, and the milestone of what a carrier told."""
    told = {entry.call_id for entry in entries if not entry.kind.startswith("call.")}
    carried = any(entry.kind == "shipment.delivered" for entry in entries)
    return [
        entry
        for entry in entries
        if not (entry.kind == machines.DONE and entry.call_id in told)
        and not (carried and entry.template == people.DELIVERED)
    ]
