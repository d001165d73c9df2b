"""What must hold after the run, read from the tables and from the parties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from tests.chaos.crowd import Accepted
from tests.chaos.fates import Fate
from tests.chaos.stage import ON_HAND, Stage

TERMINAL = ("closed", "rejected", "cancelled")
# Terminal states that each fate may lead to: a cancellation may come too late.
ALLOWED: Mapping[Fate, frozenset[str]] = {
    Fate.CLOSE: frozenset({"closed"}),
    Fate.CHANGE: frozenset({"closed"}),
    Fate.REJECT: frozenset({"rejected"}),
    Fate.CANCEL: frozenset({"cancelled", "closed"}),
}

# Each finds rows that must not be there; what it returns first says which.
NOTHING_LEFT = {
    "instance still runs": "select business_key from instances where status = 0",
    "instance ended with a live token": """
        select business_key from instances where standing::jsonb -> 'tokens' <> '[]'::jsonb
        or (standing::jsonb -> 'awaits' <> '[]'::jsonb)""",
    "work item still open": "select name from work_items where status = 0",
    "inbox entry left": "select principal from inbox_entries",
    "timer left": "select instance_id::text from timers",
    "subscription left": "select name from subscriptions",
    "decision still held": "select work_item_id::text from pending_decisions",
    "incident open": "select element || ': ' || message from incidents where resolved_at is null",
    "call still on its way": "select handler from service_calls where status in (0, 1, 6)",
    "stock still reserved": "select order_id::text from stock_reservations where status = 'reserved'",
    "money still under way": "select order_id::text from payments where reference = ''",
    "revision without history": """
        select business_key from instances i where revision <>
        (select count(*) from history_steps h where h.instance_id = i.id)""",
    "audit entry for each revision": """
        select business_key from instances i where audit_seq <>
        (select count(*) from audit_entries a where a.stream_id = i.id)""",
}

# Each finds effects that happened more than once for what they were for.
DOUBLED = {
    "order entered twice": "select title from orders group by title having count(*) > 1",
    "call answered twice": """
        select detail::jsonb ->> 'key' || ' of ' || stream_id from audit_entries
        where action in ('call.succeeded', 'call.refused')
        group by stream_id, detail::jsonb ->> 'key' having count(*) > 1""",
    "order shipped twice": "select order_id::text from shipments group by order_id having count(*) > 1",
    "order invoiced twice": "select order_id::text from invoices group by order_id having count(*) > 1",
    "order paid twice": """
        select order_id::text from payments where kind = 'payment' group by order_id having count(*) > 1""",
    "order refunded twice": """
        select order_id::text from payments where kind = 'refund' group by order_id having count(*) > 1""",
    "more shipped than ordered": """
        select r.order_id::text from stock_reservations r where r.status = 'shipped' group by r.order_id
        having sum(r.quantity) > (select sum(quantity) from order_lines l where l.order_id = r.order_id)""",
    "customer asked twice": "select order_id::text from feedback group by order_id having count(*) > 1",
    "mail kept twice": """
        select template || ' of ' || order_id from sent_mails where template in ('order_shipped',
        'feedback_request', 'order_cancelled') group by order_id, template having count(*) > 1""",
    "milestone passed twice": """
        select order_id || ' ' || milestone from order_milestones
        where milestone in ('closed', 'rejected', 'cancelled', 'delivered')
        group by order_id, milestone having count(*) > 1""",
}


@dataclass
class Proof:
    """`statuses` counts how the orders ended; `wrong` and `doubled` say what does not hold."""

    statuses: Counter[str]
    wrong: list[str]
    doubled: list[str]


def ended(conninfo: str) -> tuple[Counter[str], int]:
    """Return where the orders stand, and how many calls and decisions are still on their way."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        rows = connection.execute("select status, count(*) from orders group by status").fetchall()
        left = connection.execute(
            """select (select count(*) from service_calls where status in (0, 1, 6))
               + (select count(*) from pending_decisions)"""
        ).fetchone()
    return Counter(dict(rows)), int(left[0]) if left else 0


