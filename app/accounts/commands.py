"""The administrator's changes to people, teams and tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from app import audit
from app.accounts import passwords, secrets
from app.accounts.actor import Actor
from app.accounts.models import ApiToken, Membership, Organisation, Person, Role, Team, WebSession
from app.columns import new_id
from app.database import Transaction, across_organisations, transaction
from app.entered import check_lengths
from app.errors import InvalidError, NotFoundError
from app.moments import utc_now
from app.wording import worded

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")
LANGUAGES = ("en", "zh_Hans_CN")
LONGEST_NAME = 120
_LONGEST = {"email": 190, "name": LONGEST_NAME}
SCOPES = frozenset(
    f"{area}:{verb}"
    for area in (
        "orders",
        "needs",
        "customers",
        "catalogue",
        "inbox",
        "insights",
        "processes",
        "operations",
        "accounts",
        "audit",
    )
    for verb in ("read", "write")
)


def create_organisation(slug: str, name: str, **settings: Any) -> UUID:
    """Create a business; for the command line and the seed only."""
    org_id = new_id()
    with transaction(org_id) as tx:
        tx.session.add(Organisation(id=org_id, slug=slug, name=name, created_at=utc_now(), **settings))
        audit.write(tx, "accounts", None, "organisation.created", {"slug": slug, "name": name})
    return org_id


def add_person(
    org_id: UUID,
    by: UUID | None,
    *,
    email: str,
    name: str,
    password: str | None,
    roles: Iterable[str],
    teams: Iterable[str] = (),
    locale: str | None = None,
) -> UUID:
    """Add somebody who can sign in; raise InvalidError naming the fields that are wrong."""
    email, roles = email.strip().lower(), sorted(set(roles))
    _check_person(email, name, password, roles)
    _check_free(email)
    with transaction(org_id) as tx:
        person = Person(
            id=new_id(),
            org_id=org_id,
            email=email,
            name=name.strip(),
            password_hash=secrets.hash_password(password) if password else None,
            roles=roles,
            locale=locale,
            created_at=utc_now(),
        )
        tx.session.add(person)
        tx.flush()
        _set_teams(tx, person.id, teams)
        audit.write(
            tx, "accounts", by, "person.added", {"person": person.id, "roles": roles, "teams": sorted(teams)}
        )
    return person.id


def _check_free(email: str) -> None:
    with across_organisations() as tx:
        if tx.session.scalar(select(Person.id).where(Person.email == email)):
            raise InvalidError("the address is taken", {"email": ["is taken"]})


def _check_person(email: str, name: str, password: str | None, roles: list[str]) -> None:
    wrong: dict[str, list[str]] = {}
    if not _EMAIL.fullmatch(email):
        wrong["email"] = ["is not an e-mail address"]
    if not name.strip():
        wrong["name"] = ["is empty"]
    wrong |= check_lengths({"email": email, "name": name}, _LONGEST) | passwords.wrong_with(password)
    if unknown := set(roles) - set(Role):
        wrong["roles"] = [worded("unknown role {role}", role=role) for role in sorted(unknown)]
    if wrong:
        raise InvalidError("the person was not saved", dict(wrong))


def _set_teams(tx: Transaction, person_id: UUID, keys: Iterable[str]) -> None:
    wanted = set(keys)
    teams = {team.key: team.id for team in tx.session.scalars(select(Team).where(Team.key.in_(wanted)))}
    if missing := wanted - set(teams):
        raise InvalidError(
            "the person was not saved",
            {"teams": [worded("no team {key}", key=key) for key in sorted(missing)]},
        )
    tx.session.execute(delete(Membership).where(Membership.person_id == person_id))
    tx.session.add_all(
        Membership(org_id=tx.org_id, person_id=person_id, team_id=teams[key]) for key in sorted(wanted)
    )


def change_person(
    actor: Actor,
    person_id: UUID,
    *,
    roles: Iterable[str] | None = None,
    teams: Iterable[str] | None = None,
    is_active: bool | None = None,
    name: str | None = None,
) -> None:
    """Change what an administrator may change of a person; sessions of a person set inactive end."""
    actor.require(Role.ADMINISTRATOR)
    with transaction(actor.org_id) as tx:
        person = tx.session.get(Person, person_id)
        if person is None:
            raise NotFoundError("person", person_id)
        before = {"roles": list(person.roles), "is_active": person.is_active}
        if roles is not None:
            person.roles = sorted(set(roles))
        _check_person(person.email, name if name is not None else person.name, None, person.roles)
        person.name = name.strip() if name is not None else person.name
        if teams is not None:
            _set_teams(tx, person_id, teams)
        if is_active is not None:
            person.is_active = is_active
            if not is_active:
                tx.session.execute(delete(WebSession).where(WebSession.person_id == person_id))
        audit.write(
            tx,
            "accounts",
            actor.person_id,
            "person.changed",
            {
                "person": person_id,
                "roles": person.roles,
                "teams": sorted(teams) if teams is not None else None,
                "changes": audit.changes(before, person),
            },
        )


def change_settings(actor: Actor, **settings: str | bool | None) -> None:
    """Change one's own language, theme, density or keys."""
    allowed = {"locale", "theme", "density", "keys_on", "name"}
    if unknown := set(settings) - allowed:
        raise InvalidError("not a setting", {name: ["is not a setting"] for name in unknown})
    with transaction(actor.org_id) as tx:
        if settings:
            tx.session.execute(update(Person).where(Person.id == actor.person_id).values(**settings))
        audit.write(tx, "accounts", actor.person_id, "person.settings", dict(settings))


