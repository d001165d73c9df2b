"""Keeping the needs of a file slice by slice: a worker killed midway goes on after the last batch kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from app import audit
from app.accounts import queries as accounts
from app.customers import queries as customers
from app.database import Transaction, reading, transaction
from app.errors import PlacetError
from app.moments import utc_now
from app.needs.imports import choices, occurrences, storing
from app.needs.imports.batches import ErasedMeanwhileError, Importer, Told
from app.needs.imports.models import ImportPart, ImportRemark, ImportStatus, NeedImport
from app.needs.imports.occurrences import StoredOccurrences
from app.needs.imports.rows import Row, rows_of
from app.needs.imports.words import keepable, kept_words
from app.outbox.asking import ask_after

HANDLER = "needs.import"
# Well below the twenty seconds that a worker has for a call.
SLICE_SECONDS = 8.0
MOST_REMARKS = 1_000


class OvertakenError(PlacetError):
    """Somebody else went on with this import, or gave it up."""

    status = 409


def advance(org_id: UUID, import_id: UUID, seconds: float | None = None) -> bool:
    """Keep needs for so long; say whether the import is over."""
    while True:
        with reading(org_id) as tx:
            erased = customers.count_erased(tx)  # first: who is erased from now on is noticed
            found = tx.session.get(NeedImport, import_id)
            if found is None or found.status != ImportStatus.RUNNING:
                return True
            currency = accounts.currency_of(tx)
        try:
            return Run(found, currency, erased).go(seconds)
        except ErasedMeanwhileError:
            continue  # what is in memory may name who was erased: read it once more
        except OvertakenError:
            return True


def go_on(org_id: UUID, cause: UUID, import_id: UUID) -> None:
    """Ask for the next slice; asking again after the same one changes nothing."""
    now = utc_now()
    with transaction(org_id) as tx:
        ask_after(tx, cause, "more", HANDLER, {"import_id": str(import_id)}, due_at=now, now=now)


class Run:
    """One slice of an import, from where the last batch ended."""

    def __init__(self, found: NeedImport, currency: str, erased: int) -> None:
        self._id, self._org_id, self._kind = found.id, found.org_id, found.kind
        self._offset, self._line = found.offset, found.line
        self._room = {"known": MOST_REMARKS - found.known, "kept": MOST_REMARKS - found.noticed}
        self._chosen = choices.of(found.choices)
        habits = self._chosen.habits(currency)
        seen = StoredOccurrences(found.org_id, found.id)
        self._importer = Importer(
            found.org_id,
            found.person_id,
            self._chosen.mapping,
            habits,
            seen,
            self._count,
            self._keep,
            erased=erased,
            masked=found.cleared > 0,
        )
        self._by = found.person_id

    def go(self, seconds: float | None) -> bool:
        until = time.monotonic() + seconds if seconds is not None else float("inf")
        stream = storing.open_parts(self._org_id, self._id, self._kind, self._offset)
        width = len(self._chosen.header)
        for row in rows_of(stream, self._chosen.shape, width, self._offset, self._line):
            if self._importer.take(row) and time.monotonic() > until:
                return False
        self._importer.keep()
        if not occurrences.forget(self._org_id, self._id, self._line, until):
            return False
        self._finish()
        return True

    def _count(self, told: Sequence[Told]) -> None:
        for row in told:
            if row.remarks and row.kind in self._room:
                self._room[row.kind] -= 1

    def _keep(self, tx: Transaction, told: Sequence[Told], last: Row) -> None:
        """Write, with a batch, how far the file was read and what is to be said of its rows."""
        kinds = [row.kind for row in told]
        moved = tx.session.execute(
            update(NeedImport)
            .where(
                NeedImport.id == self._id,
                NeedImport.offset == self._offset,
                NeedImport.status == ImportStatus.RUNNING,
            )
            .values(
                offset=last.offset,
                line=last.next_line,
                read=NeedImport.read + len(told),
                kept=NeedImport.kept + kinds.count("kept"),
                bad=NeedImport.bad + kinds.count("bad"),
                known=NeedImport.known + kinds.count("known"),
                noticed=NeedImport.noticed + sum(row.kind == "kept" and bool(row.remarks) for row in told),
            )
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined] # an update's result counts its rows
            raise OvertakenError("somebody else went on with this import")
        if remarks := self._remarks(told):
            tx.execute(insert(ImportRemark), remarks)
        self._offset, self._line = last.offset, last.next_line

    def _remarks(self, told: Sequence[Told]) -> list[dict[str, object]]:
        """Return what is kept of this batch: every refusal, and the first thousand of what else there is."""
        room, kept = dict(self._room), []
        for row in told:
            if not row.remarks:
                continue
            if row.kind in room:
                room[row.kind] -= 1
                if room[row.kind] < 0:
                    continue
            said = [{"column": each.column, **kept_words(each.message)} for each in row.remarks]
            cells = [keepable(cell) for cell in row.cells] if row.kind == "bad" else []
            kept.append(
                {
                    "org_id": self._org_id,
                    "import_id": self._id,
                    "kind": row.kind,
                    "line": row.line,
                    "said": said,
                    "cells": cells,
                }
            )
        return kept

    def _finish(self) -> None:
        now = utc_now()
        with transaction(self._org_id) as tx:
            found = tx.session.get(NeedImport, self._id, with_for_update=True, populate_existing=True)
            if found is None or found.status != ImportStatus.RUNNING:
                raise OvertakenError("somebody else ended this import")
            found.status, found.finished_at = ImportStatus.DONE, now
            tx.session.execute(delete(ImportPart).where(ImportPart.import_id == self._id))
            detail = {"import": self._id, "kept": found.kept, "known": found.known, "refused": found.bad}
            audit.write(tx, "needs", self._by, "needs.imported", detail, now)


def progress(tx: Transaction, found: NeedImport) -> int:
    """Return how much of a file was read, in percent."""
    size = found.size or tx.session.scalar(
        select(func.sum(func.length(ImportPart.content))).where(
            ImportPart.import_id == found.id, ImportPart.kind == found.kind
        )
    )
    return min(100, 100 * found.offset // int(size)) if size else 100
