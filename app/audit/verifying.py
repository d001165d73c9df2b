"""Proving the record: every chain, every anchor, and that nothing is shorter than it was sealed or witnessed.

Each organisation is read at one moment, row after row, so that neither writers nor size matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Row, Select, Subquery, and_, bindparam, func, select, union_all

from app.audit.anchors import Leaf, anchor_mac, merkle_root
from app.audit.chain import entry_digest
from app.audit.models import AuditAnchor, AuditEntry, AuditLeaf, AuditStream
from app.audit.witness import Seen, Witness
from app.database import Transaction, snapshot
from app.moments import utc_now

# The relay seals every few seconds; what waits longer waits for something.
SEALED_WITHIN = timedelta(minutes=1)
_PAGE = 1_000
_entries = AuditEntry.__table__.c
_anchors = AuditAnchor.__table__.c
_leaves = AuditLeaf.__table__.c
_streams = AuditStream.__table__.c
_ORG: BindParameter[UUID] = bindparam("org_id")
# What a table that holds heads must answer: id, seq and head of this organisation's chains.
SETTINGS_HEADS = select(_streams.id, _streams.seq, _streams.head).where(_streams.org_id == _ORG)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is broken: the chain ("anchors" for that of the anchors), the entry, and why."""

    stream: str
    seq: int
    reason: str

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.reason}"


@dataclass(slots=True)
class Proof:
    """What was walked so far; `unsealed` entries are old enough for an anchor, and under none.

    `unwitnessed` organisations have anchors of which the witness saw none.
    """

    streams: int = 0
    entries: int = 0
    unsealed: int = 0
    unwitnessed: int = 0


def verify(
    org_id: UUID,
    key: bytes,
    heads: Sequence[Select[Any]],
    proof: Proof | None = None,
    witness: Witness | None = None,
) -> Iterator[Problem]:
    """Walk all that one organisation recorded; yield what is broken, counting into `proof`.

    `heads` are the tables above this room that hold heads (instances), as `SETTINGS_HEADS` is one.
    """
    proof = proof or Proof()
    walk = _Walk(org_id, key, union_all(SETTINGS_HEADS, *heads).subquery("heads"))
    # Asked before the moment that is read: what the witness saw was committed by then.
    seen, unreadable = _ask(witness, org_id)
    with snapshot(org_id) as tx:
        yield from walk.chains(tx, proof)
        yield from walk.headless(tx)
        yield from walk.sealed(tx)
        yield from walk.anchors(tx)
        if unreadable:
            yield unreadable
        elif seen:
            yield from walk.witnessed(tx, seen)
        elif witness and walk.last_anchor(tx):
            proof.unwitnessed += 1
        proof.unsealed += walk.unsealed(tx)


def vanished(
    witnessed: Collection[UUID], known: Collection[UUID], witness: Witness
) -> Iterator[tuple[UUID, Problem]]:
    """Find organisations that the witness saw, and that are no longer in the database."""
    for org_id in sorted(set(witnessed) - set(known)):
        seen, unreadable = _ask(witness, org_id)
        if seen:
            reason = f"missing: the witness saw anchor {seen.n} of organisation {org_id}, which is gone"
            yield org_id, Problem("anchors", 1, reason)
        elif unreadable:
            yield org_id, unreadable


def _ask(witness: Witness | None, org_id: UUID) -> tuple[Seen | None, Problem | None]:
    """Return what the witness saw; a file that cannot be read is as broken as the record."""
    try:
        return (witness.seen(org_id) if witness else None), None
    except (OSError, ValueError) as error:
        reason = f"the witness's file {org_id}.json cannot be read: {error}"
        return None, Problem("anchors", 0, reason)


