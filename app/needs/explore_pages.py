"""Exploring needs as a page: a pivot, its chart, and a file of the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TypeAlias, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask_babel import gettext

from app.accounts import queries as accounts
from app.accounts.door import current_actor
from app.database import Transaction, reading
from app.i18n import day
from app.needs import views
from app.needs.asked import filter_asked
from app.needs.beside import BESIDE
from app.needs.explore import REST, Measure, Period, Pivot, Question, Side, Sum, end_of, explore
from app.spreadsheets import line, safe
from app.web import page, signed_in

blueprint = Blueprint("need_explore", __name__)
MOST = (40, 8)
Words: TypeAlias = Mapping[str, Mapping[str, str]]
Chosen = TypeVar("Chosen", Side, Measure, Period)
_FILTERS = ("type", "channel", "status", "segment", "customer_segment", "theme", "product", "since", "until")
# Whose rows without a value can be narrowed to as well.
_WITH_NONE = frozenset({Side.SEGMENT, Side.CUSTOMER_SEGMENT, Side.THEME, Side.PRODUCT})


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the chart: `parts` are widths in thousandths of the longest, with their column's number."""

    label: str
    told: Decimal | None
    parts: tuple[tuple[int, int, int], ...]


@blueprint.get("/needs/explore")
@signed_in()
def explore_page() -> Response:
    actor = current_actor()
    wanted = filter_asked()
    with reading(actor.org_id) as tx:
        question = _question(tx)
        pivot = explore(tx, wanted, question, MOST)
        kept = views.list_views(tx, actor, "explore")
        words = _words(tx)
    return page(
        "needs/explore.html",
        pivot=pivot,
        question=question,
        bars=_bars(pivot),
        label=partial(_label, words),
        words=words,
        link=_link(question),
        set_filters={name: request.args[name] for name in _FILTERS if request.args.get(name)},
        without=_without,
        rest=REST,
        sides=list(Side),
        measures=list(Measure),
        periods=list(Period),
        wanted=wanted,
        args=request.args,
        query=request.query_string.decode(),
        views=kept,
    )


@blueprint.get("/needs/explore.csv")
@signed_in()
def explore_csv() -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        pivot, words = explore(tx, filter_asked(), _question(tx)), _words(tx)
    headers = {"Content-Disposition": "attachment; filename=needs.csv"}
    return Response("\ufeff" + "".join(csv_lines(pivot, words)), mimetype="text/csv", headers=headers)


def csv_lines(pivot: Pivot, words: Words) -> Iterator[str]:
    """Yield a pivot line by line: all rows and columns, numbers as they are, text that runs nothing."""
    question = pivot.question
    columns = [_label(words, question.columns, column, question.period) for column in pivot.columns]
    measure = str(question.measure) + (f" {question.currency}" if question.of_worth else "")
    yield line(map(safe, [str(question.rows), *(columns if question.columns else [measure])]))
    for row in pivot.rows:
        values = [pivot.told(pivot.cells.get((row, column))) for column in pivot.columns]
        name = _label(words, question.rows, row, question.period)
        yield line(map(safe, [name, *("" if v is None else f"{v:f}" for v in values)]))


def _question(tx: Transaction) -> Question:
    args = request.args
    rows = _chosen(Side, args.get("rows"), Side.TYPE)
    across = args.get("columns")
    columns = _chosen(Side, across, Side.TIME) if across in list(Side) and across != rows else None
    return Question(
        rows=rows,
        columns=columns,
        measure=_chosen(Measure, args.get("measure"), Measure.COUNT),
        period=_chosen(Period, args.get("by"), Period.MONTH),
        currency=args.get("currency", "").upper()[:3] or accounts.currency_of(tx),
        segment=args.get("segment", ""),
        product=args.get("product", ""),
    )


def _chosen(kind: Callable[[str], Chosen], asked: str | None, default: Chosen) -> Chosen:
    try:
        return kind(asked or default)
    except ValueError:
        return default


def _words(tx: Transaction) -> Words:
    """Return what numbers that rooms above tell are called."""
    return {side: dict(beside.values(tx)) for side, beside in BESIDE.items()}


def _label(words: Words, side: Side | None, key: str, period: Period) -> str:
    """Return a row's or column's name as people read it."""
    if key == REST:
        return str(gettext("everything else"))
    if key == "none":
        return str(gettext("none"))
    if side is Side.TIME:
        return str(day(date.fromisoformat(key)))
    return words.get(side or "", {}).get(key, key)


def _link(question: Question) -> Callable[[Side | None, str], str]:
    """Return how a row or column is filtered by: the same page, narrowed to it."""

    def link(side: Side | None, key: str) -> str:
        if side is None or key == REST or (key == "none" and side not in _WITH_NONE):
            return ""
        narrowed = {name: value for name, value in request.args.items() if name != "cursor"}
        if side is Side.TIME:
            first = date.fromisoformat(key)
            narrowed |= {"since": key, "until": end_of(first, question.period).isoformat()}
        else:
            narrowed[str(side)] = key
        return "?" + urlencode(narrowed)

    return link


def _without(name: str) -> str:
    return "?" + urlencode({key: value for key, value in request.args.items() if key != name})


def _bars(pivot: Pivot) -> list[Bar]:
    """Return the chart: a bar for each row, stacked by columns where sums are asked for.

    What is left over is many rows in one: it has its number, and no bar that would make all others small.
    """
    told = {row: pivot.told(pivot.row_sums[row]) for row in pivot.rows}
    drawn = [value for row, value in told.items() if row != REST and value is not None]
    longest = max(drawn, default=Decimal(0)) or Decimal(1)
    return [
        Bar(row, told[row], _parts(pivot, row, longest, told[row]) if row != REST else ())
        for row in pivot.rows
    ]


def _parts(
    pivot: Pivot, row: str, longest: Decimal, told: Decimal | None
) -> tuple[tuple[int, int, int], ...]:
    if pivot.question.is_mean or len(pivot.columns) == 1:
        return ((0, int(1000 * (told or 0) / longest), 0),)
    parts, at = [], 0
    for number, column in enumerate(pivot.columns):
        width = int(1000 * (pivot.told(pivot.cells.get((row, column), Sum())) or 0) / longest)
        if width > 0:
            parts.append((at, width, number))
        at += max(width, 0)
    return tuple(parts)