def add_team(org_id: UUID, by: UUID | None, key: str, name: str) -> UUID:
    """Add a team; its key is what diagrams name and cannot be changed later."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,58}", key):
        raise InvalidError("the team was not saved", {"key": ["is not lower-case letters, digits and _"]})
    if len(name) > LONGEST_NAME:
        why = worded("has more than {longest} characters", longest=LONGEST_NAME)
        raise InvalidError("the team was not saved", {"name": [why]})
    with transaction(org_id) as tx:
        if tx.session.scalar(select(Team.id).where(Team.key == key)):
            raise InvalidError("the team was not saved", {"key": ["is taken"]})
        team = Team(id=new_id(), org_id=org_id, key=key, name=name.strip() or key)
        tx.session.add(team)
        audit.write(tx, "accounts", by, "team.added", {"team": key, "name": name})
    return team.id


@dataclass(frozen=True, slots=True)
class NewToken:
    """`secret` is shown once."""

    id: UUID
    secret: str


def add_own_token(actor: Actor, name: str, scopes: Iterable[str], expires_at: datetime | None) -> NewToken:
    """Make a token that acts as the actor; a token makes none that may do more than itself."""
    wanted = sorted(set(scopes))
    for scope in wanted:
        actor.require_scope(scope)
    return add_token(actor.org_id, actor.person_id, actor.person_id, name, wanted, expires_at)


def add_token(
    org_id: UUID,
    person_id: UUID,
    by: UUID | None,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None,
) -> NewToken:
    """Give a program a person's rights, narrowed to scopes; raise InvalidError for a scope that is none."""
    wanted = sorted(set(scopes))
    if unknown := set(wanted) - SCOPES - {"*"}:
        raise InvalidError(
            "no token was made",
            {"scopes": [worded("unknown scope {scope}", scope=s) for s in sorted(unknown)]},
        )
    if not wanted:
        raise InvalidError("no token was made", {"scopes": ["is empty"]})
    if len(name) > LONGEST_NAME:
        raise InvalidError(
            "no token was made",
            {"name": [worded("has more than {longest} characters", longest=LONGEST_NAME)]},
        )
    if expires_at is not None and expires_at <= utc_now():
        raise InvalidError("no token was made", {"expires_at": ["is past"]})
    secret = secrets.TOKEN_PREFIX + secrets.new_secret()
    token_id = new_id()
    with transaction(org_id) as tx:
        if tx.session.get(Person, person_id) is None:
            raise NotFoundError("person", person_id)
        tx.session.add(
            ApiToken(
                id=token_id,
                org_id=org_id,
                person_id=person_id,
                name=name.strip() or "token",
                digest=secrets.digest_of(secret),
                scopes=wanted,
                created_at=utc_now(),
                expires_at=expires_at,
            )
        )
        audit.write(tx, "accounts", by, "token.added", {"token": token_id, "scopes": wanted})
    return NewToken(token_id, secret)


def revoke_token(actor: Actor, token_id: UUID) -> None:
    """End a token at once; one's own, or anybody's for an administrator."""
    with transaction(actor.org_id) as tx:
        token = tx.session.get(ApiToken, token_id)
        if token is None or (token.person_id != actor.person_id and not actor.has_role()):
            raise NotFoundError("token", token_id)
        token.revoked_at = token.revoked_at or utc_now()
        audit.write(tx, "accounts", actor.person_id, "token.revoked", {"token": token_id})
