"""An instance as a command holds it: its locked row, and the chain head that moves with every step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.audit import Head
from app.processes.models import LIVE, InstanceStatus


@dataclass(frozen=True, slots=True)
class Opened:
    """A work item that a step opened."""

    id: UUID
    task_key: str
    element: str
    name: str
    form: str | None


@dataclass(slots=True)
class Loaded:
    """The locked row of an instance; `record` keeps it true while a command advances it again."""

    id: UUID
    org_id: UUID
    deployment_id: UUID
    process: str
    business_key: str
    title: str
    subject_id: UUID | None
    requester_id: UUID | None
    status: int
    revision: int  # 0 before the first step is recorded
    state: bytes
    standing: dict[str, Any]
    head: Head
    opened: tuple[Opened, ...] = field(default=())  # by the last step

    @property
    def finished(self) -> bool:
        return self.status not in LIVE

    @property
    def suspended(self) -> bool:
        return self.status == InstanceStatus.SUSPENDED


def loaded_from(row: Row[Any], prefix: str = "") -> Loaded:
    """Read a row of INSTANCE_COLUMNS, whose labels begin with `prefix`."""

    def value(name: str) -> Any:
        return getattr(row, prefix + name)

    return Loaded(
        id=row.instance_id if prefix else row.id,
        org_id=value("org_id"),
        deployment_id=value("deployment_id"),
        process=value("process"),
        business_key=value("business_key"),
        title=value("title"),
        subject_id=value("subject_id"),
        requester_id=value("requester_id"),
        status=value("status"),
        revision=value("revision"),
        state=value("state"),
        standing=value("standing"),
        head=Head(value("audit_seq"), value("audit_head")),
    )
