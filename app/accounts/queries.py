"""Finding out who holds a key, and listing people and teams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, select

from app.accounts.actor import Actor
from app.accounts.models import ApiToken, Membership, Organisation, Person, Team, WebSession
from app.database import Transaction, across_organisations

_PERSON = (
    Person.org_id,
    Person.id.label("person_id"),
    Person.name,
    Person.email,
    Person.roles,
    Person.locale,
    Person.theme,
    Person.density,
    Person.keys_on,
    Team.key.label("team"),
)


def _with_teams(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(Membership, Membership.person_id == Person.id).outerjoin(
        Team, Team.id == Membership.team_id
    )


def _open(condition: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (condition, Person.is_active.is_(True))


_BY_TOKEN = _with_teams(
    select(*_PERSON, ApiToken.scopes, ApiToken.expires_at)
    .select_from(ApiToken)
    .join(Person, Person.id == ApiToken.person_id)
).where(*_open(ApiToken.digest == bindparam("digest")), ApiToken.revoked_at.is_(None))

_BY_SESSION = _with_teams(
    select(*_PERSON, WebSession.id.label("session_id"), WebSession.expires_at)
    .select_from(WebSession)
    .join(Person, Person.id == WebSession.person_id)
).where(*_open(WebSession.digest == bindparam("digest")))


def actor_by_token(digest: str, now: datetime) -> Actor | None:
    """Return whose live token this is; None for an unknown, revoked or expired one."""
    with across_organisations() as tx:
        rows = tx.execute(_BY_TOKEN, {"digest": digest}).all()
    if not rows or (rows[0].expires_at and rows[0].expires_at <= now):
        return None
    return _actor(rows, scopes=frozenset(rows[0].scopes))


def actor_by_session(digest: str, now: datetime) -> Actor | None:
    """Return whose live browser session this is."""
    with across_organisations() as tx:
        rows = tx.execute(_BY_SESSION, {"digest": digest}).all()
    if not rows or rows[0].expires_at <= now:
        return None
    return _actor(rows, session_id=rows[0].session_id)


def _actor(rows: Iterable[Row[Any]], **more: Any) -> Actor:
    rows = list(rows)
    first = rows[0]
    return Actor(
        org_id=first.org_id,
        person_id=first.person_id,
        name=first.name,
        email=first.email,
        roles=frozenset(first.roles),
        teams=frozenset(row.team for row in rows if row.team),
        locale=first.locale,
        settings={"theme": first.theme, "density": first.density, "keys_on": first.keys_on},
        **more,
    )


def currency_of(tx: Transaction) -> str:
    """Return the currency that the organisation thinks in."""
    return tx.session.get_one(Organisation, tx.organisation).currency


def hold(tx: Transaction) -> None:
    """Let nobody change the business, or erase a customer, before this transaction ends.

    For what writes of many customers: a change that came midway would find nothing to remove yet.
    """
    tx.session.scalar(
        select(Organisation.id).where(Organisation.id == tx.organisation).with_for_update(read=True)
    )


def names_of(tx: Transaction, people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of these people; ids that are nobody's are left out."""
    ids = {person for person in people if person}
    if not ids:
        return {}
    rows = tx.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all()
    return {row.id: row.name for row in rows}


def list_people(tx: Transaction) -> list[Person]:
    return list(tx.session.scalars(select(Person).order_by(Person.name)))


def list_teams(tx: Transaction) -> list[Team]:
    return list(tx.session.scalars(select(Team).order_by(Team.name)))


def members_by_team(tx: Transaction) -> dict[UUID, list[UUID]]:
    """Return the ids of each team's members."""
    members: dict[UUID, list[UUID]] = {}
    for row in tx.session.execute(select(Membership.team_id, Membership.person_id)):
        members.setdefault(row.team_id, []).append(row.person_id)
    return members


def emails_of_team(tx: Transaction, key: str) -> list[str]:
    """Return the addresses of a team's active members, in the order of their names."""
    statement = (
        select(Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .join(Team, Team.id == Membership.team_id)
        .where(Team.key == key, Person.is_active.is_(True))
        .order_by(Person.name)
    )
    return list(tx.session.scalars(statement))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with the keys of their teams."""

    id: UUID
    email: str
    name: str
    roles: list[str]
    teams: list[str]
    is_active: bool


def people_with_teams(tx: Transaction) -> list[PersonRow]:
    """Return everybody in order of name."""
    teams = {team.id: team.key for team in list_teams(tx)}
    of_person: dict[UUID, list[str]] = {}
    for team_id, members in members_by_team(tx).items():
        for person_id in members:
            of_person.setdefault(person_id, []).append(teams[team_id])
    return [
        PersonRow(
            id=person.id,
            email=person.email,
            name=person.name,
            roles=list(person.roles),
            teams=sorted(of_person.get(person.id, [])),
            is_active=person.is_active,
        )
        for person in list_people(tx)
    ]


def people_behind(tx: Transaction, principals: Iterable[str], but: Iterable[str] = ()) -> tuple[str, ...]:
    """Name everybody active whom these principals reach, without the people whose ids are in `but`."""
    kinds = [principal.partition(":") for principal in principals]
    in_teams = (
        select(Membership.person_id)
        .join(Team, Team.id == Membership.team_id)
        .where(Team.key.in_([name for kind, _, name in kinds if kind == "t"]))
    )
    statement = (
        select(Person.id, Person.name)
        .where(
            Person.is_active.is_(True),
            Person.id.in_([UUID(name) for kind, _, name in kinds if kind == "p"]) | Person.id.in_(in_teams),
        )
        .order_by(Person.name)
    )
    excluded = set(but)
    return tuple(row.name for row in tx.session.execute(statement) if str(row.id) not in excluded)
