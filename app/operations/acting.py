"""What operators do to instances and about incidents: foreseen without a trace, then done and recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import reading, transaction
from app.errors import ConflictError, PlacetError
from app.moments import utc_now
from app.processes import advance, helping, incidents, operating
from app.processes.helping import Help
from app.processes.news import tell
from app.processes.operating import Act, Foreseen


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of several: what would happen (a preview), or why nothing did; neither: it is done."""

    id: UUID
    foreseen: Foreseen | None = None
    refused: str | None = None


def foresee(actor: Actor, instance_id: UUID, act: Act) -> Foreseen:
    """Say what an act would do; raise as doing it would."""
    actor.require(Role.OPERATOR)
    operating.check(act)
    with reading(actor.org_id) as tx:
        return operating.foresee(tx, advance.look(tx, instance_id), act, utc_now())


def do(actor: Actor, instance_id: UUID, act: Act, revision: int | None = None) -> None:
    """Do it; raise ConflictError where it cannot be, or where the instance moved on since `revision`."""
    actor.require(Role.OPERATOR)
    operating.check(act)
    with transaction(actor.org_id) as tx:
        loaded = advance.load(tx, instance_id)
        if revision is not None and loaded.revision != revision:
            raise ConflictError("this has moved on since you looked: look again")
        operating.perform(tx, loaded, act, actor.person_id, utc_now())
        tell(tx, "incident", instance_id, utc_now())


def foresee_help(actor: Actor, incident_id: UUID, given: Help) -> Foreseen:
    """Say what a way out of an incident would do; raise as going it would."""
    actor.require(Role.OPERATOR)
    helping.check(given)
    with reading(actor.org_id) as tx:
        incident = incidents.find(tx, incident_id)
        loaded = advance.look(tx, incident.instance_id) if incident.instance_id else None
        return helping.foresee(tx, incident, loaded, given, utc_now())


def help_out(actor: Actor, incident_id: UUID, given: Help) -> None:
    """Go a way out of an incident; raise ConflictError where it leads nowhere."""
    actor.require(Role.OPERATOR)
    helping.check(given)
    with transaction(actor.org_id) as tx:
        helping.perform(tx, incident_id, given, actor.person_id, utc_now())


def each(ids: list[UUID], verb: Callable[[UUID], Foreseen | None]) -> list[Result]:
    """Do the same to many, each by itself, so that one that cannot be done stops no other."""
    return [_one(key, verb) for key in ids]


def _one(key: UUID, verb: Callable[[UUID], Foreseen | None]) -> Result:
    try:
        return Result(key, foreseen=verb(key))
    except PlacetError as error:
        return Result(key, refused=error.message)
