"""Passwords and keys: hashed so that a stolen database opens no door."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second profile for argon2id (2023): 19 MiB, 2 passes, 1 lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
TOKEN_PREFIX = "placet_"  # noqa: S105 - a mark by which leaked tokens are found, no secret


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Take the same time whether or not the person exists."""
    try:
        _hasher.verify(password_hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


def new_secret() -> str:
    """Return 256 random bits as text fit for a header or a cookie."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Return the SHA-256 (hex) under which a secret is kept; secrets are random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_token(secret_key: str, session_id: UUID) -> str:
    """Return the token that this session's forms must carry."""
    return hmac.new(secret_key.encode(), session_id.bytes, "sha256").hexdigest()


def csrf_matches(secret_key: str, session_id: UUID, given: str | None) -> bool:
    return hmac.compare_digest(csrf_token(secret_key, session_id), given or "")
