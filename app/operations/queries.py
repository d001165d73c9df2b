"""Incidents and instances as an operator reads them; no engine state is loaded for a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts import queries as accounts
from app.database import Transaction
from app.errors import NotFoundError
from app.outbox.models import CallStatus, ServiceCall
from app.processes.models import (
    Deployment,
    HistoryStep,
    Incident,
    Instance,
    InstanceStatus,
    Subscription,
    Timer,
)


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


@dataclass(frozen=True, slots=True)
class StepRow:
    """One advance of an instance with its events."""

    revision: int
    at: datetime
    person: str | None
    cause: str
    events: list[Any]


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance whole, from its tables."""

    id: UUID
    process: str
    business_key: str
    title: str
    order_id: UUID | None
    status: str
    revision: int
    deployment_number: int
    started_at: datetime
    ended_at: datetime | None
    end_event: str | None
    tokens: list[list[str]]
    awaits: list[dict[str, str]]
    next_due: datetime | None
    calls: tuple[CallRow, ...]
    incidents: tuple[IncidentRow, ...]
    steps: tuple[StepRow, ...]


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


def get_instance(tx: Transaction, instance_id: UUID) -> InstanceView:
    """Return an instance with its history, calls, incidents and what it waits for."""
    found = tx.session.execute(
        select(Instance, Deployment.number)
        .join(Deployment, Deployment.id == Instance.deployment_id)
        .where(Instance.id == instance_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("instance", instance_id)
    instance: Instance = found.Instance
    return InstanceView(
        id=instance.id,
        process=instance.process,
        business_key=instance.business_key,
        title=instance.title,
        order_id=instance.subject_id,
        status=InstanceStatus(instance.status).name.lower(),
        revision=instance.revision,
        deployment_number=found.number,
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        end_event=instance.end_event,
        tokens=[list(token) for token in instance.standing.get("tokens", [])],
        awaits=_awaits(tx, instance_id),
        next_due=tx.session.scalar(select(Timer.due_at).where(Timer.instance_id == instance_id)),
        calls=_calls(tx, instance_id),
        incidents=tuple(_incident_rows(tx, _INCIDENT.where(Incident.instance_id == instance_id))),
        steps=_steps(tx, instance_id),
    )


def _awaits(tx: Transaction, instance_id: UUID) -> list[dict[str, str]]:
    statement = select(Subscription).where(Subscription.instance_id == instance_id)
    return [
        {"kind": row.kind, "name": row.name, "element": row.element} for row in tx.session.scalars(statement)
    ]


def _calls(tx: Transaction, instance_id: UUID) -> tuple[CallRow, ...]:
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


def _steps(tx: Transaction, instance_id: UUID) -> tuple[StepRow, ...]:
    statement = (
        select(HistoryStep).where(HistoryStep.instance_id == instance_id).order_by(HistoryStep.revision)
    )
    steps = tx.session.scalars(statement).all()
    names = accounts.names_of(tx, [step.person_id for step in steps])
    return tuple(
        StepRow(
            revision=step.revision,
            at=step.at,
            person=names.get(step.person_id) if step.person_id else None,
            cause=step.cause,
            events=step.events,
        )
        for step in steps
    )
