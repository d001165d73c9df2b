"""What the pages of an operator's verbs show: where an instance stands, and where it may go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

import workflows
from app.database import Transaction
from app.errors import NotFoundError
from app.outbox.models import ServiceCall
from app.processes import deployments, helping, naming
from app.processes.helping import Way
from app.processes.models import LIVE, Incident, Instance, InstanceStatus
from app.processes.operating import Verb
from app.wording import Wording
from rules import feel


@dataclass(frozen=True, slots=True)
class Place:
    """An element as a form offers it: `value` is "process|element"."""

    value: str
    process: str
    element: str
    name: Wording
    kind: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """An instance, with the elements that a verb may be about."""

    id: UUID
    title: str
    business_key: str
    order_id: UUID | None
    process: str
    status: str
    revision: int
    places: tuple[Place, ...]
    targets: tuple[Place, ...]
    timers: tuple[Place, ...]
    names: Mapping[str, str]

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be done to it as it stands; nothing to one that has ended."""
        if self.status == "suspended":
            return (Verb.RESUME, *_ALWAYS)
        return (Verb.SUSPEND, *_ALWAYS) if self.status == "running" else ()


_ALWAYS = (Verb.MOVE, Verb.SET, Verb.RESCHEDULE, Verb.CANCEL)


@dataclass(frozen=True, slots=True)
class Stuck:
    """An incident, what its element saw, and which ways lead out of it."""

    id: UUID
    element: str
    name: Wording
    message: str
    at: datetime
    seen: Mapping[str, Any]
    subject: Subject | None
    is_call: bool
    is_element: bool
    ways: tuple[Way, ...]

    @property
    def instance_id(self) -> UUID | None:
        return self.subject.id if self.subject else None


def subject_of(tx: Transaction, instance_id: UUID) -> Subject:
    """Return an instance for a form; raise NotFoundError for another organisation's."""
    instance = tx.session.get(Instance, instance_id)
    if instance is None:
        raise NotFoundError("instance", instance_id)
    names = naming.names_in(tx, instance_id)
    deployment = deployments.snapshot(tx, instance.deployment_id).deployment
    standing = instance.standing if instance.status in LIVE else {}
    tokens = [(process, element) for process, element in standing.get("tokens", [])]
    return Subject(
        id=instance.id,
        title=instance.title,
        business_key=instance.business_key,
        order_id=instance.subject_id,
        process=instance.process,
        status=InstanceStatus(instance.status).name.lower(),
        revision=instance.revision,
        places=tuple(_place(deployment, names, *token) for token in tokens),
        targets=_targets(deployment, names, [process for process, _ in tokens]),
        timers=tuple(_timer(deployment, names, row) for row in standing.get("timers", [])),
        names=names,
    )


def targets_in(deployment: workflows.Deployment, process: str) -> tuple[Place, ...]:
    """Return where a token of a process may be put."""
    names = {element.id: element.name for element in deployment.processes[process].elements.values()}
    return _targets(deployment, names, [process])


def _targets(
    deployment: workflows.Deployment, names: Mapping[str, str], processes: Iterable[str]
) -> tuple[Place, ...]:
    return tuple(
        _place(deployment, names, process, element)
        for process in dict.fromkeys(processes)
        if process in deployment.processes
        for element in workflows.places(deployment, process, "")
    )


def _place(deployment: workflows.Deployment, names: Mapping[str, str], process: str, element: str) -> Place:
    kind = _kind(deployment, process, element)
    return Place(f"{process}|{element}", process, element, naming.name_of(element, names), kind)


def _kind(deployment: workflows.Deployment, process: str, element: str) -> str:
    """Return what an element is; nothing for one of a called process that another deployment draws."""
    known = deployment.processes.get(process)
    found = known.elements.get(element) if known else None
    return found.kind if found else ""


def _timer(deployment: workflows.Deployment, names: Mapping[str, str], row: list[Any]) -> Place:
    _, process, element, due, _ = row
    kind = _kind(deployment, process, element)
    name = naming.name_of(element, names)
    return Place(f"{process}|{element}", process, element, name, kind, datetime.fromisoformat(due))


def stuck_at(tx: Transaction, incident_id: UUID) -> Stuck:
    """Return an open incident for a form; raise NotFoundError for another organisation's."""
    incident = tx.session.get(Incident, incident_id)
    if incident is None:
        raise NotFoundError("incident", incident_id)
    subject = subject_of(tx, incident.instance_id) if incident.instance_id else None
    return Stuck(
        id=incident.id,
        element=incident.element,
        name=naming.name_of(incident.element, subject.names if subject else {}),
        message=incident.message,
        at=incident.at,
        seen=seen_at(tx, incident),
        subject=subject,
        is_call=incident.service_call_id is not None,
        is_element=incident.token_key is not None,
        ways=_ways(tx, incident),
    )


def _ways(tx: Transaction, incident: Incident) -> tuple[Way, ...]:
    if incident.resolved_at is not None:
        return ()
    if incident.token_key is not None:
        return (Way.RETRY, Way.SKIP, Way.ANSWER, Way.CANCEL)
    call = tx.session.get(ServiceCall, incident.service_call_id) if incident.service_call_id else None
    if call is None:
        return (Way.RETRY,)
    return (Way.RETRY, Way.REDELIVER, Way.DROP) if helping.is_message(call) else (Way.RETRY, Way.DROP)


def seen_at(tx: Transaction, incident: Incident) -> Mapping[str, Any]:
    """Return the variables that an incident's element saw, or what its call was made with, as plain JSON."""
    if incident.service_call_id is not None:
        return dict(tx.session.get_one(ServiceCall, incident.service_call_id).inputs)
    kept = (incident.seen or {}).get("set", {})
    found: Mapping[str, Any] = feel.to_plain_json(feel.from_typed_json(kept))
    return found


def standings_of(
    tx: Transaction, instance_ids: Sequence[UUID], deployment: workflows.Deployment
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Return where these instances stand, and the elements at which their timers wait; each once.

    What the deployment does not draw any more is left out.
    """
    tokens: dict[tuple[str, str], None] = {}
    timers: dict[tuple[str, str], None] = {}
    for standing in tx.session.scalars(select(Instance.standing).where(Instance.id.in_(instance_ids))):
        tokens |= dict.fromkeys((process, element) for process, element in standing.get("tokens", []))
        timers |= dict.fromkeys((process, element) for _, process, element, *_ in standing.get("timers", []))
    return _drawn(deployment, tokens), _drawn(deployment, timers)


def _drawn(deployment: workflows.Deployment, found: Iterable[tuple[str, str]]) -> tuple[Place, ...]:
    return tuple(
        _place(deployment, {key: each.name for key, each in known.elements.items()}, process, element)
        for process, element in found
        if (known := deployment.processes.get(process)) is not None and element in known.elements
    )


def name_of(tx: Transaction, instance_id: UUID) -> tuple[str, str]:
    """Return the title and business key of an instance."""
    instance = tx.session.get(Instance, instance_id)
    return (instance.title, instance.business_key) if instance else ("", "")