class _Walk:
    def __init__(self, org_id: UUID, key: bytes, heads: Subquery) -> None:
        self._org_id = org_id
        self._key = key
        self._heads = heads

    def _rows(self, tx: Transaction, statement: Select[Any]) -> Iterator[Row[Any]]:
        yield from tx.execute(statement.execution_options(yield_per=_PAGE), {"org_id": self._org_id})

    def chains(self, tx: Transaction, proof: Proof) -> Iterator[Problem]:
        """Walk every chain from its first entry to its head."""
        heads = self._heads.c
        statement = (
            select(*_entries, heads.seq.label("head_seq"), heads.head.label("head_digest"))
            .select_from(AuditEntry.__table__.outerjoin(self._heads, heads.id == _entries.stream_id))
            .where(_entries.org_id == _ORG)
            .order_by(_entries.stream_id, _entries.seq)
        )
        for stream_id, rows in groupby(self._rows(tx, statement), lambda row: row.stream_id):
            proof.streams += 1
            problem = self._chain(stream_id, rows, proof)
            if problem:
                yield problem

    def _chain(self, stream_id: UUID, rows: Iterator[Row[Any]], proof: Proof) -> Problem | None:
        """Return the first thing that is wrong with a chain; what comes after it proves nothing."""
        previous, seq, row = b"", 0, None
        for row in rows:
            proof.entries += 1
            reason = self._entry(row, seq + 1, previous)
            if reason:
                return Problem(str(stream_id), min(row.seq, seq + 1), reason)
            previous, seq = row.digest, row.seq
        if row is None or row.head_seq is None:
            return Problem(str(stream_id), seq, "nothing holds the head of this chain")
        if row.head_seq > seq:
            return Problem(str(stream_id), seq + 1, f"missing: the head stands at {row.head_seq}")
        if row.head_seq < seq:
            return Problem(str(stream_id), row.head_seq + 1, "added behind the head")
        if row.head_digest != previous:
            return Problem(str(stream_id), seq, "the head is not the last entry's digest")
        return None

    def _entry(self, row: Row[Any], expected: int, previous: bytes) -> str | None:
        if row.seq != expected:
            return "missing" if row.seq > expected else "there is such a number already"
        if row.previous != previous:
            return "does not follow from the entry before it"
        digest = entry_digest(
            self._key,
            previous=row.previous,
            org_id=row.org_id,
            stream_id=row.stream_id,
            seq=row.seq,
            at=row.at,
            person_id=row.person_id,
            action=row.action,
            detail=row.detail,
        )
        return None if digest == row.digest else "was changed"

    def headless(self, tx: Transaction) -> Iterator[Problem]:
        """Find heads of chains that have lost all their entries."""
        heads = self._heads.c
        some = select(_entries.seq).where(_entries.stream_id == heads.id).exists()
        for row in self._rows(tx, select(heads.id, heads.seq).where(heads.seq > 0, ~some)):
            yield Problem(str(row.id), 1, f"missing: the head stands at {row.seq}")

    def sealed(self, tx: Transaction) -> Iterator[Problem]:
        """Find chains that are shorter, or other, than an anchor sealed them."""
        statement = (
            select(_leaves.stream_id, func.min(_leaves.seq).label("seq"), func.min(_leaves.n).label("n"))
            .select_from(
                AuditLeaf.__table__.outerjoin(
                    AuditEntry.__table__,
                    and_(_entries.stream_id == _leaves.stream_id, _entries.seq == _leaves.seq),
                )
            )
            .where(
                _leaves.org_id == _ORG,
                _entries.digest.is_(None) | (_entries.digest != _leaves.head),
            )
            .group_by(_leaves.stream_id)
        )
        for row in self._rows(tx, statement):
            yield Problem(str(row.stream_id), row.seq, f"missing, or other than anchor {row.n} sealed it")

    def anchors(self, tx: Transaction) -> Iterator[Problem]:
        """Walk the chain of anchors with the heads under each."""
        joined = AuditAnchor.__table__.outerjoin(
            AuditLeaf.__table__, and_(_leaves.org_id == _anchors.org_id, _leaves.n == _anchors.n)
        )
        # "count" is a method of every row.
        columns = (
            *_anchors,
            _anchors["count"].label("leaf_count"),
            _leaves.stream_id,
            _leaves.seq,
            _leaves.head,
        )
        statement = select(*columns).select_from(joined).where(_anchors.org_id == _ORG).order_by(_anchors.n)
        previous, n = b"", 0
        for _, rows in groupby(self._rows(tx, statement), lambda row: row.n):
            reason, anchor = self._anchor(list(rows), n + 1, previous)
            if reason:
                yield Problem("anchors", min(anchor.n, n + 1), reason)
                return
            previous, n = anchor.mac, anchor.n
        last = tx.execute(select(func.max(_leaves.n)).where(_leaves.org_id == _ORG), {"org_id": self._org_id})
        if (last.scalar() or 0) > n:
            yield Problem("anchors", n + 1, "missing: the heads that it sealed are still there")

    def witnessed(self, tx: Transaction, seen: Seen) -> Iterator[Problem]:
        """Find that the newest anchors were cut off, also where others have taken their numbers since."""
        statement = select(_anchors.mac).where(_anchors.org_id == _ORG, _anchors.n == seen.n)
        row = next(self._rows(tx, statement), None)
        if row is None:
            missing = min(self.last_anchor(tx) + 1, seen.n)
            yield Problem("anchors", missing, f"missing: the witness saw anchor {seen.n} {self._may_be()}")
        elif row.mac != seen.mac:
            yield Problem("anchors", seen.n, f"other than the witness saw it {self._may_be()}")

    def _may_be(self) -> str:
        return f"({self._org_id}.json): the end was cut off, or an older backup restored"

    def last_anchor(self, tx: Transaction) -> int:
        row = next(self._rows(tx, select(func.max(_anchors.n).label("n")).where(_anchors.org_id == _ORG)))
        return row.n or 0

    def unsealed(self, tx: Transaction) -> int:
        """Count entries that no anchor holds though there was time; a chain is sealed up to a head."""
        ends = (
            select(_entries.stream_id, func.max(_entries.seq).label("seq"))
            .where(_entries.org_id == _ORG, _entries.at < utc_now() - SEALED_WITHIN)
            .group_by(_entries.stream_id)
            .subquery("ends")
        )
        # Asked for each chain, not joined: where statistics are old, a join of the two sums takes minutes.
        head = (
            select(func.coalesce(func.max(_leaves.seq), 0))
            .where(_leaves.org_id == _ORG, _leaves.stream_id == ends.c.stream_id)
            .correlate(ends)
            .scalar_subquery()
        )
        beyond = select(func.sum(ends.c.seq - head).label("entries")).where(ends.c.seq > head)
        return int(next(self._rows(tx, beyond)).entries or 0)

    def _anchor(
        self, rows: Sequence[Row[Any]], expected: int, previous: bytes
    ) -> tuple[str | None, Row[Any]]:
        anchor = rows[0]
        if anchor.n != expected:
            return "missing", anchor
        if anchor.previous != previous:
            return "does not follow from the anchor before it", anchor
        mac = anchor_mac(
            self._key,
            org_id=anchor.org_id,
            n=anchor.n,
            at=anchor.at,
            previous=anchor.previous,
            root=anchor.root,
            count=anchor.leaf_count,
        )
        if mac != anchor.mac:
            return "was changed", anchor
        leaves = [Leaf(row.stream_id, row.seq, row.head) for row in rows if row.stream_id]
        if len(leaves) != anchor.leaf_count or merkle_root(leaves) != anchor.root:
            return "the heads under it were changed", anchor
        return None, anchor
