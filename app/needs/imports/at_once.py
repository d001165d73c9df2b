"""Needs from a CSV file in one go, with a report: for the command line, and for short files of programs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from app.customers import queries as customers
from app.database import reading
from app.errors import ConflictError, PlacetError
from app.needs.imports import beginning, utf16
from app.needs.imports.batches import ErasedMeanwhileError, Importer, Remark, Told
from app.needs.imports.cells import Habits
from app.needs.imports.occurrences import Occurrences
from app.needs.imports.rows import rows_of
from app.wording import worded

MOST_REMARKS = 1_000


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

    def count(self, told: Sequence[Told]) -> None:
        for row in told:
            self.read += 1
            if row.kind == "bad":
                self.bad += 1
                _add(self.problems, row.remarks)
            elif row.kind == "known":
                self.known += 1
                _add(self.repeats, row.remarks)
            else:
                self.kept += 1
                self.noticed += bool(row.remarks)
                _add(self.notices, row.remarks)


def _add(remarks: list[Remark], more: Sequence[Remark]) -> None:
    remarks += more[: MOST_REMARKS - len(remarks)]


class StoppedError(PlacetError):
    """The database, or the file, gave up midway; `report` is of the rows before `line`."""

    status = 503
    code = "stopped"

    template = worded(
        "the import stopped at line {line}; needs kept before it: {kept}. Import the same file again"
        " to go on: what is kept is not doubled"
    )

    def __init__(self, line: int, report: ImportReport) -> None:
        super().__init__(worded(str(self.template), line=line, kept=report.kept))
        self.line, self.report = line, report


class StoppedByErasureError(StoppedError):
    """A customer was erased while their file was read, and the rows to come may name them."""

    status = 409
    template = worded(
        "the import stopped at line {line}, because a customer was erased; needs kept before it: {kept}."
        " Take them out of the file and import it again to go on: what is kept is not doubled"
    )


def import_needs(org_id: UUID, by: UUID | None, stream: IO[bytes], currency: str) -> ImportReport:
    """Keep the needs of a CSV file that no import kept before; its begin tells how it is written.

    Raises InvalidError for a file that is none, and StoppedError saying how far it came; one of its kind
    where a customer was erased meanwhile.
    """
    with reading(org_id) as tx:
        erased = customers.count_erased(tx)
    rewound = beginning.Rewound(stream)
    if utf16.begins(rewound.sample):
        rewound = beginning.Rewound(io.BufferedReader(utf16.AsUtf8(b"", rewound)))
    began = beginning.read(rewound.sample)
    mapping = beginning.strictly_guessed(began.header, began.line)
    habits = Habits(
        currency,
        day_order=began.day_order(mapping),
        decimal_mark=began.decimal_mark(mapping),
        encoding=began.shape.encoding,
    )
    report = ImportReport(ignored_columns=beginning.ignored(began.header, mapping))
    importer = Importer(org_id, by, mapping, habits, Occurrences(), report.count, erased=erased)
    whole = io.BufferedReader(rewound)
    whole.read(began.offset)
    try:
        for row in rows_of(whole, began.shape, len(began.header), began.offset, began.line):
            importer.take(row)
        importer.keep()
    except ErasedMeanwhileError as error:
        raise StoppedByErasureError(importer.first_open_line, report) from error
    except (ConflictError, SQLAlchemyError, OSError) as error:
        raise StoppedError(importer.first_open_line, report) from error
    return report
