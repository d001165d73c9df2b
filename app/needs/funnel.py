"""How needs come through their stages: how many reach each, how long they stay, why they are lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from app.database import Transaction
from app.needs import queries, stages
from app.needs.models import Need, NeedEvent, NeedStatus

MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class Passage:
    """A stage of the funnel.

    `reached`: needs that came to it or further along the diagram; `share` of all, and `kept` of those that
    reached the stage before, both from 0 to 1 (None where nothing came). `median_seconds` is the median time
    of the `left` stays in it that have ended.
    """

    stage: str
    closed: bool
    reached: int
    share: float | None
    kept: float | None
    stands: int
    left: int
    median_seconds: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """Of `total` needs collected in the period: `won` and `lost` so far, the rest is open."""

    total: int
    won: int
    lost: int
    passages: tuple[Passage, ...]
    reasons: tuple[Reason, ...]

    @property
    def open(self) -> int:
        return self.total - self.won - self.lost

    @property
    def decided(self) -> float | None:
        """Return the share of won needs among those that are closed."""
        return self.won / (self.won + self.lost) if self.won + self.lost else None


def funnel(tx: Transaction, wanted: queries.Filter) -> Funnel:
    """Return the funnel of the needs that fit, which are those collected in its period."""
    flow = stages.current(tx)
    stands = _stands(tx, wanted)
    total = sum(stands.values())
    lost_at = set(flow.closed) - {NeedStatus.WON}
    reached = _reached(tx, wanted, flow, stands)
    stays = _stays(tx, wanted)
    passages = []
    before = total
    for stage in flow.stages:
        if stage.key in lost_at:
            continue
        count = reached[stage.key]
        median, left = stays.get(stage.key, (None, 0))
        passages.append(
            Passage(
                stage=stage.key,
                closed=stage.closed,
                reached=count,
                share=count / total if total else None,
                kept=count / before if before else None,
                stands=stands.get(stage.key, 0),
                left=left,
                median_seconds=median,
            )
        )
        before = count
    lost = sum(stands.get(key, 0) for key in lost_at)
    return Funnel(total, stands.get(NeedStatus.WON, 0), lost, tuple(passages), _reasons(tx, wanted))


def _of(statement: Select[*tuple[Any, ...]], wanted: queries.Filter) -> Select[*tuple[Any, ...]]:
    return statement.where(*queries.conditions(wanted))


def _stands(tx: Transaction, wanted: queries.Filter) -> Mapping[str, int]:
    rows = tx.session.execute(
        _of(select(Need.status, func.count().label("many")), wanted).group_by(Need.status)
    )
    return {row.status: row.many for row in rows}


def _reached(
    tx: Transaction, wanted: queries.Filter, flow: stages.Flow, stands: Mapping[str, int]
) -> Mapping[str, int]:
    """Count the needs that came to each stage or to one after it: who skips a stage has passed it.

    Only needs that were ever moved have events of moves, so that a million untouched ones cost nothing here.
    """
    order = [stage.key for stage in flow.stages if not stage.closed or stage.key == NeedStatus.WON]
    place = {key: at for at, key in enumerate(order)}
    statement = (
        _of(select(NeedEvent.need_id, NeedEvent.to_status), wanted)
        .join(Need, Need.id == NeedEvent.need_id)
        .where(NeedEvent.kind == "status")
        .distinct()
    )
    furthest: dict[UUID, int] = {}
    for need_id, stage in tx.session.execute(statement):
        furthest[need_id] = max(furthest.get(need_id, 0), place.get(stage, 0))
    counts = [0] * len(order)
    for at in furthest.values():
        counts[at] += 1
    moved_not = sum(stands.values()) - len(furthest)
    if counts:
        counts[0] += moved_not
    return {key: sum(counts[at:]) for key, at in place.items()}


def _stays(tx: Transaction, wanted: queries.Filter) -> Mapping[str, tuple[int | None, int]]:
    """Return the median stay in each stage in seconds, and of how many stays; the same on each database."""
    stayed = NeedEvent.stayed_seconds
    ranked = (
        _of(
            select(
                NeedEvent.from_status.label("stage"),
                stayed.label("stayed"),
                func.row_number().over(partition_by=NeedEvent.from_status, order_by=stayed).label("rank"),
                func.count().over(partition_by=NeedEvent.from_status).label("many"),
            ),
            wanted,
        )
        .join(Need, Need.id == NeedEvent.need_id)
        .where(NeedEvent.kind == "status", stayed.is_not(None))
        .subquery()
    )
    middle = (ranked.c.rank * 2 >= ranked.c.many) & (ranked.c.rank * 2 <= ranked.c.many + 2)
    statement = (
        select(ranked.c.stage, func.avg(ranked.c.stayed), func.max(ranked.c.many))
        .where(middle)
        .group_by(ranked.c.stage)
    )
    return {stage: (int(Decimal(median)), int(many)) for stage, median, many in tx.session.execute(statement)}


def _reasons(tx: Transaction, wanted: queries.Filter) -> tuple[Reason, ...]:
    count = func.count()
    statement = (
        _of(select(Need.lost_reason, count), wanted)
        .where(Need.lost_reason != "")
        .group_by(Need.lost_reason)
        .order_by(count.desc(), Need.lost_reason)
        .limit(MOST_REASONS)
    )
    return tuple(Reason(reason, many) for reason, many in tx.session.execute(statement))
