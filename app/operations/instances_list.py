"""Instances in a list: filtered by process, status, version, element and words, paged by their beginning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, or_, select

from app.database import Transaction
from app.operations.instances_visits import Place
from app.processes import deployments
from app.processes.models import LIVE, Deployment, Incident, Instance, InstanceStatus
from app.processes.naming import name_of
from app.searching import pattern_of

# What holds others: a token within says more.
AROUND = frozenset({"subProcess", "transaction", "callActivity"})


@dataclass(frozen=True, slots=True)
class InstanceFilter:
    """Which instances; what is None, empty or false does not narrow.

    `element` is one that holds a token now, in `process` or in a process that the instance called. The
    period counts days of beginning, in UTC.
    """

    search: str = ""
    process: str = ""
    element: str = ""
    status: str = ""
    deployments: tuple[UUID, ...] | None = None
    only_stopped: bool = False
    started_from: date | None = None
    started_to: date | None = None
    only_live: bool = False


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One line of the list; `places` are the elements that hold a token."""

    id: UUID
    process: str
    business_key: str
    title: str
    order_id: UUID | None
    status: str
    deployment_number: int
    started_at: datetime
    ended_at: datetime | None
    places: tuple[str, ...]
    incidents: int
    deployment_id: UUID
    tokens: tuple[Place, ...]


_OPEN_INCIDENTS = exists().where(Incident.instance_id == Instance.id, Incident.resolved_at.is_(None))
_COLUMNS = (
    Instance.id,
    Instance.process,
    Instance.business_key,
    Instance.title,
    Instance.subject_id,
    Instance.status,
    Instance.deployment_id,
    Instance.standing,
    Instance.started_at,
    Instance.ended_at,
    Deployment.number,
)


def list_instances(
    tx: Transaction, wanted: InstanceFilter, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[InstanceRow]:
    """Return a page of instances, the newest first."""
    conditions = _conditions(wanted)
    if after is not None:
        at, key = after
        conditions.append(or_(Instance.started_at < at, and_(Instance.started_at == at, Instance.id < key)))
    statement = (
        select(*_COLUMNS)
        .join(Deployment, Deployment.id == Instance.deployment_id)
        .where(*conditions)
        .order_by(Instance.started_at.desc(), Instance.id.desc())
        .limit(limit)
    )
    rows = tx.session.execute(statement).all()
    stopped = _incidents(tx, [row.id for row in rows])
    return [
        InstanceRow(
            id=row.id,
            process=row.process,
            business_key=row.business_key,
            title=row.title,
            order_id=row.subject_id,
            status=InstanceStatus(row.status).name.lower(),
            deployment_number=row.number,
            started_at=row.started_at,
            ended_at=row.ended_at,
            places=tuple(dict.fromkeys(element for _, element in row.standing.get("tokens", []))),
            deployment_id=row.deployment_id,
            tokens=tuple((process, element) for process, element in row.standing.get("tokens", [])),
            incidents=stopped.count(row.id),
        )
        for row in rows
    ]


def names_of(tx: Transaction, rows: Iterable[InstanceRow]) -> dict[UUID, tuple[str, ...]]:
    """Return by instance what people call the elements where it stands; what is around others goes unsaid."""
    return {row.id: tuple(_names(deployments.snapshot(tx, row.deployment_id), row.tokens)) for row in rows}


def _names(snapshot: deployments.Snapshot, tokens: Sequence[Place]) -> Iterator[str]:
    known = [
        snapshot.deployment.processes[process].elements[element]
        for process, element in tokens
        if process in snapshot.deployment.processes
        and element in snapshot.deployment.processes[process].elements
    ]
    innermost = [info for info in known if info.kind not in AROUND]
    for info in innermost or known:
        yield name_of(info.id, {info.id: info.name})


def place_of(row: InstanceRow) -> tuple[datetime, UUID]:
    return row.started_at, row.id


def _incidents(tx: Transaction, instance_ids: Sequence[UUID]) -> list[UUID | None]:
    """Return the instance of each open incident among these."""
    statement = select(Incident.instance_id).where(
        Incident.instance_id.in_(instance_ids), Incident.resolved_at.is_(None)
    )
    return list(tx.session.scalars(statement))


def _conditions(wanted: InstanceFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.search:
        pattern = pattern_of(wanted.search)
        found.append(
            or_(Instance.title.ilike(pattern, escape="\\"), Instance.business_key.ilike(pattern, escape="\\"))
        )
    if wanted.status:
        found.append(Instance.status == InstanceStatus[wanted.status.upper()])
    if wanted.element:
        found.append(_stands_at(wanted.process, wanted.element))
    elif wanted.process:
        found.append(Instance.process == wanted.process)
    if wanted.deployments is not None:
        found.append(Instance.deployment_id.in_(wanted.deployments))
    if wanted.only_live:
        found.append(Instance.status.in_(LIVE))
    if wanted.only_stopped:
        found.append(_OPEN_INCIDENTS)
    return [*found, *_period(wanted)]


def _stands_at(process: str, element: str) -> ColumnElement[bool]:
    """Look for a token in what stands, which databases write with and without spaces."""
    text: Any = cast(Instance.standing, Text)
    pairs = (f'["{process}","{element}"]', f'["{process}", "{element}"]')
    at_it = or_(*(text.like(pattern_of(pair), escape="\\") for pair in pairs))
    return and_(Instance.status.in_(LIVE), at_it)


def _period(wanted: InstanceFilter) -> list[ColumnElement[bool]]:
    found = []
    if wanted.started_from:
        found.append(Instance.started_at >= _midnight(wanted.started_from))
    if wanted.started_to:
        found.append(Instance.started_at < _midnight(wanted.started_to) + timedelta(days=1))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
