"""How one entry follows from the one before it: an HMAC under a key that the database does not know."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

LONGEST_TOLD = 2_000
_SEPARATOR = b"\x1f"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many entries, and the digest of the last."""

    seq: int
    digest: bytes


def canonical(detail: Mapping[str, Any]) -> str:
    """Return the one text of a detail: sorted keys, no spaces, everything that is not JSON as its string."""
    return orjson.dumps(detail, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()


def told(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a detail says of values: themselves, or the digest of a long text of them."""
    text = canonical(value)
    if len(text) > LONGEST_TOLD:
        return {f"{name}_sha256": hashlib.sha256(text.encode()).hexdigest()}
    return {name: dict(value)}


def changes(before: Mapping[str, Any], now: object) -> dict[str, list[Any]]:
    """Return by name what was and what is, of that which is another now."""
    return {name: [was, getattr(now, name)] for name, was in before.items() if getattr(now, name) != was}


def entry_digest(
    key: bytes,
    *,
    previous: bytes,
    org_id: UUID,
    stream_id: UUID,
    seq: int,
    at: datetime,
    person_id: UUID | None,
    action: str,
    detail: str,
) -> bytes:
    """Return the 32 bytes that bind this entry to its place, its time, its author and its predecessor."""
    parts = (
        previous,
        org_id.bytes,
        stream_id.bytes,
        str(seq).encode(),
        at.astimezone(UTC).isoformat(timespec="microseconds").encode(),
        person_id.bytes if person_id else b"-",
        action.encode(),
        detail.encode(),
    )
    return hmac.digest(key, _SEPARATOR.join(parts), "sha256")
