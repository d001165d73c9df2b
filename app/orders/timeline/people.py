"""What people did to an order: decisions, submissions, comments; and the milestones that followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select

from app.database import Transaction
from app.orders.models import Comment, Order, OrderMilestone
from app.orders.timeline.entry import Entry
from app.processes.models import WorkItem, WorkItemStatus
from app.wording import worded

# Other rows tell these better: who prepared and submitted.
_TOLD_ELSEWHERE = frozenset({"submitted"})
# By which outcome of a decision a milestone is told already; what else leads there (time, a rule) is not.
_DECIDED = {"rejected": "rejected", "changes_requested": "changes"}
# The others follow from a decision or a machine: whoever moved the order last did not do them.
_DONE_BY_PEOPLE = frozenset({"draft", "cancelled"})
DELIVERED = worded("Delivered")
_MILESTONES = {
    "draft": worded("Order entered"),
    "changes_requested": worded("Changes requested"),
    "approved": worded("Approved by all who were asked"),
    "rejected": worded("Rejected"),
    "executing": worded("Execution began"),
    "delivered": DELIVERED,
    "closing": worded("Closing began"),
    "closed": worded("Closed"),
    "cancelled": worded("Cancelled"),
    "expired": worded("Expired"),
}
_DECISIONS = {
    "approved": worded("{step}: approved"),
    "rejected": worded("{step}: rejected"),
    "changes": worded("{step}: sent back for changes"),
    "try again": worded("{step}: try again"),
    "give up": worded("{step}: given up"),
}
_YES_OR_NO = {
    ("more_time", True): worded("{step}: more time to pay"),
    ("more_time", False): worded("{step}: written off"),
    ("close_now", True): worded("{step}: close now"),
    ("close_now", False): worded("{step}: keep open"),
}


def milestones(tx: Transaction, order: Order) -> Iterator[Entry]:
    statement = select(OrderMilestone).where(OrderMilestone.order_id == order.id)
    decided = {(item.done_at, (item.outcome or {}).get("decision")) for item in _completed(tx, order)}
    for row in tx.session.scalars(statement):
        if row.milestone in _TOLD_ELSEWHERE or (row.at, _DECIDED.get(row.milestone, "")) in decided:
            continue
        values = {"status": worded(row.milestone.replace("_", " "))}
        template = _MILESTONES.get(row.milestone, worded("Order is now: {status}"))
        by = row.person_id if row.milestone in _DONE_BY_PEOPLE else None
        yield Entry(row.at, "milestone", template, values, by)


def decisions(tx: Transaction, order: Order) -> Iterator[Entry]:
    for item in _completed(tx, order):
        if item.done_at is None:
            continue
        outcome = item.outcome or {}
        note = str(outcome.get("comment") or "")
        kind, template = _told(item.form, outcome)
        yield Entry(item.done_at, kind, template, {"step": worded(item.name)}, item.done_by, note)


def _completed(tx: Transaction, order: Order) -> Iterable[WorkItem]:
    return tx.session.scalars(
        select(WorkItem).where(
            WorkItem.instance_id == order.instance_id, WorkItem.status == WorkItemStatus.COMPLETED
        )
    )


def _told(form: str | None, outcome: dict[str, Any]) -> tuple[str, str]:
    if form == "order":
        return "submitted", worded("Submitted for approval")
    decided = outcome.get("decision") or outcome.get("way")
    if decided in _DECISIONS:
        return "decision", _DECISIONS[decided]
    for (field, value), template in _YES_OR_NO.items():
        if outcome.get(field) is value:
            return "decision", template
    return "done", worded("{step}: done")


def comments(tx: Transaction, order: Order) -> Iterator[Entry]:
    statement = select(Comment).where(Comment.order_id == order.id)
    for row in tx.session.scalars(statement):
        yield Entry(row.at, "comment", worded("Comment"), {}, row.person_id, row.text)
