"""One instance as people see it, from its tables: where it stands, what it waits for, how it came there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer

import workflows
from app.accounts import queries as accounts
from app.database import Transaction
from app.errors import NotFoundError
from app.operations import queries
from app.operations.instances_history import StepRow, steps_of
from app.operations.instances_visits import Place, Visit, Visits, live_places
from app.orders.standing import Waiting, waiting_of
from app.processes import deployments
from app.processes.models import Instance, InstanceStatus, Subscription
from app.processes.naming import name_of


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """An element that holds tokens: how many, and since when the oldest stands there."""

    process: str
    element: str
    name: str
    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A timer that runs; `every` is the period of a cycle."""

    process: str
    element: str
    name: str
    due_at: datetime
    every: str | None


@dataclass(frozen=True, slots=True)
class AwaitRow:
    """A message, a signal or a condition that is awaited."""

    kind: str
    name: str
    element: str
    element_name: str


@dataclass(frozen=True, slots=True)
class DiagramRow:
    """One diagram that the instance has entered, with what is to be marked on it, by element.

    `calls` names the process behind each call activity that has been entered.
    """

    process: str
    file: str
    lit: tuple[str, ...]
    passed: Mapping[str, int]
    counts: Mapping[str, int]
    stopped: Mapping[str, str]
    calls: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit with what people call its element, what kind it is, and who ended it."""

    visit: Visit
    name: str
    kind: str
    person: str | None


@dataclass(slots=True)
class Story:
    """All that the history of an instance says, read once."""

    steps: list[StepRow]
    visits: list[Visit]
    pending: list[Visit]
    passed: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance whole, but its history."""

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
    places: tuple[PlaceRow, ...]
    timers: tuple[TimerRow, ...]
    awaits: tuple[AwaitRow, ...]
    items: tuple[Waiting, ...]
    calls: tuple[queries.CallRow, ...]
    incidents: tuple[queries.IncidentRow, ...]
    stopped: tuple[tuple[str, str], ...]  # what people call each element that needs help, and why
    diagrams: tuple[DiagramRow, ...]


def find(tx: Transaction, instance_id: UUID) -> Instance:
    """Return an instance without its state; raise NotFoundError for another organisation's."""
    statement = select(Instance).where(Instance.id == instance_id).options(defer(Instance.state))
    instance = tx.session.scalar(statement)
    if instance is None:
        raise NotFoundError("instance", instance_id)
    return instance


def story_of(tx: Transaction, instance: Instance) -> Story:
    """Read the history of an instance."""
    deployment = deployments.snapshot(tx, instance.deployment_id).deployment
    reader = Visits(workflows.joins_of(deployment))
    steps = list(steps_of(tx, instance.id, until=instance.revision))
    ended = [visit for step in steps for visit in reader.take(step)]
    story = Story(steps, ended, reader.pending(live_places(instance.standing)))
    for visit in ended:
        if visit.how == "completed" and not visit.is_whole:
            story.passed.setdefault(visit.process, Counter())[visit.element] += 1
    return story


def get_instance(tx: Transaction, instance: Instance, story: Story) -> InstanceView:
    snapshot = deployments.snapshot(tx, instance.deployment_id)
    names = _Names(snapshot.deployment)
    incidents = tuple(queries.incidents_of(tx, instance.id))
    places = tuple(_places(instance.standing, story, names))
    return InstanceView(
        id=instance.id,
        process=instance.process,
        business_key=instance.business_key,
        title=instance.title,
        order_id=instance.subject_id,
        status=InstanceStatus(instance.status).name.lower(),
        revision=instance.revision,
        deployment_number=snapshot.number,
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        end_event=instance.end_event,
        places=places,
        timers=tuple(_timers(instance.standing, names)),
        awaits=tuple(_awaits(tx, instance.id, names)),
        items=tuple(waiting_of(tx, [instance.id])),
        calls=queries.calls_of(tx, instance.id),
        incidents=incidents,
        stopped=tuple(
            (names.anywhere(each.element), each.message) for each in incidents if each.resolved_at is None
        ),
        diagrams=tuple(_diagrams(snapshot.deployment, story, places, incidents)),
    )


