"""Finding experiments, who takes part in them, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select

from app.database import Transaction
from app.errors import NotFoundError
from app.needs.experiments.models import (
    Experiment,
    ExperimentLook,
    ExperimentOutcome,
    ExperimentStatus,
    ExperimentUnit,
)
from app.outbox.models import ServiceCall


@dataclass(frozen=True, slots=True)
class Sums:
    """What the units of one variant did, added up: as the learning side's Summary."""

    units: int
    total: float
    squares: float


def list_experiments(tx: Transaction, after: tuple[datetime, UUID] | None, limit: int) -> list[Experiment]:
    statement = select(Experiment).order_by(Experiment.created_at.desc(), Experiment.id.desc()).limit(limit)
    if after is not None:
        at, experiment_id = after
        earlier = Experiment.created_at < at
        same = (Experiment.created_at == at) & (Experiment.id < experiment_id)
        statement = statement.where(or_(earlier, same))
    return list(tx.session.scalars(statement))


def get(tx: Transaction, experiment_id: UUID, *, lock: bool = False) -> Experiment:
    """Return an experiment; raise NotFoundError. With `lock` nobody else changes it until the end."""
    statement = select(Experiment).where(Experiment.id == experiment_id)
    experiment = tx.session.scalar(statement.with_for_update() if lock else statement)
    if experiment is None:
        raise NotFoundError("experiment", experiment_id)
    return experiment


def list_looks(tx: Transaction, experiment_id: UUID) -> list[ExperimentLook]:
    """Return the looks at an experiment, the first one first."""
    statement = (
        select(ExperimentLook)
        .where(ExperimentLook.experiment_id == experiment_id)
        .order_by(ExperimentLook.number)
    )
    return list(tx.session.scalars(statement))


def count_units(tx: Transaction, experiment_id: UUID) -> dict[str, int]:
    """Return by variant how many take part."""
    statement = (
        select(ExperimentUnit.variant, func.count())
        .where(ExperimentUnit.experiment_id == experiment_id)
        .group_by(ExperimentUnit.variant)
    )
    return {row[0]: row[1] for row in tx.session.execute(statement)}


def has_outcome(tx: Transaction, experiment_id: UUID, key: str) -> bool:
    statement = select(ExperimentOutcome.id).where(
        ExperimentOutcome.experiment_id == experiment_id, ExperimentOutcome.key == key
    )
    return tx.session.scalar(statement) is not None


def add_up(tx: Transaction, experiment_id: UUID, metric: str, is_share: bool) -> dict[str, Sums]:
    """Add up a metric by variant. A unit of which nothing was told counts as 0: it took part all the same."""
    statement = _sums(tx, experiment_id, metric, is_share)
    return {
        variant: Sums(units, float(total or 0), float(squares or 0))
        for variant, units, total, squares in tx.session.execute(statement)
    }


def _sums(tx: Transaction, experiment_id: UUID, metric: str, is_share: bool) -> Select[*tuple[Any, ...]]:
    told = (
        select(ExperimentOutcome.unit, func.sum(ExperimentOutcome.value).label("told"))
        .where(
            ExperimentOutcome.org_id == tx.organisation,
            ExperimentOutcome.experiment_id == experiment_id,
            ExperimentOutcome.metric == metric,
        )
        .group_by(ExperimentOutcome.unit)
        .subquery()
    )
    value = case((told.c.told > 0, 1.0), else_=0.0) if is_share else func.coalesce(told.c.told, 0.0)
    return (
        select(ExperimentUnit.variant, func.count(), func.sum(value), func.sum(value * value))
        .outerjoin(told, told.c.unit == ExperimentUnit.unit)
        .where(ExperimentUnit.experiment_id == experiment_id)
        .group_by(ExperimentUnit.variant)
    )


def list_running(tx: Transaction) -> Sequence[tuple[UUID, UUID]]:
    """Return (organisation, experiment) of what runs and is not decided, in whatever organisation."""
    statement = select(Experiment.org_id, Experiment.id).where(
        Experiment.status == ExperimentStatus.RUNNING, Experiment.verdict.is_(None)
    )
    return [(org_id, experiment_id) for org_id, experiment_id in tx.session.execute(statement)]


def was_asked(tx: Transaction, call_id: UUID) -> bool:
    """Say whether a look was asked for by this call."""
    return tx.session.get(ServiceCall, call_id) is not None
