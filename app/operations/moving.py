"""Migrating running instances to another version, each by itself: seen before, done, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import delete, exists, select

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, PlacetError
from app.moments import utc_now
from app.operations import moving_queries as queries
from app.operations.moving_queries import Course, Way
from app.processes import advance, moving
from app.processes.loaded import Loaded
from app.processes.models import Instance
from app.processes.moving_models import MovedInstance
from app.wording import worded

ROLES = (Role.OPERATOR, Role.PROCESS_OWNER)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An instance as somebody saw it; without a revision it is migrated wherever it stands by now."""

    id: UUID
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came, or would come, of one instance; without reasons: it is migrated, or can be."""

    id: UUID
    reasons: tuple[str, ...] = ()


def check(actor: Actor, course: Course, ids: Iterable[UUID] = ()) -> list[Result]:
    """Say of each instance what keeps it from going this way, and change nothing.

    Without ids it looks at the oldest that run on the deployment.
    """
    actor.require(*ROLES)
    now = utc_now()
    with reading(actor.org_id) as tx:
        way = queries.find_way(tx, course)
        keys = list(ids) or [each.id for each in queries.list_candidates(tx, way)]
        results = []
        for key in keys:
            loaded = advance.look(tx, key)
            problem = _problem(loaded, way)
            why = [problem] if problem else moving.verdict(tx, loaded, way.new, way.plan, now)
            results.append(Result(key, tuple(why)))
    return results


def _problem(loaded: Loaded, way: Way) -> str | None:
    """Say what keeps an instance from being asked about this way at all."""
    if loaded.finished:
        return worded("this has ended")
    if loaded.process != way.course.process or loaded.deployment_id != way.old.id:
        return worded("this does not run on that deployment")
    return None


def migrate(actor: Actor, course: Course, chosen: Chosen, reason: str) -> None:
    """Migrate one instance, all of it or nothing; raise ConflictError with what is against it."""
    actor.require(*ROLES)
    _check_reason(reason)
    with transaction(actor.org_id) as tx:
        loaded = advance.load(tx, chosen.id)
        way = queries.find_way(tx, course)
        problem = _problem(loaded, way)
        if problem:
            raise ConflictError(problem)
        if chosen.revision is not None and chosen.revision != loaded.revision:
            raise ConflictError("this has moved on since you looked: look again")
        moving.migrate(tx, loaded, way.new, way.plan, reason.strip(), actor.person_id, utc_now())


def undo(actor: Actor, instance_id: UUID, reason: str) -> None:
    """Take a migrated instance back; raise ConflictError where it has gone on since."""
    actor.require(*ROLES)
    _check_reason(reason)
    with transaction(actor.org_id) as tx:
        loaded = advance.load(tx, instance_id)
        moving.undo(tx, loaded, reason.strip(), actor.person_id, utc_now())


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidError("nothing was migrated", {"reason": ["is empty"]})


def migrate_each(actor: Actor, course: Course, chosen: Iterable[Chosen], reason: str) -> list[Result]:
    """Migrate several, each by itself: one that cannot be migrated stops no other."""
    _check_reason(reason)
    with reading(actor.org_id) as tx:
        queries.find_way(tx, course)  # what is wrong with the course is said once, and not of each
    _forget_what_went_on(actor)
    return [_result(each.id, partial(migrate, actor, course, each, reason)) for each in chosen]


def undo_each(actor: Actor, ids: Iterable[UUID], reason: str) -> list[Result]:
    """Take several back, each by itself."""
    _check_reason(reason)
    return [_result(key, partial(undo, actor, key, reason)) for key in ids]


def _result(key: UUID, verb: Callable[[], None]) -> Result:
    try:
        verb()
    except PlacetError as error:
        return Result(key, (error.message,))
    return Result(key)


def _forget_what_went_on(actor: Actor) -> None:
    """Delete the former states of instances that have gone on: nothing can be taken back there any more."""
    same = exists(
        select(Instance.id).where(
            Instance.id == MovedInstance.instance_id, Instance.revision == MovedInstance.revision
        )
    )
    with transaction(actor.org_id) as tx:
        tx.session.execute(
            delete(MovedInstance).where(~same), execution_options={"synchronize_session": False}
        )