def visit_rows(
    tx: Transaction, instance: Instance, visits: Iterable[Visit], *, by_id: bool = False
) -> list[VisitRow]:
    """Return visits in words."""
    chosen = list(visits)
    names = _Names(deployments.snapshot(tx, instance.deployment_id).deployment)
    people = accounts.names_of(tx, [visit.person_id for visit in chosen])
    return [
        VisitRow(
            visit,
            visit.element if by_id else names.of(visit.process, visit.element),
            names.kind(visit.process, visit.element),
            people.get(visit.person_id) if visit.person_id and _is_a_deed(visit, names) else None,
        )
        for visit in chosen
    ]


def _is_a_deed(visit: Visit, names: _Names) -> bool:
    """Whether the person of the step ended this very visit, and not what came after by itself."""
    if visit.cause != "item.completed":
        return True
    return names.kind(visit.process, visit.element) in ("userTask", "manualTask")


class _Names:
    """What a deployment calls its elements."""

    def __init__(self, deployment: workflows.Deployment) -> None:
        self._processes = deployment.processes
        self._drawn = {
            element.id: element.name
            for process in deployment.processes.values()
            for element in process.elements.values()
            if element.name
        }

    def of(self, process: str, element: str) -> str:
        known = self._processes.get(process)
        info = known.elements.get(element) if known else None
        return name_of(element, {element: info.name} if info else {})

    def anywhere(self, element: str) -> str:
        return name_of(element, self._drawn)

    def kind(self, process: str, element: str) -> str:
        known = self._processes.get(process)
        info = known.elements.get(element) if known else None
        return info.kind if info else ""


def _places(standing: Mapping[str, Any], story: Story, names: _Names) -> Iterable[PlaceRow]:
    many = {(process, element): count for process, element, count in standing.get("many", [])}
    since: dict[Place, datetime] = {}
    for visit in story.pending:
        since.setdefault((visit.process, visit.element), visit.entered_at)
    for process, element in standing.get("tokens", []):
        place = (process, element)
        yield PlaceRow(process, element, names.of(*place), many.get(place, 1), since.get(place))


def _timers(standing: Mapping[str, Any], names: _Names) -> Iterable[TimerRow]:
    for _, process, element, due, every in standing.get("timers", []):
        yield TimerRow(process, element, names.of(process, element), datetime.fromisoformat(due), every)


def _awaits(tx: Transaction, instance_id: UUID, names: _Names) -> Iterable[AwaitRow]:
    statement = (
        select(Subscription)
        .where(Subscription.instance_id == instance_id)
        .order_by(Subscription.kind, Subscription.name, Subscription.token_key)
    )
    for row in tx.session.scalars(statement):
        yield AwaitRow(row.kind, row.name, row.element, names.anywhere(row.element))


def _diagrams(
    deployment: workflows.Deployment,
    story: Story,
    places: Iterable[PlaceRow],
    incidents: Iterable[queries.IncidentRow],
) -> Iterable[DiagramRow]:
    """Yield each diagram in the order of entering."""
    counts: dict[str, dict[str, int]] = {}
    for place in places:
        counts.setdefault(place.process, {})[place.element] = place.count
    entered = dict.fromkeys([*(v.process for v in [*story.visits, *story.pending]), *counts])
    calls = workflows.calls_of(deployment)
    reasons = {each.element: each.message for each in incidents if each.resolved_at is None}
    for process in (each for each in entered if each in deployment.processes):
        info, standing = deployment.processes[process], counts.get(process, {})
        yield DiagramRow(
            process=process,
            file=info.file,
            lit=tuple(standing),
            passed=dict(story.passed.get(process, {})),
            counts={element: count for element, count in standing.items() if count > 1},
            stopped={element: why for element, why in reasons.items() if element in standing},
            calls={e: called for (p, e), called in calls.items() if p == process and called in entered},
        )
