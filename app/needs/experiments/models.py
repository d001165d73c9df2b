"""An experiment with its plan, the units that take part, what they did, and the looks at it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned


class ExperimentStatus(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"


class Verdict(StrEnum):
    """What a look may say; all but TOO_EARLY and UNEVEN end the looking."""

    TOO_EARLY = "too_early"
    UNEVEN = "uneven"
    HARMED = "harmed"
    BETTER = "better"
    WORSE = "worse"
    ALIKE = "alike"


DECIDED = (Verdict.HARMED, Verdict.BETTER, Verdict.WORSE, Verdict.ALIKE)


class Experiment(Owned, Model):
    """`plan` is as `planning.Design` writes it, fixed from the start on; `salt` makes assignment its own."""

    __tablename__ = "experiments"
    __table_args__ = (Index("ix_experiments_org_created", "org_id", "created_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(190))
    hypothesis: Mapped[str] = mapped_column(LongText)
    unit: Mapped[str] = mapped_column(String(20))  # customer | visitor | need
    status: Mapped[str] = mapped_column(String(10), default=ExperimentStatus.DRAFT)
    plan: Mapped[dict[str, Any]]
    planned_units: Mapped[int]
    salt: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str | None] = mapped_column(String(20))
    conclusion: Mapped[str] = mapped_column(LongText, default="")
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class ExperimentUnit(Owned, Model):
    """Somebody who takes part, known by a salted hash only: the record of an experiment names nobody."""

    __tablename__ = "experiment_units"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    experiment_id: Mapped[UUID] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    unit: Mapped[str] = mapped_column(String(64), primary_key=True)
    variant: Mapped[str] = mapped_column(String(40))
    assigned_at: Mapped[datetime]


class ExperimentOutcome(Owned, Model):
    """What a unit did: a value of a metric, measured and so a plain number.

    Told twice by one `key` it counts once; that is the teller's, with the metric and the unit before it.
    """

    __tablename__ = "experiment_outcomes"
    __table_args__ = (
        UniqueConstraint("org_id", "experiment_id", "key"),
        Index("ix_experiment_outcomes_unit", "experiment_id", "metric", "unit"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    experiment_id: Mapped[UUID] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"))
    unit: Mapped[str] = mapped_column(String(64))
    metric: Mapped[str] = mapped_column(String(40))
    value: Mapped[float] = mapped_column(Float(53))
    key: Mapped[str] = mapped_column(String(190))
    at: Mapped[datetime]


class ExperimentLook(Owned, Model):
    """One look, as it was: `found` has the intervals of every comparison, `units` how many took part."""

    __tablename__ = "experiment_looks"
    __table_args__ = (UniqueConstraint("org_id", "experiment_id", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    experiment_id: Mapped[UUID] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    units: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(20))
    winner: Mapped[str | None] = mapped_column(String(40))
    found: Mapped[dict[str, Any]]
