"""What pages and the API show of themes: their names, typical needs, and how they go over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, false, func, select

from app.database import Transaction
from app.insights import said, training
from app.insights.models import TrainedModel
from app.insights.themes.courses import LEAST_NEEDS, Course, course
from app.insights.themes.models import NAME, NeedTheme, Theme
from app.insights.themes.naming import names_of
from app.needs.explore import Period, begin_of
from app.needs.models import Need
from app.wording import Wording

SHOWN = 12
# The newest so many weeks or months are compared with as many before them.
COMPARED: Mapping[Period, int] = {Period.WEEK: 4, Period.MONTH: 3}


@dataclass(frozen=True, slots=True)
class Example:
    id: UUID
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A theme: its needs altogether, in each of the periods, and its share now and before, 0 to 1."""

    number: int
    name: str
    named_by: str | None
    named_at: datetime | None
    terms: Sequence[str]
    examples: Sequence[Example]
    size: int
    counts: Sequence[int]
    share: float
    share_before: float
    course: Course


@dataclass(frozen=True, slots=True)
class Shown:
    """The themes of the version in use, largest first; without one, why, and how many needs there are."""

    version: int | None
    agreement: float | None
    chance: float | None
    starts: Sequence[date]
    lines: Sequence[Line]
    missing: Sequence[Wording]
    have: int
    least: int = LEAST_NEEDS


def present(tx: Transaction, by: Period, now: datetime) -> Shown:
    """Return the themes with their course by week or by month."""
    starts = _starts(by, now.date())
    model = tx.session.scalars(select(TrainedModel).where(TrainedModel.used_as == NAME)).first()
    have = tx.session.scalar(select(func.count()).select_from(Need).where(Need.text != "")) or 0
    if model is None:
        runs = training.latest(tx, NAME, 1)
        return Shown(None, None, None, starts, [], said.reasons(runs[0].reasons) if runs else [], have)
    figures = model.metrics["candidate"]["agreement"], model.metrics["baseline"]["agreement"]
    return Shown(model.version, *figures, starts, _lines(tx, model, by, starts), [], have)


def _starts(by: Period, today: date) -> list[date]:
    """Return the first days of the periods that are shown, the oldest first."""
    starts = [begin_of(today, by)]
    while len(starts) < SHOWN:
        starts.append(begin_of(starts[-1] - timedelta(days=1), by))
    return starts[::-1]


def _lines(tx: Transaction, model: TrainedModel, by: Period, starts: Sequence[date]) -> list[Line]:
    themes = tx.session.scalars(select(Theme).where(Theme.model_id == model.id)).all()
    counts, older = _counts(tx, model.id, by, starts)
    examples = _examples(tx, [UUID(each) for theme in themes for each in theme.examples])
    span = COMPARED[by]
    whole = [sum(each[at] for each in counts.values()) for at in range(len(starts))]
    now, before = sum(whole[-span:]), sum(whole[-2 * span : -span])
    is_fresh = model.used_at is not None and model.used_at.date() >= starts[-span]
    began_before = sum(older.values()) + sum(whole[:-span]) > 0
    lines, called = [], names_of(tx, themes)
    for theme in themes:
        mine = counts[theme.number]
        ours, theirs = sum(mine[-span:]), sum(mine[-2 * span : -span])
        earlier = older[theme.number] + sum(mine[:-span])
        appeared = not earlier and began_before
        how = course(theirs, ours, before, now)
        if ours and (appeared or (theme.is_new and is_fresh)):
            how = Course.NEW
        elif theirs and not ours:
            how = Course.GONE
        lines.append(
            Line(
                number=theme.number,
                name=called[theme.number].name,
                named_by=called[theme.number].by,
                named_at=called[theme.number].at,
                terms=theme.terms,
                examples=[examples[each] for each in map(UUID, theme.examples) if each in examples],
                size=older[theme.number] + sum(mine),
                counts=mine,
                share=ours / now if now else 0.0,
                share_before=theirs / before if before else 0.0,
                course=how,
            )
        )
    return sorted(lines, key=lambda line: (-line.size, line.number))


def _counts(
    tx: Transaction, model_id: UUID, by: Period, starts: Sequence[date]
) -> tuple[dict[int, list[int]], dict[int, int]]:
    """Return the needs of each theme in each period, and how many came before the first of them."""
    day = func.date(Need.created_at)
    rows = tx.session.execute(
        select(NeedTheme.number, day, func.count())
        .join(Need, Need.id == NeedTheme.need_id)
        .where(NeedTheme.model_id == model_id)
        .group_by(NeedTheme.number, day)
    )
    places = {start: at for at, start in enumerate(starts)}
    counts: dict[int, list[int]] = defaultdict(lambda: [0] * len(starts))
    older: dict[int, int] = defaultdict(int)
    for number, on, count in rows:
        begin = begin_of(on if isinstance(on, date) else date.fromisoformat(str(on)[:10]), by)
        if begin in places:
            counts[number][places[begin]] += count
        else:
            older[number] += count
    return counts, older


def _examples(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Example]:
    """Return typical needs that still have their text."""
    rows = tx.session.execute(
        select(Need.id, Need.number, Need.text).where(Need.id.in_(ids), Need.text != "")
    )
    return {row.id: Example(row.id, row.number, row.text) for row in rows}


def names(tx: Transaction) -> list[tuple[str, str]]:
    """Return the themes in use, number and name, for filters."""
    themes = tx.session.scalars(
        select(Theme)
        .join(TrainedModel, TrainedModel.id == Theme.model_id)
        .where(TrainedModel.used_as == NAME)
        .order_by(Theme.number)
    ).all()
    called = names_of(tx, themes)
    return [(str(theme.number), called[theme.number].name) for theme in themes]


def of_need(tx: Transaction, need_id: UUID) -> tuple[str, str] | None:
    """Return number and name of a need's theme."""
    theme = tx.session.scalars(
        select(Theme)
        .join(NeedTheme, (NeedTheme.model_id == Theme.model_id) & (NeedTheme.number == Theme.number))
        .join(TrainedModel, TrainedModel.id == Theme.model_id)
        .where(TrainedModel.used_as == NAME, NeedTheme.need_id == need_id)
    ).first()
    return (str(theme.number), names_of(tx, [theme])[theme.number].name) if theme else None


def told(tx: Transaction) -> Subquery:
    """Return each need's theme as the version in use sees it."""
    used = tx.session.scalar(select(TrainedModel.id).where(TrainedModel.used_as == NAME))
    rows = select(NeedTheme.need_id.label("subject"), NeedTheme.number)
    return rows.where(NeedTheme.model_id == used if used else false()).subquery()


def narrow(number: str) -> ColumnElement[bool]:
    """Say which needs are of a theme, or of "none"; of one that is no number, none."""
    if number == "none":
        return Need.id.not_in(_needs_of(None))
    if not number.isdecimal() or len(number) > 9:
        return false()
    return Need.id.in_(_needs_of(int(number)))


def _needs_of(number: int | None) -> Select[Any]:
    """Select the needs of a theme; of any, where no number is given."""
    needs = (
        select(NeedTheme.need_id)
        .join(TrainedModel, TrainedModel.id == NeedTheme.model_id)
        .where(TrainedModel.used_as == NAME)
    )
    return needs if number is None else needs.where(NeedTheme.number == number)
