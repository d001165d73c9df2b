"""The hot path's SQL: constant statements, so that PostgreSQL prepares them once (docs/adr/0003)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update

from app.events.models import Change
from app.outbox.models import OPEN, CallStatus, ServiceCall
from app.processes.models import (
    HistoryStep,
    InboxEntry,
    Incident,
    Instance,
    Subscription,
    Timer,
    WorkItem,
    WorkItemStatus,
)

ORG: BindParameter[UUID] = bindparam("b_org_id")
INSTANCE: BindParameter[UUID] = bindparam("b_instance_id")

_instances = Instance.__table__.c
_items = WorkItem.__table__.c
_entries = InboxEntry.__table__.c

INSTANCE_COLUMNS = (
    _instances.id,
    _instances.org_id,
    _instances.deployment_id,
    _instances.process,
    _instances.business_key,
    _instances.title,
    _instances.subject_id,
    _instances.requester_id,
    _instances.status,
    _instances.revision,
    _instances.state,
    _instances.standing,
    _instances.audit_seq,
    _instances.audit_head,
)

# FOR NO KEY UPDATE: plain FOR UPDATE would block every insert whose foreign key points at the instance.
LOCK_INSTANCE = (
    select(*INSTANCE_COLUMNS)
    .where(_instances.org_id == ORG, _instances.id == INSTANCE)
    .with_for_update(key_share=True)
)
READ_INSTANCE = select(*INSTANCE_COLUMNS).where(_instances.org_id == ORG, _instances.id == INSTANCE)
INSERT_INSTANCE = insert(Instance)
MOVE_INSTANCE = (
    update(Instance)
    .where(
        _instances.org_id == ORG, _instances.id == INSTANCE, _instances.revision == bindparam("b_revision")
    )
    .values(
        revision=_instances.revision + 1,
        status=bindparam("b_status"),
        state=bindparam("b_state"),
        standing=bindparam("b_standing"),
        audit_seq=bindparam("b_audit_seq"),
        audit_head=bindparam("b_audit_head"),
        ended_at=bindparam("b_ended_at"),
        end_event=bindparam("b_end_event"),
    )
)
SET_STATUS = (
    update(Instance)
    .where(_instances.org_id == ORG, _instances.id == INSTANCE)
    .values(status=bindparam("b_status"))
)
MOVE_TO_DEPLOYMENT = (
    update(Instance)
    .where(_instances.org_id == ORG, _instances.id == INSTANCE)
    .values(deployment_id=bindparam("b_deployment_id"))
)
MOVE_HEAD = (
    update(Instance)
    .where(_instances.org_id == ORG, _instances.id == INSTANCE)
    .values(audit_seq=bindparam("b_audit_seq"), audit_head=bindparam("b_audit_head"))
)

_ITEM_COLUMNS = (
    _items.id,
    _items.instance_id,
    _items.task_key,
    _items.process,
    _items.element,
    _items.name,
    _items.documentation,
    _items.form,
    _items.status,
    _items.version,
    _items.assignee_id,
    _items.held_by,
    _items.principals,
    _items.excluded,
    _items.inputs,
    _items.properties,
    _items.opened_at,
    _items.due_at,
    _items.done_by,
    _items.done_at,
    _items.outcome,
)
# One statement loads both and locks the instance before the item; both are re-read after a wait.
LOCK_ITEM = (
    select(
        *_ITEM_COLUMNS,
        *(column.label(f"instance_{column.name}") for column in INSTANCE_COLUMNS if column.name != "id"),
    )
    .join_from(Instance, WorkItem, _items.instance_id == _instances.id)
    .where(_items.org_id == ORG, _items.id == bindparam("b_item_id"))
    .with_for_update(key_share=True)
)
OPEN_ITEMS = select(*_ITEM_COLUMNS).where(
    _items.org_id == ORG, _items.instance_id == INSTANCE, _items.status == WorkItemStatus.OPEN
)
INSERT_ITEM = insert(WorkItem)
COMPLETE_ITEM = (
    update(WorkItem)
    .where(_items.org_id == ORG, _items.id == bindparam("b_item_id"), _items.status == WorkItemStatus.OPEN)
    .values(
        status=WorkItemStatus.COMPLETED,
        version=_items.version + 1,
        done_at=bindparam("b_at"),
        done_by=bindparam("b_by"),
        outcome=bindparam("b_outcome"),
    )
)
CANCEL_ITEM = (
    update(WorkItem)
    .where(
        _items.org_id == ORG,
        _items.instance_id == INSTANCE,
        _items.task_key == bindparam("b_task_key"),
        _items.status == WorkItemStatus.OPEN,
    )
    .values(status=WorkItemStatus.CANCELLED, version=_items.version + 1, done_at=bindparam("b_at"))
)
WHOSE_TASK = select(_items.principals, _items.assignee_id).where(
    _items.org_id == ORG,
    _items.instance_id == INSTANCE,
    _items.task_key == bindparam("b_task_key"),
    _items.status == WorkItemStatus.OPEN,
)
INSERT_ENTRY = insert(InboxEntry)
DELETE_ENTRIES = delete(InboxEntry).where(
    _entries.org_id == ORG, _entries.work_item_id == bindparam("b_item_id")
)
DELETE_ENTRIES_OF_TASK = delete(InboxEntry).where(
    _entries.org_id == ORG,
    _entries.work_item_id.in_(
        select(_items.id).where(
            _items.org_id == ORG, _items.instance_id == INSTANCE, _items.task_key == bindparam("b_task_key")
        )
    ),
)

INSERT_HISTORY = insert(HistoryStep)
INSERT_INCIDENT = insert(Incident)
INSERT_CHANGE = insert(Change)
INSERT_CALL = insert(ServiceCall)
_calls = ServiceCall.__table__.c
KEPT_CALLS = (
    select(_calls.id, _calls.call_key, _calls.handler, _calls.inputs, _calls.result)
    .where(_calls.org_id == ORG, _calls.instance_id == INSTANCE, _calls.status == CallStatus.KEPT)
    .order_by(_calls.finished_at, _calls.id)
    .with_for_update(key_share=True)
)
TAKE_UP_CALL = (
    update(ServiceCall)
    .where(_calls.org_id == ORG, _calls.id == bindparam("b_call_id"))
    .values(status=bindparam("b_status"), result=bindparam("b_result"), due_at=bindparam("b_due_at"))
)
WITHDRAW_CALL = (
    update(ServiceCall)
    .where(
        _calls.org_id == ORG,
        _calls.instance_id == INSTANCE,
        _calls.call_key == bindparam("b_call_key"),
        _calls.status.in_((*OPEN, CallStatus.KEPT)),
    )
    .values(status=CallStatus.WITHDRAWN, due_at=None)
)

_timers = Timer.__table__.c
DELETE_TIMER = delete(Timer).where(_timers.org_id == ORG, _timers.instance_id == INSTANCE)
INSERT_TIMER = insert(Timer)

_subscriptions = Subscription.__table__.c
DELETE_SUBSCRIPTIONS = delete(Subscription).where(
    _subscriptions.org_id == ORG, _subscriptions.instance_id == INSTANCE
)
INSERT_SUBSCRIPTION = insert(Subscription)

_incidents = Incident.__table__.c
CLOSE_INCIDENTS_OF_TOKEN = (
    update(Incident)
    .where(
        _incidents.org_id == ORG,
        _incidents.instance_id == INSTANCE,
        _incidents.token_key == bindparam("b_token_key"),
        _incidents.resolved_at.is_(None),
    )
    .values(resolved_at=bindparam("b_at"), resolution=bindparam("b_resolution"))
)
CLOSE_INCIDENTS = (
    update(Incident)
    .where(_incidents.org_id == ORG, _incidents.instance_id == INSTANCE, _incidents.resolved_at.is_(None))
    .values(resolved_at=bindparam("b_at"), resolution=bindparam("b_resolution"))
)
