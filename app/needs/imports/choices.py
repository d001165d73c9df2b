"""How a person wants a file read: guessed, remembered from files with the same columns, changed by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import select

from app.database import Transaction
from app.errors import InvalidError
from app.moments import utc_now
from app.needs.imports import cells, columns
from app.needs.imports.beginning import Beginning
from app.needs.imports.cells import Habits
from app.needs.imports.models import RememberedMapping
from app.needs.imports.shape import ENCODINGS, SEPARATORS, Shape
from app.wording import worded


@dataclass(frozen=True, slots=True)
class Choices:
    """`mapping` says for each column which field of ours it is, or none; `cr` and `sheet`: see Shape."""

    encoding: str
    separator: str
    mapping: list[str]
    header: list[str] = field(default_factory=list)
    day_order: str = ""
    decimal_mark: str = ""
    need_type: str = ""
    cr: bool = False
    sheet: bool = False

    @property
    def shape(self) -> Shape:
        return Shape(self.encoding, self.separator, self.cr, self.sheet)

    def habits(self, currency: str) -> Habits:
        return Habits(
            currency,
            need_type=self.need_type,
            day_order=self.day_order,
            # Numbers of a workbook are written by us; what is text in it is not guessed against them.
            decimal_mark="." if self.sheet else self.decimal_mark,
            encoding=self.encoding,
        )

    def kept(self) -> dict[str, Any]:
        return asdict(self)


def proposed(tx: Transaction, began: Beginning) -> Choices:
    """Return how to read a file that nobody has spoken of: as the last one with its columns, else guessed.

    What its days and numbers show by themselves counts for more than how the last one's were written.
    """
    shape = began.shape
    row = tx.session.scalar(
        select(RememberedMapping).where(RememberedMapping.known_by == columns.known_by(began.header))
    )
    remembered: Mapping[str, Any] = row.choices if row else {}
    fields = remembered.get("fields", {})
    guessed = began.guessed()
    mapping = [fields.get(columns.plain(name), "") for name in began.header] if fields else guessed
    return Choices(
        shape.encoding,
        shape.separator,
        mapping,
        began.header,
        began.day_order(mapping) or remembered.get("day_order", ""),
        began.decimal_mark(mapping) or remembered.get("decimal_mark", ""),
        remembered.get("need_type", ""),
        shape.cr,
        shape.sheet,
    )


def remember(tx: Transaction, choices: Choices) -> None:
    """Keep how this file was read for the next one that has the same columns, in whatever order."""
    key = columns.known_by(choices.header)
    row = tx.session.get(RememberedMapping, (tx.organisation, key), with_for_update=True)
    if row is None:
        row = RememberedMapping(org_id=tx.organisation, known_by=key, choices={}, used_at=utc_now())
        tx.session.add(row)
    row.choices = {
        "fields": {
            columns.plain(name): field
            for name, field in zip(choices.header, choices.mapping, strict=True)
            if field
        },
        "day_order": choices.day_order,
        "decimal_mark": choices.decimal_mark,
        "need_type": choices.need_type,
    }
    row.used_at = utc_now()


def checked(choices: Choices) -> Choices:
    """Return choices that a person made; raise InvalidError for those that there are not."""
    wrong: dict[str, list[str]] = {}
    if choices.encoding not in ENCODINGS:
        wrong["encoding"] = [worded("is not one of: {allowed}", allowed=", ".join(ENCODINGS.values()))]
    if choices.separator not in SEPARATORS:
        wrong["separator"] = ["is not a comma, semicolon, tab or bar"]
    if choices.day_order not in ("", *cells.DAY_ORDERS):
        wrong["day_order"] = ["is not dmy or mdy"]
    if choices.decimal_mark not in ("", *cells.DECIMAL_MARKS):
        wrong["decimal_mark"] = ["is not a point or a comma"]
    if len(choices.need_type) > 80:
        wrong["need_type"] = [worded("has more than {longest} characters", longest=80)]
    if wrong:
        raise InvalidError("the file was not imported", dict(wrong))
    known = [name if name in columns.COLUMNS else "" for name in choices.mapping]
    return replace(choices, mapping=known, need_type=choices.need_type.strip())


def require_whole(choices: Choices) -> None:
    """Raise InvalidError where no need could come of any row."""
    wrong: list[str] = []
    if "need_type" not in choices.mapping and not choices.need_type:
        wrong.append(worded("say which column is the type, or one type for all rows"))
    if "text" not in choices.mapping:
        wrong.append(worded("say which column is the text"))
    wrong += [
        worded("two columns are {name}", name=name)
        for name in columns.COLUMNS
        if choices.mapping.count(name) > 1
    ]
    if wrong:
        raise InvalidError("the file was not imported", {"mapping": wrong})


def changed(choices: Choices, began: Beginning, before: Sequence[str]) -> Choices:
    """Return choices for a file once it is read as a person said.

    It may turn out to have other columns; and columns that were not days or numbers `before` may show how
    those are written, where the person says nothing of it.
    """
    shape = began.shape
    mapping = choices.mapping if choices.header == began.header else began.guessed()
    is_new = mapping != before
    return replace(
        choices,
        mapping=mapping,
        header=began.header,
        encoding=shape.encoding,
        separator=shape.separator,
        day_order=choices.day_order or (began.day_order(mapping) if is_new else ""),
        decimal_mark=choices.decimal_mark or (began.decimal_mark(mapping) if is_new else ""),
    )


def of(kept: Mapping[str, Any]) -> Choices:
    return Choices(**kept)
