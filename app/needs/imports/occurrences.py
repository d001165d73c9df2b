"""How often each content came so far in a file: equal rows are told apart by it, also by who goes on later.

A content is known by eight bytes of its digest. Two that agree in those (one pair in a billion files of a
million rows) count as one: the second is then known by another number, which is as good.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from app.database import Transaction, reading, transaction
from app.needs.imports.models import ImportSeen

FIRST_SLOTS = 1 << 12
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
FORGOTTEN_AT_ONCE = 10_000


class Counted(Protocol):
    """Who counts the contents of one file."""

    def before(self, keys: Collection[int]) -> dict[int, int]:
        """Return how often each of these came before a batch."""

    def keep(self, tx: Transaction, before: Mapping[int, int], after: Mapping[int, int]) -> None:
        """Keep, with the batch, how often each has come now."""


class Occurrences:
    """Counts in memory, in some thirty bytes a row at most: for a file that is read in one go."""

    def __init__(self) -> None:
        self._resize(FIRST_SLOTS)

    def _resize(self, slots: int) -> None:
        self._mask, self._used = slots - 1, 0
        self._keys, self._counts = array("q", bytes(8 * slots)), array("I", bytes(4 * slots))

    def before(self, keys: Collection[int]) -> dict[int, int]:
        return {key: self._counts[self._slot(key)] for key in keys}

    def keep(self, _tx: Transaction | None, _before: Mapping[int, int], after: Mapping[int, int]) -> None:
        """Keep the counts; told again, they are the same."""
        for key, count in after.items():
            if 3 * self._used > 2 * self._mask:
                self._grow()
            at = self._slot(key)
            self._used += not self._counts[at]
            self._keys[at], self._counts[at] = key, count

    def _slot(self, key: int) -> int:
        at = key & self._mask
        while self._counts[at] and self._keys[at] != key:
            at = (at + 1) & self._mask
        return at

    def _grow(self) -> None:
        keys, counts = self._keys, self._counts
        self._resize(2 * len(keys))
        for key, count in zip(keys, counts, strict=True):
            if count:
                at = self._slot(key)
                self._keys[at], self._counts[at] = key, count
                self._used += 1


class StoredOccurrences:
    """Counts in the database: whoever goes on with an import reads no more than each batch needs."""

    def __init__(self, org_id: UUID, import_id: UUID) -> None:
        self._org_id, self._import_id = org_id, import_id

    def before(self, keys: Collection[int]) -> dict[int, int]:
        statement = select(ImportSeen.key, ImportSeen.times).where(
            ImportSeen.import_id == self._import_id, ImportSeen.key.in_(keys)
        )
        if not keys:
            return {}
        with reading(self._org_id) as tx:
            tx.plan_anew()
            found = {row.key: row.times for row in tx.session.execute(statement)}
        return {key: found.get(key, 0) for key in keys}

    def keep(self, tx: Transaction, before: Mapping[int, int], after: Mapping[int, int]) -> None:
        row = {"org_id": self._org_id, "import_id": self._import_id}
        if new := [{**row, "key": key, "times": after[key]} for key in after if not before[key]]:
            tx.execute(insert(ImportSeen), new)
        if again := [{"seen": key, "now": after[key]} for key in after if before[key]]:
            statement = (
                update(ImportSeen)
                .where(
                    ImportSeen.org_id == self._org_id,
                    ImportSeen.import_id == self._import_id,
                    ImportSeen.key == bindparam("seen"),
                )
                .values(times=bindparam("now"))
            )
            tx.execute(statement, again)


def forget(org_id: UUID, import_id: UUID, rows: int, until: float) -> bool:
    """Delete what was counted for an import, some at a time, until then; say whether all of it is gone."""
    parts = rows // FORGOTTEN_AT_ONCE + 1
    step = (HIGHEST - LOWEST) // parts + 1
    for low in range(LOWEST, HIGHEST, step):
        within = ImportSeen.key.between(low, min(low + step - 1, HIGHEST))
        with transaction(org_id) as tx:
            gone = tx.session.execute(delete(ImportSeen).where(ImportSeen.import_id == import_id, within))
        # What is gone already costs no slice: each one comes further.
        if gone.rowcount and time.monotonic() > until:  # type: ignore[attr-defined] # a delete's result counts
            return False
    return True
