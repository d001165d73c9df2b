"""What stands for a person in what is learned from and in what is exported: a keyed digest, no name."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.config import settings

LENGTH = 24


def hiding(actor: Actor, asked: bool) -> Callable[[UUID], str] | None:
    """Return what names people in a file for somebody: None where by their names.

    Pseudonyms are for who asks for them, and for who does not work with customers.
    """
    if asked or not actor.has_role(Role.SALES, Role.OPERATOR, Role.ADMINISTRATOR):
        return pseudonyms_of(actor.org_id)
    return None


def secret_of(org_id: UUID) -> bytes:
    """Return the organisation's secret for insights, of 32 bytes, derived from the installation's key."""
    return hmac.digest(settings().secret_key.encode(), b"insights" + org_id.bytes, "sha256")


def pseudonyms_of(org_id: UUID) -> Callable[[UUID], str]:
    """Return a function from an id to its pseudonym: HMAC-SHA-256 under a secret of the organisation.

    The same customer of two organisations has two pseudonyms, and nobody finds the id without the key.
    """
    secret = secret_of(org_id)

    def pseudonym(person: UUID) -> str:
        return hmac.digest(secret, person.bytes, "sha256").hex()[:LENGTH]

    return pseudonym
