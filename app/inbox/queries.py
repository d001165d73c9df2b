"""What waits for a person: pages of open items by deadline, counts, and one item with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all

from app.accounts import queries as accounts
from app.accounts.actor import Actor, person_principal, team_principal
from app.customers.models import Customer
from app.database import Transaction
from app.errors import NotFoundError
from app.inbox.consequences import consequence_of
from app.inbox.models import PendingDecision
from app.orders.models import Order
from app.processes import forms
from app.processes.models import InboxEntry, Instance, InstanceStatus, WorkItem, WorkItemStatus
from app.processes.projections import NO_DEADLINE
from app.searching import pattern_of
from app.wording import worded

COUNTED_UP_TO = 100


class View(StrEnum):
    """The views of the inbox; a count stops at 100."""

    ALL = "all"
    MINE = "mine"
    TEAMS = "teams"
    TODAY = "today"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: two lines of text on the page."""

    id: UUID
    name: str
    element: str
    title: str
    number: str
    customer_name: str | None
    total: Decimal | None
    currency: str | None
    order_id: UUID | None
    instance_id: UUID
    form: str | None
    assignee_id: UUID | None
    opened_at: datetime
    due_at: datetime | None
    priority: int
    is_held: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One work item whole: what is asked, why of whom, and what comes next."""

    row: Row
    version: int
    status: str
    process: str
    consequence: str
    why: tuple[str, ...]
    inputs: dict[str, Any]
    teams: tuple[str, ...]
    assignee_name: str | None
    may_decide: bool
    may_not_because: str | None
    form: forms.Form
    held_until: datetime | None
    held_by_name: str | None
    is_held_by_me: bool
    excluded_names: tuple[str, ...]
    requester_id: UUID | None
    requester_name: str | None
    done_by_name: str | None
    done_at: datetime | None
    outcome: dict[str, Any] | None


_OF_THE_INSTANCE = (Instance.requester_id, Instance.status.label("instance_status"))
_ROW_COLUMNS = (
    WorkItem.id,
    WorkItem.name,
    WorkItem.element,
    Instance.title,
    Instance.business_key.label("number"),
    Customer.name.label("customer_name"),
    Order.total,
    Order.currency,
    Order.id.label("order_id"),
    WorkItem.instance_id,
    WorkItem.form,
    WorkItem.assignee_id,
    WorkItem.opened_at,
    WorkItem.due_at,
    WorkItem.priority,
    PendingDecision.in_force_at,
    WorkItem.inputs,
)


def list_items(
    tx: Transaction,
    actor: Actor,
    view: View,
    *,
    now: datetime,
    search: str = "",
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Row]:
    """Return a page of open items in order of deadline; at most four principals' worth of index reads."""
    entries = _entries(tx, actor, view, now, after, None if search else limit)
    statement = (
        select(*_ROW_COLUMNS)
        .select_from(entries)
        .join(WorkItem, WorkItem.id == entries.c.work_item_id)
        .join(Instance, Instance.id == WorkItem.instance_id)
        .outerjoin(Order, Order.id == Instance.subject_id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .outerjoin(PendingDecision, PendingDecision.work_item_id == WorkItem.id)
        .order_by(entries.c.due_at, entries.c.work_item_id)
        .limit(limit)
    )
    if search:
        pattern = pattern_of(search)
        statement = statement.where(
            or_(
                Instance.title.ilike(pattern, escape="\\"),
                Instance.business_key.ilike(pattern, escape="\\"),
                Customer.name.ilike(pattern, escape="\\"),
            )
        )
    return [_row(found) for found in tx.session.execute(statement)]


def _entries(
    tx: Transaction,
    actor: Actor,
    view: View,
    now: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int | None,
) -> Any:
    """Read each principal's index by itself: one condition over all of them would scan (INFRA: lateral)."""
    parts = []
    for principal in _principals(actor, view):
        part = (
            select(InboxEntry.due_at, InboxEntry.work_item_id)
            .where(InboxEntry.org_id == tx.organisation, InboxEntry.principal == principal)
            .order_by(InboxEntry.due_at, InboxEntry.work_item_id)
        )
        for condition in _conditions(view, now, after):
            part = part.where(condition)
        parts.append(select(part.limit(limit).subquery()))
    return union_all(*parts).subquery() if len(parts) == 1 else _distinct(parts)


def _distinct(parts: list[Select[Any]]) -> Any:
    together = union_all(*parts).subquery()
    return select(together.c.due_at, together.c.work_item_id).distinct().subquery()


def _principals(actor: Actor, view: View) -> list[str]:
    mine = [person_principal(actor.person_id)]
    teams = [team_principal(key) for key in sorted(actor.teams)]
    if view is View.MINE:
        return mine
    if view is View.TEAMS:
        return teams or [team_principal("")]
    return mine + teams


def _conditions(view: View, now: datetime, after: tuple[datetime, UUID] | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if view is View.LATE:
        conditions.append(InboxEntry.due_at < now)
    if view is View.TODAY:
        conditions.append(InboxEntry.due_at < now + timedelta(days=1))
    if after is not None:
        due_at, item_id = after
        conditions.append(
            or_(
                InboxEntry.due_at > due_at,
                and_(InboxEntry.due_at == due_at, InboxEntry.work_item_id > item_id),
            )
        )
    return conditions


def _row(found: Any) -> Row:
    values = found._asdict()
    in_force_at = values.pop("in_force_at")
    values["name"] = worded(values["name"])
    why = _reasons(values.pop("inputs"))
    return Row(**values, is_held=in_force_at is not None, why=why)


def _reasons(inputs: dict[str, Any]) -> tuple[str, ...]:
    return tuple(worded(reason) for reason in forms.reasons_of(inputs))


def cursor_of(row: Row) -> tuple[datetime, UUID]:
    return (row.due_at or NO_DEADLINE, row.id)


def count_items(tx: Transaction, actor: Actor, now: datetime) -> dict[str, int]:
    """Return how many items each view holds, up to 100: an exact count would grow with the inbox."""
    columns = []
    for view in View:
        entries = _entries(tx, actor, view, now, None, COUNTED_UP_TO)
        capped = select(entries.c.work_item_id).limit(COUNTED_UP_TO).subquery()
        columns.append(select(func.count()).select_from(capped).scalar_subquery().label(view.value))
    found = tx.session.execute(select(*columns)).one()
    return dict(found._asdict())


def get_item(tx: Transaction, actor: Actor, item_id: UUID) -> Item:
    """Return one item; raise NotFoundError where it is not of this organisation."""
    statement = (
        select(*_ROW_COLUMNS, *_OF_THE_INSTANCE, WorkItem, PendingDecision.person_id.label("held_by"))
        .join(Instance, Instance.id == WorkItem.instance_id)
        .outerjoin(Order, Order.id == Instance.subject_id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .outerjoin(PendingDecision, PendingDecision.work_item_id == WorkItem.id)
        .where(WorkItem.id == item_id)
    )
    found = tx.session.execute(statement).one_or_none()
    if found is None:
        raise NotFoundError("work item", item_id)
    row = Row(
        **{
            column: getattr(found, column)
            for column in Row.__dataclass_fields__
            if column not in ("is_held", "name", "why")
        },
        name=worded(found.name),
        is_held=found.in_force_at is not None,
        why=_reasons(found.inputs),
    )
    return _whole(tx, actor, row, found)


def _whole(tx: Transaction, actor: Actor, row: Row, found: Any) -> Item:
    item: WorkItem = found.WorkItem
    requester_id, held_by, held_until = found.requester_id, found.held_by, found.in_force_at
    excluded = [UUID(each) for each in item.excluded]
    names = accounts.names_of(tx, [item.assignee_id, requester_id, item.done_by, held_by, *excluded])
    why_not = _why_not(actor, item, found.instance_status)
    return Item(
        row=row,
        version=item.version,
        status=WorkItemStatus(item.status).name.lower(),
        process=item.process,
        consequence=consequence_of(tx, item),
        why=row.why,
        inputs=item.inputs,
        teams=tuple(p.removeprefix("t:") for p in item.principals if p.startswith("t:")),
        assignee_name=names.get(item.assignee_id) if item.assignee_id else None,
        may_decide=why_not is None and held_until is None,
        may_not_because=why_not,
        form=forms.form_of(item.form),
        held_until=held_until,
        held_by_name=names.get(held_by) if held_by else None,
        is_held_by_me=held_by == actor.person_id,
        excluded_names=tuple(names[each] for each in excluded if each in names),
        requester_id=requester_id,
        requester_name=names.get(requester_id) if requester_id else None,
        done_by_name=names.get(item.done_by) if item.done_by else None,
        done_at=item.done_at,
        outcome=item.outcome,
    )


def _why_not(actor: Actor, item: WorkItem, instance_status: int) -> str | None:
    """Say, as a code, why this person may not decide: the same rules as `policy`, without raising."""
    if item.status != WorkItemStatus.OPEN:
        return "closed"
    if instance_status == InstanceStatus.SUSPENDED:
        return "suspended"
    if str(actor.person_id) in item.excluded:
        return "own_order"
    if item.assignee_id is not None:
        return None if item.assignee_id == actor.person_id else "claimed"
    return None if set(actor.principals) & set(item.principals) else "not_candidate"
