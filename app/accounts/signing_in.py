"""Opening and ending a person's session; wrong passwords are counted and lock the door for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app import audit
from app.accounts import secrets
from app.accounts.actor import Actor
from app.accounts.models import Person, WebSession
from app.database import across_organisations, transaction
from app.errors import PlacetError, RefusedError
from app.moments import utc_now
from app.wording import worded

SESSION_LASTS = timedelta(days=14)
ATTEMPTS = 5
LOCKED_FOR = timedelta(minutes=15)


class SignInError(PlacetError):
    """The address or the password is wrong; which of them is not told."""

    status = 401
    code = "sign_in"


class LockedError(PlacetError):
    """Too many wrong passwords; `until` is when the next try counts."""

    status = 429
    code = "locked"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            worded("too many wrong passwords; try again after {time} UTC", time=f"{until:%H:%M}")
        )
        self.until = until


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`secret` goes into the cookie and is kept nowhere."""

    secret: str
    expires_at: datetime


def sign_in(email: str, password: str, user_agent: str | None) -> SignedIn:
    """Open a browser session; raise SignInError or LockedError."""
    now = utc_now()
    with across_organisations() as tx:
        person = tx.session.scalar(select(Person).where(Person.email == email.strip().lower()))
    wrong = worded("the address or the password is wrong")
    person = prove(person, password, now, wrong)
    if not person.is_active:
        raise SignInError(wrong)
    return _open_session(person, user_agent, now)


def prove(person: Person | None, password: str, now: datetime, wrong: str) -> Person:
    """Return the person whose password this is; raise SignInError, which counts, or LockedError."""
    if person and person.locked_until and person.locked_until > now:
        raise LockedError(person.locked_until)
    if not secrets.password_matches(person.password_hash if person else None, password) or person is None:
        if person:
            _count_failure(person, now)
        raise SignInError(wrong)
    return person


def _count_failure(person: Person, now: datetime) -> None:
    """Count under a lock: guesses that come together count one by one."""
    with transaction(person.org_id) as tx:
        counted = tx.session.get_one(Person, person.id, with_for_update=True)
        failures = counted.failed_sign_ins + 1
        locked = now + LOCKED_FOR if failures >= ATTEMPTS else None
        counted.failed_sign_ins, counted.locked_until = 0 if locked else failures, locked
        if locked:
            audit.write(tx, "accounts", None, "person.locked", {"person": person.id}, now)
    if locked:
        raise LockedError(locked)


def _open_session(person: Person, user_agent: str | None, now: datetime) -> SignedIn:
    signed = SignedIn(secrets.new_secret(), now + SESSION_LASTS)
    with transaction(person.org_id) as tx:
        tx.session.execute(
            update(Person).where(Person.id == person.id).values(failed_sign_ins=0, locked_until=None)
        )
        tx.session.add(
            WebSession(
                org_id=person.org_id,
                person_id=person.id,
                digest=secrets.digest_of(signed.secret),
                created_at=now,
                expires_at=signed.expires_at,
                user_agent=(user_agent or "")[:255],
            )
        )
        audit.write(tx, "accounts", person.id, "person.signed_in", {"person": person.id}, now)
    return signed


def sign_out(actor: Actor) -> None:
    """End the browser session that the actor came with; a token has none to end."""
    if actor.session_id is None:
        raise RefusedError("a token is not signed in; revoke it instead")
    with transaction(actor.org_id) as tx:
        tx.session.execute(delete(WebSession).where(WebSession.id == actor.session_id))
        audit.write(tx, "accounts", actor.person_id, "person.signed_out", {"person": actor.person_id})
