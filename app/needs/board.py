"""Needs by stage: how many stand where, and the first of each stage as cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import case, func, select

from app.accounts import queries as accounts
from app.database import Transaction
from app.moments import utc_now
from app.needs import queries, stages
from app.needs.models import Need

CARDS = 30


@dataclass(frozen=True, slots=True)
class StageCount:
    """A stage, where needs can go from it, and how many stand there."""

    key: str
    closed: bool
    moves: tuple[str, ...]
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Card:
    need: Need
    owner: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with its first cards: what is due soonest, else what came last."""

    stage: StageCount
    cards: tuple[Card, ...]


def stages_of(tx: Transaction, wanted: queries.Filter | None = None) -> list[StageCount]:
    """Return all stages: those of the diagram, then those at which needs stand that it does not draw."""
    flow = stages.current(tx)
    counts = _counts(tx, wanted or queries.Filter())
    moves = stages.moves_by_stage(flow)
    drawn = [(stage.key, stage.closed) for stage in flow.stages]
    known = {key for key, _ in drawn}
    others = [(key, False) for key in sorted(counts) if key not in known]
    return [
        StageCount(key, closed, moves.get(key, ()), *counts.get(key, (0, 0)))
        for key, closed in drawn + others
    ]


def _counts(tx: Transaction, wanted: queries.Filter) -> Mapping[str, tuple[int, int]]:
    overdue = func.sum(case((queries.is_overdue(utc_now().date()), 1), else_=0))
    statement = (
        select(Need.status, func.count(), overdue).where(*queries.conditions(wanted)).group_by(Need.status)
    )
    return {status: (count, int(late or 0)) for status, count, late in tx.session.execute(statement)}


def columns(tx: Transaction, wanted: queries.Filter) -> list[Column]:
    """Return the board; a stage's `count` says how many there are, of which CARDS are shown."""
    today = utc_now().date()
    counted = stages_of(tx, wanted)
    found = {stage.key: _needs_at(tx, wanted, stage) for stage in counted if stage.count}
    names = accounts.names_of(tx, [need.owner_id for needs in found.values() for need in needs])
    return [
        Column(
            stage,
            tuple(
                Card(need, names.get(need.owner_id, "") if need.owner_id else "", _is_late(need, today))
                for need in found.get(stage.key, ())
            ),
        )
        for stage in counted
    ]


def _is_late(need: Need, today: date) -> bool:
    return need.closed_at is None and need.due_on is not None and need.due_on < today


def _needs_at(tx: Transaction, wanted: queries.Filter, stage: StageCount) -> list[Need]:
    newest = (Need.created_at.desc(), Need.id.desc())
    statement = select(Need).where(*queries.conditions(replace(wanted, status=stage.key)))
    if stage.closed:
        return list(tx.session.scalars(statement.order_by(*newest).limit(CARDS)))
    planned = statement.where(Need.due_on.is_not(None)).order_by(Need.due_on, *newest).limit(CARDS)
    due = list(tx.session.scalars(planned))
    rest = statement.where(Need.due_on.is_(None)).order_by(*newest).limit(CARDS - len(due))
    return [*due, *tx.session.scalars(rest)] if len(due) < CARDS else due
