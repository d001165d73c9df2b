"""Needs from a CSV file: good rows are kept, bad and doubtful ones named by their line, known ones left."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

import orjson
from sqlalchemy.exc import SQLAlchemyError

from app.customers import queries as customers
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, PlacetError
from app.moments import utc_now
from app.needs import bulk, commands
from app.needs.reading import CellError, NeedsFile, values_of
from app.wording import worded

BATCH = 250
# SQLite gives its lock to whoever asks first: others get their turn while we wait.
PAUSE_SECONDS = 0.03
TRIES = 3
MOST_REMARKS = 1_000


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a row; `line` counts from 1, the header being line 1."""

    line: int
    column: str
    message: str


@dataclass(slots=True)
class ImportReport:
    """How many rows were read and kept, and what is to be said of the others.

    `problems` tell why rows were not kept, `notices` are doubts of kept ones, `repeats` rows that an earlier
    import kept: of each the first thousand; `bad`, `noticed` and `known` count the rows of all.
    `ignored_columns` are those of which nothing was kept.
    """

    read: int = 0
    kept: int = 0
    bad: int = 0
    noticed: int = 0
    known: int = 0
    problems: list[Remark] = field(default_factory=list)
    notices: list[Remark] = field(default_factory=list)
    repeats: list[Remark] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)

    def refuse(self, *problems: Remark) -> None:
        self.bad += 1
        self.problems += problems[: MOST_REMARKS - len(self.problems)]

    def keep(self, notice: Remark | None) -> None:
        self.kept += 1
        if notice:
            self.noticed += 1
            if len(self.notices) < MOST_REMARKS:
                self.notices.append(notice)

    def leave(self, repeat: Remark) -> None:
        self.known += 1
        if len(self.repeats) < MOST_REMARKS:
            self.repeats.append(repeat)


class StoppedError(PlacetError):
    """The database, or the file, gave up midway; `report` is of the rows before `line`."""

    status = 503
    code = "stopped"

    def __init__(self, line: int, report: ImportReport) -> None:
        message = worded(
            "the import stopped at line {line}; needs kept before it: {kept}. Import the same file again"
            " to go on: what is kept is not doubled",
            line=line,
            kept=report.kept,
        )
        super().__init__(message)
        self.line, self.report = line, report


def import_needs(org_id: UUID, by: UUID | None, stream: IO[bytes], currency: str) -> ImportReport:
    """Keep the needs of a CSV file that no import kept before.

    Raises InvalidError for a file that is none, and StoppedError saying how far it came.
    """
    file = NeedsFile(stream)
    importer = _Importer(org_id, by, currency, ImportReport(ignored_columns=file.ignored))
    try:
        for line, row in file.rows():
            importer.take(line, row)
        importer.keep()
    except (ConflictError, SQLAlchemyError, OSError) as error:
        raise StoppedError(importer.first_open_line, importer.report) from error
    return importer.report


class _Importer:
    def __init__(self, org_id: UUID, by: UUID | None, currency: str, report: ImportReport) -> None:
        self.report = report
        self.first_open_line = 2
        self._org_id, self._by, self._currency = org_id, by, currency
        self._batch: list[tuple[int, bulk.NewNeed]] = []
        self._seen: Counter[bytes] = Counter()

    def take(self, line: int, row: dict[str, str] | CellError) -> None:
        """Read a row, without the database; keep the batch when it is full."""
        if not self._batch:
            self.first_open_line = line
        self.report.read += 1
        try:
            if isinstance(row, CellError):
                raise row
            values = values_of(row, self._currency)
            commands.check(values)
        except CellError as error:
            self.report.refuse(Remark(line, error.column, error.message))
            return
        except InvalidError as error:
            wrong = [(column, why) for column, reasons in error.fields.items() for why in reasons]
            self.report.refuse(*(Remark(line, column, why) for column, why in wrong))
            return
        self._batch.append((line, bulk.NewNeed(values, self._fingerprint(values))))
        if len(self._batch) == BATCH:
            self.keep()
            time.sleep(PAUSE_SECONDS)

    def _fingerprint(self, values: dict[str, Any]) -> UUID:
        """Return what the row is known by: its values, and how many of its file were the same before it."""
        written = {name: str(value) for name, value in values.items()}
        written |= {name: str(values[name].normalize()) for name in ("quantity", "value")}
        content = hashlib.sha256(orjson.dumps(written, option=orjson.OPT_SORT_KEYS)).digest()
        self._seen[content] += 1
        digest = hashlib.sha256(content + str(self._seen[content]).encode()).digest()
        return UUID(bytes=digest[:16], version=5)  # MariaDB takes none without a version

    def keep(self) -> None:
        """Keep the batch in one short transaction."""
        if not self._batch:
            return
        notices = self._add_customers()
        numbers = self._write([need for _, need in self._batch])
        for line, need in self._batch:
            if number := numbers.get(need.fingerprint):
                message = worded("is kept already, as {number}", number=number)
                self.report.leave(Remark(line, "row", message))
            else:
                self.report.keep(notices.get(line))
        self._batch.clear()

    def _write(self, needs: Sequence[bulk.NewNeed]) -> dict[UUID, str]:
        """Write; return the numbers of needs that were there before. Somebody faster is waited for."""
        for _ in range(TRIES - 1):
            try:
                return self._write_once(needs)
            except ConflictError:
                time.sleep(PAUSE_SECONDS)
        return self._write_once(needs)

    def _write_once(self, needs: Sequence[bulk.NewNeed]) -> dict[UUID, str]:
        with transaction(self._org_id) as tx:
            return bulk.add_unknown_in(tx, self._by, needs, utc_now())

    def _add_customers(self) -> dict[int, Remark]:
        """Add whose needs they are; return what to say, by line, where that is not exactly one customer."""
        written = {need.values["customer_name"] for _, need in self._batch} - {""}
        if not written:
            return {}
        with reading(self._org_id) as tx:
            called = customers.customers_called(tx, written)
        notices = {}
        for line, need in self._batch:
            name = need.values["customer_name"]
            found = called.get(name, [])
            if len(found) == 1:
                need.values.update(customer_id=found[0].id, customer_name=found[0].name)
            elif name:
                notices[line] = Remark(line, "customer", _doubt(name, len(found)))
        return notices


def _doubt(name: str, count: int) -> str:
    if count:
        return worded("“{name}” names several customers; the need keeps the name as text", name=name)
    return worded("“{name}” is not known; the need keeps the name as text", name=name)