def prove(stage: Stage, accepted: list[Accepted], planned: int) -> Proof:
    """Compare what was accepted with what the tables and the parties say."""
    with psycopg.connect(stage.conninfo, autocommit=True) as connection:
        orders = {
            str(row[0]): row
            for row in connection.execute("select id, number, status, ended_at, total from orders")
        }
        wrong = [text for order in accepted for text in _ends_of(order, orders.get(order.id))]
        if len(orders) != planned or len(accepted) != planned:
            wrong.append(f"{planned} planned, {len(accepted)} accepted, {len(orders)} kept")
        wrong += _found(connection, NOTHING_LEFT) + _stock(connection, stage) + _money(connection, stage)
        doubled = _found(connection, DOUBLED) + _at_parties(stage)
    statuses = Counter(row[2] for row in orders.values())
    return Proof(statuses, wrong, doubled)


def _found(connection: psycopg.Connection[Any], checks: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: {row[0]}"
        for name, statement in checks.items()
        for row in connection.execute(statement).fetchall()  # type: ignore[arg-type] # constants above
    ]


def _ends_of(order: Accepted, row: Any) -> list[str]:
    if row is None:
        return [f"accepted order {order.number} does not exist"]
    status = row[2]
    if status not in ALLOWED[order.plan.fate]:
        return [f"order {order.number} was to {order.plan.fate}, and is {status}"]
    return [] if row[3] else [f"order {order.number} is {status} and has no end"]


def _stock(connection: psycopg.Connection[Any], stage: Stage) -> list[str]:
    """What lies there is what was there, less what was shipped, and what was bought: to the piece."""
    wrong = []
    for name, product_id in stage.products.items():
        figures = connection.execute(
            """select on_hand, reserved,
               (select coalesce(sum(quantity), 0) from stock_reservations
                where product_id = p.id and status = 'shipped'),
               (select coalesce(sum((line ->> 'quantity')::numeric), 0)
                from purchases, jsonb_array_elements(lines::jsonb) line
                where status = 'received' and line ->> 'product_id' = p.id::text)
               from products p where id = %s""",
            (product_id,),
        ).fetchone()
        assert figures
        on_hand, reserved, shipped, bought = figures
        if reserved or on_hand != ON_HAND[name] - shipped + bought:
            wrong.append(
                f"{name}: {on_hand} on hand, {reserved} reserved, {shipped} shipped, {bought} bought"
            )
    return wrong


def _money(connection: psycopg.Connection[Any], stage: Stage) -> list[str]:
    """Who closed paid in full, who cancelled paid nothing, and the bank's books say the same as ours."""
    rows = connection.execute(
        """select o.number, o.status, o.total, coalesce(sum(p.amount), 0)
           from orders o left join payments p on p.order_id = o.id group by o.id"""
    ).fetchall()
    bank: Counter[str] = Counter()
    for effect in stage.parties.of("payments"):
        bank[effect.order_number] += effect.amount  # type: ignore[assignment] # a sum of decimals
    for effect in stage.parties.of("refunds"):
        bank[effect.order_number] -= effect.amount  # type: ignore[assignment] # a sum of decimals
    wrong = []
    for number, status, total, paid in rows:
        due = total if status == "closed" else Decimal(0)
        if not due == paid == bank[number]:
            wrong.append(f"order {number} is {status}: {due} due, {paid} paid, {bank[number]} at the bank")
    return wrong


def _at_parties(stage: Stage) -> list[str]:
    """A key is honoured once; so two effects for one order mean that it was asked under two keys."""
    counts = Counter(
        (effect.kind, effect.order_number)
        for kind in ("shipments", "payments", "refunds", "invoices")
        for effect in stage.parties.of(kind)
        if effect.reference not in stage.parties.recalled
    )
    return [f"{count} {kind} of order {number}" for (kind, number), count in counts.items() if count > 1]
