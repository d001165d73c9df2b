"""How heads become a root, and a root an anchor; the sealer writes them, the verifier does it again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Leaf:
    """The head of one chain at the moment of a seal."""

    stream_id: UUID
    seq: int
    head: bytes


def merkle_root(leaves: Iterable[Leaf]) -> bytes:
    """Return the root over leaves in the order of their streams; an odd one rises by itself."""
    level = [
        hashlib.sha256(b"\x00" + leaf.stream_id.bytes + leaf.seq.to_bytes(8, "big") + leaf.head).digest()
        for leaf in sorted(leaves, key=lambda leaf: leaf.stream_id.bytes)
    ]
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\x01" + b"".join(p)).digest() if len(p) == 2 else p[0] for p in pairs]
    return level[0] if level else b""


def anchor_mac(
    key: bytes, *, org_id: UUID, n: int, at: datetime, previous: bytes, root: bytes, count: int
) -> bytes:
    """Return the 32 bytes that bind an anchor to its place, its time and its predecessor."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").encode()
    parts = (b"anchor", org_id.bytes, str(n).encode(), moment, previous, root, str(count).encode())
    return hmac.digest(key, b"\x1f".join(parts), "sha256")
