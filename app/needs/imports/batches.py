"""The rows of a file as needs, batch by batch: good ones are kept, known ones left, others named by line."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson

from app.accounts.queries import hold
from app.customers import queries as customers
from app.database import Transaction, reading, transaction
from app.errors import ConflictError, InvalidError, PlacetError
from app.moments import utc_now
from app.needs import bulk, commands
from app.needs.imports.cells import CellError, Habits, values_of
from app.needs.imports.masking import is_masked
from app.needs.imports.occurrences import Counted
from app.needs.imports.rows import Row, named
from app.wording import worded

BATCH = 250
# SQLite gives its lock to whoever asks first: others get their turn while we wait.
PAUSE_SECONDS = 0.03
TRIES = 3
ERASED = worded("its customer was erased")


class ErasedMeanwhileError(PlacetError):
    """A customer was erased since the rows were read: what is in memory may name them."""

    status = 409


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a row; `line` counts from 1, the header being line 1."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a row: `kind` is kept, known (by an earlier import) or bad."""

    line: int
    kind: str
    remarks: tuple[Remark, ...]
    cells: Sequence[str]


@dataclass(slots=True)
class _Taken:
    """A row that waits for its batch: a need to keep, or what is wrong with it."""

    row: Row
    values: dict[str, Any] | None = None
    digest: bytes = b""
    problems: tuple[Remark, ...] = ()
    need: bulk.NewNeed | None = None

    @property
    def key(self) -> int:
        return int.from_bytes(self.digest[:8], "big", signed=True)


class Importer:
    """Reads rows without the database, and keeps them batch by batch, each in one short transaction.

    `alongside` writes, in the transaction of a batch, what became of its rows and what was counted for them;
    `count` hears of them when they are kept. `erased` is how many customers were erased when the file was
    opened; one more, and keeping raises ErasedMeanwhileError. With `masked` a row whose customer is all stars
    is left out.
    """

    def __init__(
        self,
        org_id: UUID,
        by: UUID | None,
        mapping: Sequence[str],
        habits: Habits,
        seen: Counted,
        count: Callable[[Sequence[Told]], None],
        alongside: Callable[[Transaction, Sequence[Told], Row], None] | None = None,
        *,
        erased: int,
        masked: bool = False,
    ) -> None:
        self.first_open_line = 2
        self._org_id, self._by, self._mapping, self._habits = org_id, by, mapping, habits
        self._seen, self._count, self._alongside = seen, count, alongside
        self._erased, self._masked = erased, masked
        self._batch: list[_Taken] = []

    def take(self, row: Row) -> bool:
        """Read a row; keep the batch when it is full, and say so."""
        if not self._batch:
            self.first_open_line = row.line
        self._batch.append(self._read(row))
        if len(self._batch) < BATCH:
            return False
        self.keep()
        time.sleep(PAUSE_SECONDS)
        return True

    def _read(self, row: Row) -> _Taken:
        try:
            if row.error:
                raise row.error
            cells = named(row.cells, self._mapping)
            if self._masked and is_masked(cells.get("customer", "")):
                return _left_out(row)
            values = values_of(cells, self._habits)
            commands.check(values)
        except CellError as error:
            return _Taken(row, problems=(Remark(row.line, error.column, error.message),))
        except InvalidError as error:
            wrong = [(column, why) for column, reasons in error.fields.items() for why in reasons]
            return _Taken(row, problems=tuple(Remark(row.line, column, why) for column, why in wrong))
        return _Taken(row, values, _digest(values))

    def keep(self) -> None:
        """Keep the batch; somebody faster is waited for."""
        if not self._batch:
            return
        notices = self._add_customers()
        before, after = self._number()
        for _ in range(TRIES - 1):
            try:
                told = self._write(notices, before, after)
                break
            except ConflictError:
                time.sleep(PAUSE_SECONDS)
        else:
            told = self._write(notices, before, after)
        self._count(told)
        self._batch.clear()

    def _number(self) -> tuple[dict[int, int], dict[int, int]]:
        """Say of each row how many of its file were the same; return the counts before and after."""
        before = self._seen.before({taken.key for taken in self._batch if taken.values})
        after = dict(before)
        for taken in self._batch:
            if taken.values:
                after[taken.key] += 1
                taken.need = bulk.NewNeed(taken.values, _fingerprint(taken.digest, after[taken.key]))
        return before, after

    def _write(self, notices: dict[int, Remark], before: dict[int, int], after: dict[int, int]) -> list[Told]:
        needs = [taken.need for taken in self._batch if taken.need]
        if not needs and not self._alongside:
            return self._told({}, notices)
        with transaction(self._org_id) as tx:
            hold(tx)
            if customers.count_erased(tx) != self._erased:
                raise ErasedMeanwhileError("a customer was erased meanwhile")
            told = self._told(bulk.add_unknown_in(tx, self._by, needs, utc_now()), notices)
            self._seen.keep(tx, before, after)
            if self._alongside:
                self._alongside(tx, told, self._batch[-1].row)
        return told

    def _told(self, numbers: dict[UUID, str], notices: dict[int, Remark]) -> list[Told]:
        return [self._told_of(taken, numbers, notices) for taken in self._batch]

    def _told_of(self, taken: _Taken, numbers: dict[UUID, str], notices: dict[int, Remark]) -> Told:
        line, cells = taken.row.line, taken.row.cells
        if taken.need is None:
            return Told(line, "bad", taken.problems, cells)
        if number := numbers.get(taken.need.fingerprint):
            message = worded("is kept already, as {number}", number=number)
            return Told(line, "known", (Remark(line, "row", message),), cells)
        notice = notices.get(line)
        return Told(line, "kept", (notice,) if notice else (), cells)

    def _add_customers(self) -> dict[int, Remark]:
        """Add whose needs they are; return what to say, by line, where that is not exactly one customer."""
        written = {taken.values["customer_name"] for taken in self._batch if taken.values} - {""}
        if not written:
            return {}
        with reading(self._org_id) as tx:
            called = customers.customers_called(tx, written)
        notices = {}
        for at, taken in enumerate(self._batch):
            name = taken.values["customer_name"] if taken.values else ""
            found = called.get(name, [])
            if len(found) == 1 and found[0].erased_at is not None:
                self._batch[at] = _left_out(taken.row)  # named by the number, which is all that is left
            elif len(found) == 1 and taken.values:
                taken.values.update(customer_id=found[0].id, customer_name=found[0].name)
            elif name:
                notices[taken.row.line] = Remark(taken.row.line, "customer", _doubt(name, len(found)))
        return notices


def _left_out(row: Row) -> _Taken:
    """Keep nothing of a row but that there was one."""
    return _Taken(replace(row, cells=()), problems=(Remark(row.line, "row", ERASED),))


def _digest(values: dict[str, Any]) -> bytes:
    """Return what a content is known by; how an amount is written makes no difference."""
    written = {name: str(value) for name, value in values.items()}
    written |= {name: str(values[name].normalize()) for name in ("quantity", "value")}
    return hashlib.sha256(orjson.dumps(written, option=orjson.OPT_SORT_KEYS)).digest()


def _fingerprint(content: bytes, times: int) -> UUID:
    digest = hashlib.sha256(content + str(times).encode()).digest()
    return UUID(bytes=digest[:16], version=5)  # MariaDB takes none without a version


def _doubt(name: str, count: int) -> str:
    if count:
        return worded("“{name}” names several customers; the need keeps the name as text", name=name)
    return worded("“{name}” is not known; the need keeps the name as text", name=name)
