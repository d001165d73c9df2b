"""How long elements take and how many instances stand there: for one diagram, by version and period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

import workflows
from app.database import Transaction
from app.errors import NotFoundError
from app.operations.heat_durations import quantile
from app.operations.instances_visits import Place
from app.processes import deployments
from app.processes.models import (
    LIVE,
    Deployment,
    DeploymentFile,
    ElementTimes,
    Incident,
    Instance,
)
from app.processes.naming import name_of


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process with the running instances that stand in it, and how many of those are stopped."""

    process: str
    file: str
    version: int
    open: int
    stopped: int


@dataclass(frozen=True, slots=True)
class ElementRow:
    """An element: visits that ended, how long they took, and the instances that stand there now.

    `median` and `p95` are seconds, of completed visits, right to 2.5 percent.
    """

    process: str
    element: str
    name: str
    kind: str
    completed: int
    cancelled: int
    median: float | None
    p95: float | None
    open: int


@dataclass(frozen=True, slots=True)
class HeatView:
    """A diagram with its elements; `version` is None where all versions count, drawn is the newest then."""

    name: str
    version: int | None
    drawn_version: int
    versions: tuple[int, ...]
    elements: tuple[ElementRow, ...]


def list_processes(tx: Transaction) -> list[ProcessRow]:
    """Return what the newest deployment has, by file, with what runs on any."""
    snapshot = deployments.current(tx)
    versions = _versions(tx, snapshot.id)
    standing = _standing(tx, None)
    return [
        ProcessRow(
            process=info.id,
            file=info.file,
            version=versions[info.file],
            open=standing.by_process[info.id],
            stopped=standing.stopped[info.id],
        )
        for info in sorted(snapshot.deployment.processes.values(), key=lambda each: (each.file, each.id))
    ]


def get_heat(tx: Transaction, name: str, version: int | None, since: date | None) -> HeatView:
    """Return a diagram's elements in the order of its drawing; raise NotFoundError for an unknown one."""
    uses = _uses(tx, name)
    chosen = [use for use in uses if version is None or use[0] == version]
    if not chosen:
        raise NotFoundError("file", name)
    snapshot = deployments.snapshot(tx, chosen[-1][1])
    processes = {p.id: p for p in snapshot.deployment.processes.values() if p.file == name}
    of_version = None if version is None else [deployment_id for _, deployment_id in chosen]
    times = _times(tx, list(processes), of_version, since)
    standing = _standing(tx, of_version)
    drawn = [(process.id, element) for process in processes.values() for element in process.elements]
    gone = sorted(place for place in {*times, *standing.by_place} - {*drawn} if place[0] in processes)
    return HeatView(
        name=name,
        version=version,
        drawn_version=chosen[-1][0],
        versions=tuple(sorted({use[0] for use in uses}, reverse=True)),
        elements=tuple(_elements([*drawn, *gone], processes, times, standing.by_place)),
    )


def _elements(
    places: Sequence[Place],
    processes: Mapping[str, workflows.ProcessInfo],
    times: Mapping[Place, _Times],
    standing: Counter[Place],
) -> Iterator[ElementRow]:
    for process, element in places:
        info = processes[process].elements.get(element)
        found = times.get((process, element)) or _Times()
        yield ElementRow(
            process=process,
            element=element,
            name=name_of(element, {element: info.name} if info else {}),
            kind=info.kind if info else "",
            completed=found.completed,
            cancelled=found.cancelled,
            median=quantile(found.buckets, 0.5),
            p95=quantile(found.buckets, 0.95),
            open=standing[process, element],
        )


@dataclass(slots=True)
class _Times:
    completed: int = 0
    cancelled: int = 0
    buckets: Counter[int] = field(default_factory=Counter)


def _times(
    tx: Transaction, processes: Sequence[str], of_version: Sequence[UUID] | None, since: date | None
) -> dict[Place, _Times]:
    """Add up what was counted of these processes."""
    statement = select(
        ElementTimes.process,
        ElementTimes.element,
        ElementTimes.completed,
        ElementTimes.cancelled,
        ElementTimes.buckets,
    ).where(ElementTimes.process.in_(processes))
    if of_version is not None:
        statement = statement.where(ElementTimes.deployment_id.in_(of_version))
    if since is not None:
        statement = statement.where(ElementTimes.day >= since)
    found: dict[Place, _Times] = {}
    for row in tx.session.execute(statement):
        times = found.setdefault((row.process, row.element), _Times())
        times.completed += row.completed
        times.cancelled += row.cancelled
        for bucket, count in row.buckets.items():
            times.buckets[int(bucket)] += count
    return found


@dataclass(slots=True)
class _Standing:
    """How many live instances stand where; an instance counts once at each element and in each process."""

    by_place: Counter[Place] = field(default_factory=Counter)
    by_process: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)


def _standing(tx: Transaction, of_version: Sequence[UUID] | None) -> _Standing:
    """Let the database count how many stand at just the same elements: those are few, however many stand."""
    tokens = select(Instance.id, Instance.standing["tokens"].label("tokens")).where(Instance.status.in_(LIVE))
    if of_version is not None:
        tokens = tokens.where(Instance.deployment_id.in_(of_version))
    standing = tokens.subquery()
    counted = select(standing.c.tokens, func.count()).group_by(standing.c.tokens)
    stopped = select(Incident.instance_id).where(Incident.resolved_at.is_(None))
    found = _Standing()
    for places, count in tx.session.execute(counted):
        for place in {(process, element) for process, element in places or []}:
            found.by_place[place] += count
        _add_processes(found.by_process, places, count)
    for places, count in tx.session.execute(counted.where(standing.c.id.in_(stopped))):
        _add_processes(found.stopped, places, count)
    return found


def _add_processes(to: Counter[str], places: Any, count: int) -> None:
    for process in {process for process, _ in places or []}:
        to[process] += count


def _versions(tx: Transaction, deployment_id: UUID) -> dict[str, int]:
    statement = select(DeploymentFile.name, DeploymentFile.version).where(
        DeploymentFile.deployment_id == deployment_id
    )
    return {row.name: row.version for row in tx.session.execute(statement)}


def _uses(tx: Transaction, name: str) -> list[tuple[int, UUID]]:
    """Return the version of a file in each deployment that has it, the newest deployment last."""
    statement = (
        select(DeploymentFile.version, DeploymentFile.deployment_id)
        .join(Deployment, Deployment.id == DeploymentFile.deployment_id)
        .where(DeploymentFile.name == name, DeploymentFile.kind == "bpmn")
        .order_by(Deployment.number)
    )
    return [(row.version, row.deployment_id) for row in tx.session.execute(statement)]
