"""Choosing another password: one's own against the present one, or somebody's as who administers them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from app import audit
from app.accounts import secrets, signing_in
from app.accounts.actor import Actor
from app.accounts.models import ApiToken, Person, Role, WebSession
from app.accounts.signing_in import SignedIn
from app.database import Transaction, reading, transaction
from app.entered import check_lengths
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from app.moments import utc_now
from app.wording import worded

SHORTEST, LONGEST = 8, 200


@dataclass(frozen=True, slots=True)
class Changed:
    """The session that goes on under a new secret, and how many tokens of the person are still valid."""

    session: SignedIn
    tokens_left: int


def wrong_with(password: str | None, field: str = "password") -> dict[str, list[str]]:
    """Return what keeps a text from being a password, under the field's name; nothing where it may be one."""
    wrong = check_lengths({field: password}, {field: LONGEST})
    if password is not None and len(password) < SHORTEST:
        wrong[field] = ["has fewer than 8 characters"]
    return wrong


def change_own(actor: Actor, current: str, new: str, *, revoke_tokens: bool = False) -> Changed:
    """Give oneself another password: this session goes on under a new secret, all others end.

    A wrong present password counts as it does at the door. A token changes none, whatever its scopes:
    it may not become more than it was made for. Tokens stay unless `revoke_tokens`: programs go on with them.
    """
    if actor.session_id is None:
        raise RefusedError("a token changes no password of its own person; sign in to do it")
    _check_own(current, new)
    now = utc_now()
    with reading(actor.org_id) as tx:
        person = tx.session.get_one(Person, actor.person_id)
    signing_in.prove(person, current, now, worded("the present password is wrong"))
    hashed, secret = secrets.hash_password(new), secrets.new_secret()
    renewed = SignedIn(secret, now + signing_in.SESSION_LASTS)
    with transaction(actor.org_id) as tx:
        changed = tx.session.get_one(Person, actor.person_id, with_for_update=True)
        if changed.password_hash != person.password_hash:  # what was proved is no longer so
            raise ConflictError("somebody changed this at the same moment; try again")
        _replace(tx, changed, hashed, but=actor.session_id)
        tx.session.execute(
            update(WebSession)
            .where(WebSession.id == actor.session_id)
            .values(digest=secrets.digest_of(secret), expires_at=renewed.expires_at)
        )
        detail = {"person": actor.person_id}
        audit.write(tx, "accounts", actor.person_id, "person.password_changed", detail, now)
        left = _settle_tokens(tx, actor.person_id, actor.person_id, now, revoke=revoke_tokens)
    return Changed(renewed, left)


def _check_own(current: str, new: str) -> None:
    wrong = wrong_with(new, "new_password")
    if new == current:
        wrong["new_password"] = ["is the present one"]
    if wrong:
        raise InvalidError("the password was not changed", dict(wrong))


def set_password(actor: Actor, person_id: UUID, new: str, *, revoke_tokens: bool = False) -> int:
    """Give somebody of the actor's organisation a password: their sessions end, their door is unlocked.

    Returns how many of their API tokens are still valid. The password is not compared with the old one:
    that would tell an administrator a guess.
    """
    actor.require(Role.ADMINISTRATOR)
    if person_id == actor.person_id:
        raise RefusedError("one's own password is changed in the settings, with the present one")
    return _set(actor.org_id, actor.person_id, person_id, new, revoke_tokens)


def reset_password(org_id: UUID, person_id: UUID, new: str, *, revoke_tokens: bool = False) -> int:
    """As `set_password`, by whoever runs the installation; for the command line only."""
    return _set(org_id, None, person_id, new, revoke_tokens)


def _set(org_id: UUID, by: UUID | None, person_id: UUID, new: str, revoke_tokens: bool) -> int:
    if wrong := wrong_with(new):
        raise InvalidError("the password was not changed", dict(wrong))
    hashed = secrets.hash_password(new)
    with transaction(org_id) as tx:
        person = tx.session.get(Person, person_id, with_for_update=True)
        if person is None:
            raise NotFoundError("person", person_id)
        _replace(tx, person, hashed)
        audit.write(tx, "accounts", by, "person.password_set", {"person": person_id})
        return _settle_tokens(tx, by, person_id, utc_now(), revoke=revoke_tokens)


def _settle_tokens(tx: Transaction, by: UUID | None, person_id: UUID, now: datetime, *, revoke: bool) -> int:
    """Revoke a person's live tokens if asked to; return how many are left."""
    live = [
        token
        for token in tx.session.scalars(
            select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        )
        if token.expires_at is None or token.expires_at > now
    ]
    if not revoke or not live:
        return len(live)
    for token in live:
        token.revoked_at = now
    audit.write_all(tx, "accounts", by, "token.revoked", [{"token": token.id} for token in live], now)
    return 0


def _replace(tx: Transaction, person: Person, hashed: str, but: UUID | None = None) -> None:
    """Keep the new hash and unlock the door; end the person's sessions, but for the named one."""
    person.password_hash, person.failed_sign_ins, person.locked_until = hashed, 0, None
    ending = delete(WebSession).where(WebSession.person_id == person.id)
    tx.session.execute(ending if but is None else ending.where(WebSession.id != but))
