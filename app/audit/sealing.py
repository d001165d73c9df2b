"""Sealing: one anchor for each organisation over the heads of all chains that moved since the last."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, exists, insert, select

from app.audit.anchors import Leaf, anchor_mac, merkle_root
from app.audit.models import AuditAnchor, AuditEntry, AuditLeaf, AuditStream
from app.audit.witness import Seen
from app.audit.witnessing import Teller
from app.config import settings
from app.database import Transaction, across_organisations, transaction
from app.errors import ConflictError
from app.moments import utc_now

# An entry carries the time at which its command began, and is seen only after the commit.
LONGEST_COMMAND = timedelta(seconds=60)
MOST_LEAVES = 10_000
# How soon an organisation is looked at again whose witness could not be told.
TELL_AGAIN_SECONDS = 30.0

_entries = AuditEntry.__table__.c
_anchors = AuditAnchor.__table__.c
_leaves = AuditLeaf.__table__.c
_later = AuditEntry.__table__.alias("later").c
_LAST_ANCHOR = (
    select(_anchors.n, _anchors.at, _anchors.mac)
    .where(_anchors.org_id == bindparam("org_id"))
    .order_by(_anchors.n.desc())
    .limit(1)
)
_has_successor = exists().where(_later.stream_id == _entries.stream_id, _later.seq == _entries.seq + 1)
_is_sealed = exists().where(
    _leaves.org_id == _entries.org_id,
    _leaves.stream_id == _entries.stream_id,
    _leaves.seq >= _entries.seq,
)
_ALL_MOVED = select(_entries.stream_id, _entries.seq, _entries.digest).where(
    _entries.org_id == bindparam("org_id"), ~_has_successor, ~_is_sealed
)
_MOVED = _ALL_MOVED.where(_entries.at > bindparam("since"))


@dataclass(frozen=True, slots=True)
class _Last:
    """The end of the chain of anchors."""

    n: int
    at: datetime | None
    mac: bytes


class Sealer:
    """Remembers when it looked last, so that organisations in which nothing moved cost nothing."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None
        self._teller = Teller()
        self._told_again_at = time.monotonic()

    def seal(self) -> int:
        """Seal what moved in every organisation; return how many anchors were written."""
        now = utc_now()
        # All of them at first: the process before may have ended between a seal and its witness.
        organisations = dict.fromkeys([*_organisations(self._looked_at), *self._behind()])
        count = sum(_seal_unless_raced(org_id, self._teller) for org_id in organisations)
        self._looked_at = now
        return count

    def _behind(self) -> Collection[UUID]:
        now = time.monotonic()
        if not self._teller.behind or now - self._told_again_at < TELL_AGAIN_SECONDS:
            return ()
        self._told_again_at = now
        return sorted(self._teller.behind)


def _organisations(looked_at: datetime | None) -> list[UUID]:
    owners = select(AuditStream.org_id).distinct().subquery()
    statement = select(owners.c.org_id)
    if looked_at is not None:
        moved = exists().where(_entries.org_id == owners.c.org_id, _entries.at > looked_at - LONGEST_COMMAND)
        statement = statement.where(moved)
    with across_organisations() as tx:
        return list(tx.execute(statement).scalars())


def _seal_unless_raced(org_id: UUID, teller: Teller) -> int:
    try:
        return seal_organisation(org_id, teller)
    except ConflictError:
        return 0  # another relay wrote this very anchor


def seal_organisation(org_id: UUID, teller: Teller | None = None) -> int:
    """Seal what moved in one organisation and tell the witness; return how many anchors that took."""
    count = 0
    with transaction(org_id) as tx:
        last = _last_anchor(tx)
        since = last.at - LONGEST_COMMAND if last.at else None
        while leaves := _moved(tx, since):
            last = _write_anchor(tx, last, leaves)
            count += 1
            if len(leaves) < MOST_LEAVES:
                break
    newest = Seen(last.n, last.mac) if last.n else None
    (teller or Teller()).tell(org_id, newest)
    return count


def _last_anchor(tx: Transaction) -> _Last:
    row = tx.first(_LAST_ANCHOR, {"org_id": tx.organisation})
    return _Last(row.n, row.at, row.mac) if row else _Last(0, None, b"")


def _moved(tx: Transaction, since: datetime | None) -> list[Leaf]:
    """Return heads that no anchor holds; what this transaction has sealed already is not among them."""
    if since is None:
        rows = tx.execute(_ALL_MOVED.limit(MOST_LEAVES), {"org_id": tx.organisation})
    else:
        rows = tx.execute(_MOVED.limit(MOST_LEAVES), {"org_id": tx.organisation, "since": since})
    # A chain that was tampered with may seem to end twice; the sealer takes the later end and goes on.
    heads: dict[UUID, Leaf] = {}
    for row in rows:
        known = heads.get(row.stream_id)
        if known is None or known.seq < row.seq:
            heads[row.stream_id] = Leaf(row.stream_id, row.seq, row.digest)
    return list(heads.values())


def _write_anchor(tx: Transaction, last: _Last, leaves: Collection[Leaf]) -> _Last:
    org_id, n, now, root = tx.organisation, last.n + 1, utc_now(), merkle_root(leaves)
    mac = anchor_mac(
        settings().audit_key,
        org_id=org_id,
        n=n,
        at=now,
        previous=last.mac,
        root=root,
        count=len(leaves),
    )
    anchor = {"org_id": org_id, "n": n, "at": now, "previous": last.mac, "root": root}
    tx.execute(insert(AuditAnchor), {**anchor, "count": len(leaves), "mac": mac})
    tx.execute(
        insert(AuditLeaf),
        [
            {"org_id": org_id, "n": n, "stream_id": leaf.stream_id, "seq": leaf.seq, "head": leaf.head}
            for leaf in leaves
        ],
    )
    return _Last(n, now, mac)
