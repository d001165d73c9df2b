"""What could be migrated: processes with instances on former deployments, and those instances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

import workflows
from app.database import Transaction
from app.errors import InvalidError, NotFoundError
from app.processes import deployments
from app.processes.deployments import Snapshot
from app.processes.models import LIVE, Deployment, Instance, InstanceStatus
from app.processes.moving_models import MovedInstance
from app.wording import worded

MOST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """That another element stands for an old one than is proposed; none: nothing does."""

    process: str
    old: str
    new: str | None


@dataclass(frozen=True, slots=True)
class Course:
    """From which deployment to which the instances of a process go, by their numbers."""

    process: str
    before: int
    after: int
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Instances of a process that run on one deployment; the newest is where they could go."""

    process: str
    title: str
    file: str
    deployment: int
    published_at: datetime
    note: str
    newest: int
    running: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An instance that could be migrated, or was and can be taken back: where it stands."""

    id: UUID
    title: str
    business_key: str
    order_id: UUID | None
    started_at: datetime
    revision: int
    is_suspended: bool
    stands_at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A course with what it leads through: both deployments and the plan between them."""

    course: Course
    old: Snapshot
    new: Snapshot
    plan: workflows.Plan


def list_origins(tx: Transaction) -> list[Origin]:
    """Return where instances run that are not on the newest deployment, in order of process, newest first."""
    try:
        newest = deployments.current(tx)
    except NotFoundError:
        return []
    statement = (
        select(Instance.process, Deployment.id, func.count().label("running"))
        .join(Deployment, Deployment.id == Instance.deployment_id)
        .where(Instance.status.in_(LIVE), Instance.deployment_id != newest.id)
        .group_by(Instance.process, Deployment.id)
    )
    found = [_origin(tx, row.process, row.id, row.running, newest) for row in tx.session.execute(statement)]
    return sorted(found, key=lambda each: (each.title, -each.deployment))


def _origin(tx: Transaction, process: str, deployment_id: UUID, running: int, newest: Snapshot) -> Origin:
    deployment = tx.session.get_one(Deployment, deployment_id)
    info = deployments.snapshot(tx, deployment_id).deployment.processes[process]
    return Origin(
        process=process,
        title=worded(info.name or process),
        file=info.file,
        deployment=deployment.number,
        published_at=deployment.created_at,
        note=deployment.note,
        newest=newest.number,
        running=running,
    )


def find_origin(tx: Transaction, process: str) -> Origin:
    """Return the newest former deployment on which instances of a process run; raise NotFoundError."""
    found = [each for each in list_origins(tx) if each.process == process]
    if not found:
        raise NotFoundError("process", process)
    return found[0]


def find_way(tx: Transaction, course: Course) -> Way:
    """Return the plan of a course; raise NotFoundError, InvalidError for what cannot be chosen."""
    old, new = (_numbered(tx, number) for number in (course.before, course.after))
    if old.id == new.id:
        raise InvalidError("nothing was migrated", {"after": ["is the deployment they are on"]})
    try:
        plan = workflows.plan(old.deployment, new.deployment, course.process)
    except workflows.UnknownProcessError as error:
        raise NotFoundError("process", course.process) from error
    try:
        for choice in course.choices:
            plan = plan.choose(choice.process, choice.old, choice.new)
    except workflows.UnknownElementError as error:
        said = worded(
            "{process} has no element {element} there", process=error.process, element=error.element
        )
        raise InvalidError("nothing was migrated", {"choices": [said]}) from error
    return Way(course, old, new, plan)


def _numbered(tx: Transaction, number: int) -> Snapshot:
    found = tx.session.scalar(select(Deployment.id).where(Deployment.number == number))
    if found is None:
        raise NotFoundError("deployment", number)
    return deployments.snapshot(tx, found)


def list_candidates(tx: Transaction, way: Way, limit: int = MOST) -> list[Candidate]:
    """Return the instances that the way could be for, the oldest first."""
    statement = (
        select(Instance)
        .where(
            Instance.process == way.course.process,
            Instance.deployment_id == way.old.id,
            Instance.status.in_(LIVE),
        )
        .order_by(Instance.started_at, Instance.id)
        .limit(limit)
    )
    return [_candidate(instance, way.old.deployment) for instance in tx.session.scalars(statement)]


def count_candidates(tx: Transaction, way: Way) -> int:
    statement = select(func.count()).select_from(Instance)
    statement = statement.where(Instance.process == way.course.process, Instance.status.in_(LIVE))
    return tx.session.scalar(statement.where(Instance.deployment_id == way.old.id)) or 0


def list_returnable(tx: Transaction, way: Way, limit: int = MOST) -> list[Candidate]:
    """Return the instances that went this way and can be taken back, the latest first."""
    statement = (
        select(Instance)
        .join(MovedInstance, MovedInstance.instance_id == Instance.id)
        .where(
            Instance.process == way.course.process,
            Instance.deployment_id == way.new.id,
            Instance.status.in_(LIVE),
            MovedInstance.revision == Instance.revision,
            MovedInstance.deployment_id == way.old.id,
        )
        .order_by(MovedInstance.moved_at.desc(), Instance.id)
        .limit(limit)
    )
    return [_candidate(instance, way.new.deployment) for instance in tx.session.scalars(statement)]


def _candidate(instance: Instance, deployment: workflows.Deployment) -> Candidate:
    return Candidate(
        id=instance.id,
        title=instance.title,
        business_key=instance.business_key,
        order_id=instance.subject_id,
        started_at=instance.started_at,
        revision=instance.revision,
        is_suspended=instance.status == InstanceStatus.SUSPENDED,
        stands_at=tuple(_name(deployment, *each) for each in instance.standing.get("tokens", [])),
    )


def _name(deployment: workflows.Deployment, process: str, element: str) -> str:
    called = deployment.processes.get(process)  # what a call has bound elsewhere may be gone here
    info = called.elements.get(element) if called is not None else None
    return worded(info.name) if info is not None and info.name else element


def list_deployments(tx: Transaction) -> list[tuple[int, str, datetime]]:
    """Return the latest deployments, the newest first: number, note and when it was published."""
    statement = select(Deployment).order_by(Deployment.number.desc()).limit(MOST)
    return [(each.number, each.note, each.created_at) for each in tx.session.scalars(statement)]
