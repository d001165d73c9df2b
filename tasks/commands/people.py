"""`placet organisation|user|token …`: the first business, people and programs of an installation."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.accounts import commands, passwords
from app.accounts.models import Organisation, Person
from app.currencies import currency_problem
from app.database import across_organisations
from app.errors import InvalidError, NotFoundError
from app.moments import utc_now
from tasks.commands import seed


def add_organisation(slug: str, name: str, currency: str) -> str:
    """Make a business with the shipped teams, diagrams and tables; return what to tell the caller."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,58}", slug):
        raise InvalidError("no business was made", {"slug": ["is not lower-case letters, digits and -"]})
    if problem := currency_problem(currency):
        raise InvalidError("no business was made", {"currency": [problem]})
    with across_organisations() as tx:
        if tx.session.scalar(select(Organisation.id).where(Organisation.slug == slug)):
            raise InvalidError("no business was made", {"slug": ["is taken"]})
    org_id = commands.create_organisation(slug, name, currency=currency)
    for key, team in seed.TEAMS:
        commands.add_team(org_id, None, key, str(team))
    seed.publish_shipped(org_id, None)
    return f"{slug} added: {org_id}"


def add_user(
    org: str, email: str, name: str, password: str | None, roles: tuple[str, ...], teams: tuple[str, ...]
) -> str:
    """Add a person; return what to tell the caller."""
    org_id = organisation(org)
    person_id = commands.add_person(
        org_id, None, email=email, name=name, password=password, roles=roles, teams=teams
    )
    return f"{email} added: {person_id}"


def set_user_password(email: str, password: str, revoke_tokens: bool) -> str:
    """Give a person another password, such as the only administrator who forgot theirs."""
    person = _person(email)
    left = passwords.reset_password(person.org_id, person.id, password, revoke_tokens=revoke_tokens)
    return f"{person.email} has a new password; all their sessions have ended; API tokens still valid: {left}"


def add_token(email: str, name: str, scopes: tuple[str, ...], days: int | None) -> str:
    """Make a token for a person; return its secret, which is shown this once."""
    person = _person(email)
    expires_at = utc_now() + timedelta(days=days) if days else None
    return commands.add_token(person.org_id, person.id, None, name, scopes, expires_at).secret


def _person(email: str) -> Person:
    with across_organisations() as tx:
        person = tx.session.scalar(select(Person).where(Person.email == email.strip().lower()))
    if person is None:
        raise NotFoundError("person", email)
    return person


def organisation(slug: str) -> UUID:
    """Return the id of an organisation by its short name; raise NotFoundError."""
    with across_organisations() as tx:
        found = tx.session.scalar(select(Organisation.id).where(Organisation.slug == slug))
    if found is None:
        raise NotFoundError("organisation", slug)
    return found
