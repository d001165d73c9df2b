"""What a page shows of an import: how its first rows would be read, what became of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from app import spreadsheets
from app.accounts import queries as accounts
from app.database import Transaction, reading
from app.errors import InvalidError, NotFoundError
from app.needs import commands as needs
from app.needs.imports import beginning, choices, running, storing
from app.needs.imports.batches import ERASED
from app.needs.imports.cells import CellError, Habits, values_of
from app.needs.imports.choices import Choices
from app.needs.imports.columns import OF_REFUSED
from app.needs.imports.masking import is_masked
from app.needs.imports.models import ImportRemark, ImportStatus, NeedImport
from app.needs.imports.rows import Row, named
from app.needs.imports.shape import SAMPLE_BYTES
from app.needs.imports.words import keepable, words_of
from app.wording import Wording, translated

PREVIEW_ROWS = 8
SHOWN_REMARKS = 1_000
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PreviewRow:
    line: int
    cells: list[str]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, each with why it would be refused; `looked_at` of them were read, `bad` would be."""

    chosen: Choices
    rows: list[PreviewRow]
    looked_at: int
    bad: int


@dataclass(frozen=True, slots=True)
class SaidOf:
    """One thing to be said of a row."""

    line: int
    column: str
    message: Wording


@dataclass(frozen=True, slots=True)
class Result:
    problems: list[SaidOf]
    notices: list[SaidOf]
    repeats: list[SaidOf]
    left_out: list[str]


def get_import(tx: Transaction, import_id: UUID) -> NeedImport:
    found = tx.session.get(NeedImport, import_id)
    if found is None:
        raise NotFoundError("import", import_id)
    return found


def list_imports(
    tx: Transaction, limit: int = 10, after: tuple[datetime, UUID] | None = None
) -> list[NeedImport]:
    """Return the newest imports."""
    newest = select(NeedImport).order_by(NeedImport.created_at.desc(), NeedImport.id.desc())
    if after is not None:
        at, last = after
        older = (NeedImport.created_at == at) & (NeedImport.id < last)
        newest = newest.where(or_(NeedImport.created_at < at, older))
    return list(tx.session.scalars(newest.limit(limit)))


def preview(found: NeedImport) -> Preview:
    """Read the first rows of a file as they would be read."""
    chosen = choices.of(found.choices)
    sample = storing.open_parts(found.org_id, found.id, found.kind).read(SAMPLE_BYTES)
    if chosen.sheet:
        began = beginning.read_sheet(sample)
    else:
        began = beginning.read(sample, chosen.encoding, chosen.separator)
    with reading(found.org_id) as tx:
        habits = chosen.habits(accounts.currency_of(tx))
    problems = [_problems(row, chosen, habits, found.cleared > 0) for row in began.rows]
    width = len(chosen.header)
    rows = [
        PreviewRow(row.line, [keepable(cell) for cell in [*row.cells, *[""] * width][:width]], wrong)
        for row, wrong in zip(began.rows, problems, strict=True)
    ]
    return Preview(chosen, rows[:PREVIEW_ROWS], len(rows), sum(bool(wrong) for wrong in problems))


def _problems(row: Row, chosen: Choices, habits: Habits, masked: bool) -> list[str]:
    try:
        if row.error:
            raise row.error
        cells = named(row.cells, chosen.mapping)
        if masked and is_masked(cells.get("customer", "")):
            raise CellError("row", ERASED)
        needs.check(values_of(cells, habits))
    except CellError as error:
        return [f"{translated(error.column)}: {translated(error.message)}"]
    except InvalidError as error:
        wrong = [(name, why) for name, reasons in error.fields.items() for why in reasons]
        return [f"{translated(name)}: {translated(why)}" for name, why in wrong]
    return []


def percent(found: NeedImport) -> int:
    with reading(found.org_id) as tx:
        return running.progress(tx, found)


def result(tx: Transaction, found: NeedImport) -> Result:
    chosen = choices.of(found.choices)
    said = {kind: _said(tx, found.id, kind) for kind in ("bad", "kept", "known")}
    left_out = beginning.ignored(chosen.header, chosen.mapping)
    return Result(said["bad"], said["kept"], said["known"], left_out)


def _said(tx: Transaction, import_id: UUID, kind: str) -> list[SaidOf]:
    statement = (
        select(ImportRemark)
        .where(ImportRemark.import_id == import_id, ImportRemark.kind == kind)
        .order_by(ImportRemark.line)
        .limit(SHOWN_REMARKS)
    )
    found = tx.session.scalars(statement)
    return [SaidOf(row.line, each["column"], words_of(each)) for row in found for each in row.said]


def refused_rows(found: NeedImport) -> Iterator[str]:
    """Yield the refused rows as CSV: line and reason, then the cells as they were; ready to be put right.

    A cell that a spreadsheet would take for a formula is kept text by an apostrophe.
    """
    yield "\ufeff" + _line([*OF_REFUSED, *choices.of(found.choices).header])
    after = 0
    while rows := _refused_after(found, after):
        for row in rows:
            why = "; ".join(f"{each['column']}: {translated(words_of(each))}" for each in row.said)
            yield _line([str(row.line), why, *row.cells])
        after = rows[-1].line


def _refused_after(found: NeedImport, line: int) -> Sequence[ImportRemark]:
    statement = (
        select(ImportRemark)
        .where(ImportRemark.import_id == found.id, ImportRemark.kind == "bad", ImportRemark.line > line)
        .order_by(ImportRemark.line)
        .limit(AT_ONCE)
    )
    with reading(found.org_id) as tx:
        return list(tx.session.scalars(statement))


def _line(cells: Sequence[str]) -> str:
    return spreadsheets.line(map(spreadsheets.safe, cells))


def is_waiting(found: NeedImport) -> bool:
    """Say whether a page should look again: a worker has it."""
    return found.status in (ImportStatus.UPLOADING, ImportStatus.UNPACKING, ImportStatus.RUNNING)
