"""The tables that say where every instance stands; the engine's state is stored, never queried."""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Blob, LongText, new_id
from app.database import Model, Owned


class Deployment(Owned, Model):
    """A snapshot of all of an organisation's diagrams and tables; an instance stays on its own."""

    __tablename__ = "deployments"
    __table_args__ = (UniqueConstraint("org_id", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    note: Mapped[str] = mapped_column(LongText, default="")
    changed: Mapped[list[Any]] = mapped_column(default=list)  # names of the files this one changed
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class Document(Owned, Model):
    """A file's content, kept once per organisation and content hash (SHA-256, hex)."""

    __tablename__ = "documents"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(Blob)


class DeploymentFile(Owned, Model):
    """A file in a deployment; `version` counts the contents this name has had."""

    __tablename__ = "deployment_files"
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # bpmn, dmn, tests
    digest: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]


class InstanceStatus(IntEnum):
    """RUNNING and SUSPENDED have a state; the others keep none. Only operators move a suspended one."""

    RUNNING = 0
    ENDED = 1
    CANCELLED = 2
    SUSPENDED = 3


LIVE = (InstanceStatus.RUNNING, InstanceStatus.SUSPENDED)


class Instance(Owned, Model):
    """One running process. `standing` says where live tokens are and what is awaited, for pages."""

    __tablename__ = "instances"
    __table_args__ = (
        Index("ix_instances_started", "org_id", "started_at"),
        Index("ix_instances_subject", "org_id", "subject_id"),
        {"postgresql_with": {"fillfactor": 60}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployments.id"))
    process: Mapped[str] = mapped_column(String(120))
    business_key: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(255))
    subject_id: Mapped[UUID | None]  # the order that this instance carries
    requester_id: Mapped[UUID | None]
    status: Mapped[int] = mapped_column(SmallInteger, default=InstanceStatus.RUNNING)
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[bytes] = mapped_column(Blob)
    standing: Mapped[dict[str, Any]] = mapped_column(default=dict)
    audit_seq: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[bytes] = mapped_column(Blob, default=b"")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_event: Mapped[str | None] = mapped_column(String(120))


class HistoryStep(Owned, Model):
    """What one advance did: all its events in one row, and the variables that it changed.

    Personal data: `changed` holds what people entered into forms. It is null where nothing kept it yet.
    """

    __tablename__ = "history_steps"
    instance_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    person_id: Mapped[UUID | None]
    cause: Mapped[str] = mapped_column(String(60))
    events: Mapped[list[Any]]
    changed: Mapped[list[Any] | None] = mapped_column(default=None)


class ElementTimes(Owned, Model):
    """How often an element was passed on one day (UTC) and how long that took, for the heat map.

    `buckets` counts visits by their length; see app/operations/heat_durations.py.
    """

    __tablename__ = "element_times"
    __table_args__ = (Index("ix_element_times_process", "org_id", "process", "day"),)
    deployment_id: Mapped[UUID] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(String(120), primary_key=True)
    element: Mapped[str] = mapped_column(String(190), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    completed: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    buckets: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ElementMark(Owned, Model):
    """How far an instance's history is counted in ElementTimes, and the visits that had not ended there."""

    __tablename__ = "element_marks"
    instance_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int]
    pending: Mapped[list[Any]] = mapped_column(default=list)


class WorkItemStatus(IntEnum):
    OPEN = 0
    COMPLETED = 1
    CANCELLED = 2


class WorkItem(Owned, Model):
    """One decision or piece of work that a user task needs from a person."""

    __tablename__ = "work_items"
    __table_args__ = (
        Index("ix_work_items_instance", "instance_id"),
        {"postgresql_with": {"fillfactor": 80}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instances.id"))
    task_key: Mapped[str] = mapped_column(String(64))
    process: Mapped[str] = mapped_column(String(120))
    element: Mapped[str] = mapped_column(String(190))
    name: Mapped[str] = mapped_column(String(255))
    documentation: Mapped[str] = mapped_column(LongText, default="")
    form: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[int] = mapped_column(SmallInteger, default=WorkItemStatus.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    assignee_id: Mapped[UUID | None]  # who claimed it, or whom the diagram named
    held_by: Mapped[UUID | None]  # whose decision waits for its undo time to pass
    principals: Mapped[list[Any]] = mapped_column(default=list)  # candidates: "t:<team key>", "p:<person id>"
    excluded: Mapped[list[Any]] = mapped_column(default=list)  # person ids who may not decide
    inputs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict)
    priority: Mapped[int] = mapped_column(default=50)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
    outcome: Mapped[dict[str, Any] | None]


class InboxEntry(Owned, Model):
    """An open item under each principal who may take it; deleted when the item closes.

    `due_at` is never null here (the far future stands for "no deadline") so that the index gives the order.
    """

    __tablename__ = "inbox_entries"
    __table_args__ = (Index("ix_inbox_entries_page", "org_id", "principal", "due_at", "work_item_id"),)
    work_item_id: Mapped[UUID] = mapped_column(primary_key=True)
    principal: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime]


class Timer(Owned, Model):
    """The earliest moment at which an instance must be advanced by itself."""

    __tablename__ = "timers"
    __table_args__ = (Index("ix_timers_due", "due_at"),)
    instance_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]


class Subscription(Owned, Model):
    """A message or signal that an instance awaits.

    `correlates` lists by name the keys that a message must bring, with the FEEL that finds each in its
    payload; `fits` is the digest of their values. None and empty: any message of this name fits.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_name", "org_id", "kind", "name"),)
    instance_id: Mapped[UUID] = mapped_column(primary_key=True)
    token_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(190), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    element: Mapped[str] = mapped_column(String(190))
    correlates: Mapped[str | None] = mapped_column(LongText)
    fits: Mapped[str] = mapped_column(String(64), default="")
    business_key: Mapped[str | None] = mapped_column(String(120))  # a called process's own


class Incident(Owned, Model):
    """Something went wrong and waits for an operator; the instance stands there unharmed.

    Personal data: `seen` holds the variables that the element saw, as `showing.kept_of` keeps them. It and
    `process` are null where the engine met nothing itself: at a call that was given up, or a held decision.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_open", "org_id", "resolved_at", "at"),
        Index("ix_incidents_instance", "instance_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    instance_id: Mapped[UUID | None]
    service_call_id: Mapped[UUID | None]
    token_key: Mapped[str | None] = mapped_column(String(64))
    process: Mapped[str | None] = mapped_column(String(120))
    element: Mapped[str] = mapped_column(String(190))
    message: Mapped[str] = mapped_column(LongText)
    seen: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
    resolution: Mapped[str | None] = mapped_column(LongText)
