"""Incidents and service calls as an operator reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts import queries as accounts
from app.database import Transaction
from app.outbox.models import CallStatus, ServiceCall
from app.processes.models import Incident, Instance


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """Something that went wrong, and where it stands."""

    id: UUID
    instance_id: UUID | None
    title: str
    number: str
    order_id: UUID | None
    element: str
    handler: str | None
    attempts: int | None
    message: str
    at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class CallRow:
    id: UUID
    handler: str
    element: str | None
    status: str
    attempts: int
    error: str | None
    created_at: datetime
    due_at: datetime | None
    finished_at: datetime | None


_INCIDENT = (
    select(Incident, Instance.title, Instance.business_key, Instance.subject_id, ServiceCall)
    .outerjoin(Instance, Instance.id == Incident.instance_id)
    .outerjoin(ServiceCall, ServiceCall.id == Incident.service_call_id)
)


def list_incidents(
    tx: Transaction,
    *,
    only_open: bool = True,
    message: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[IncidentRow]:
    """Return incidents, the newest first."""
    statement = _INCIDENT.order_by(Incident.at.desc(), Incident.id.desc()).limit(limit)
    if only_open:
        statement = statement.where(Incident.resolved_at.is_(None))
    if message is not None:
        statement = statement.where(Incident.message == message)
    if after is not None:
        at, incident_id = after
        statement = statement.where((Incident.at < at) | ((Incident.at == at) & (Incident.id < incident_id)))
    return _incident_rows(tx, statement)


def _incident_rows(tx: Transaction, statement: Any) -> list[IncidentRow]:
    rows = tx.session.execute(statement).all()
    names = accounts.names_of(tx, [row.Incident.resolved_by for row in rows])
    return [
        IncidentRow(
            id=row.Incident.id,
            instance_id=row.Incident.instance_id,
            title=row.title or "",
            number=row.business_key or "",
            order_id=row.subject_id,
            element=row.Incident.element,
            handler=row.ServiceCall.handler if row.ServiceCall else None,
            attempts=row.ServiceCall.attempts if row.ServiceCall else None,
            message=row.Incident.message,
            at=row.Incident.at,
            resolved_at=row.Incident.resolved_at,
            resolved_by=names.get(row.Incident.resolved_by),
            resolution=row.Incident.resolution,
        )
        for row in rows
    ]


def incidents_of(tx: Transaction, instance_id: UUID) -> list[IncidentRow]:
    """Return all incidents of an instance, the newest first."""
    of_it = _INCIDENT.where(Incident.instance_id == instance_id)
    return _incident_rows(tx, of_it.order_by(Incident.at.desc(), Incident.id.desc()))


def calls_of(tx: Transaction, instance_id: UUID) -> tuple[CallRow, ...]:
    """Return what an instance has asked of machines, in the order of asking."""
    statement = (
        select(ServiceCall).where(ServiceCall.instance_id == instance_id).order_by(ServiceCall.created_at)
    )
    return tuple(
        CallRow(
            id=call.id,
            handler=call.handler,
            element=call.element,
            status=CallStatus(call.status).name.lower(),
            attempts=call.attempts,
            error=call.error,
            created_at=call.created_at,
            due_at=call.due_at,
            finished_at=call.finished_at,
        )
        for call in tx.session.scalars(statement)
    )
