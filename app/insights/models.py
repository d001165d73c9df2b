"""Trained models with their judgement, the runs that trained them, and what came of what they said."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Double, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Blob, Json, LongText, new_id
from app.database import Model, Owned


class ModelStatus(StrEnum):
    """Where a version stands; a candidate passed the gate and waits for nothing but the commit."""

    CANDIDATE = "candidate"
    IN_USE = "in_use"
    REFUSED = "refused"  # by the gate
    RETIRED = "retired"  # another is in use; one click brings it back
    GONE = "gone"  # too old to be brought back: its figures stay


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class TrainedModel(Owned, Model):
    """One version of a kind's model. `used_as` is the kind while it is in use: one at a time.

    Texts about it are codes with values; `artefact` is skops' format, never pickle, and read with `trusted`.
    """

    __tablename__ = "trained_models"
    __table_args__ = (
        UniqueConstraint("org_id", "kind", "version"),
        UniqueConstraint("org_id", "used_as"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    used_as: Mapped[str | None] = mapped_column(String(40))
    run_id: Mapped[UUID]
    rows_since: Mapped[datetime]
    rows_until: Mapped[datetime]
    held_since: Mapped[datetime]
    row_count: Mapped[int]
    held_back: Mapped[int]
    features: Mapped[list[Any]]
    metrics: Mapped[dict[str, Any]]  # {"candidate": {name: value}, "baseline": …, "in_use": … or null}
    reasons: Mapped[list[Any]]  # [[code, values], …]
    code_version: Mapped[str] = mapped_column(String(60))
    seed: Mapped[int]
    trained_at: Mapped[datetime]
    trained_by: Mapped[UUID | None]
    used_at: Mapped[datetime | None]
    used_by: Mapped[UUID | None]
    artefact: Mapped[bytes] = mapped_column(Blob, deferred=True)
    trusted: Mapped[list[Any]]
    weights: Mapped[dict[str, Any]] = mapped_column(Json, deferred=True)
    reference: Mapped[dict[str, Any]] = mapped_column(Json, deferred=True)


class TrainingRun(Owned, Model):
    """One training, from being asked for to its end. `open_as` is the kind while it is not ended.

    `due_at` is when it may be handed to a worker (again), `held_until` how long the worker that has it is
    believed to live; `attempts` tells that worker from one that comes back from the dead.
    """

    __tablename__ = "training_runs"
    __table_args__ = (
        UniqueConstraint("org_id", "open_as"),
        UniqueConstraint("org_id", "kind", "night"),
        Index("ix_training_runs_state", "state", "due_at"),
        Index("ix_training_runs_kind", "org_id", "kind", "asked_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    open_as: Mapped[str | None] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]  # nobody: the schedule
    night: Mapped[date | None]  # of the schedule, in the organisation's time zone
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None]
    percent: Mapped[int] = mapped_column(default=0)
    doing: Mapped[str] = mapped_column(String(40), default="")
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reasons: Mapped[list[Any]]
    error: Mapped[str | None] = mapped_column(LongText)
    model_id: Mapped[UUID | None]


class SaidPrediction(Owned, Model):
    """What a model said of a subject, and what happened then; `error` is 0 where it was right."""

    __tablename__ = "said_predictions"
    __table_args__ = (
        UniqueConstraint("org_id", "kind", "subject", "said_at", "model_id"),
        Index("ix_said_predictions_kind", "org_id", "kind", "happened_at"),
        Index("ix_said_predictions_customer", "customer_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    model_id: Mapped[UUID | None] = mapped_column(ForeignKey("trained_models.id"))  # none: the baseline
    subject: Mapped[str] = mapped_column(String(120))
    customer_id: Mapped[UUID | None]
    said: Mapped[dict[str, Any]]
    said_at: Mapped[datetime]
    happened: Mapped[dict[str, Any] | None]
    happened_at: Mapped[datetime | None]
    error: Mapped[float | None] = mapped_column(Double)


class Forecast(Owned, Model):
    """How many needs or orders are expected on a day, or in the 7 days from it; no model: the baseline.

    The middle 80 of 100 outcomes lie from `low` to `high`. No type: all types together.
    """

    __tablename__ = "forecasts"
    __table_args__ = (Index("ix_forecasts_model", "org_id", "model_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    model_id: Mapped[UUID | None] = mapped_column(ForeignKey("trained_models.id", ondelete="CASCADE"))
    measure: Mapped[str] = mapped_column(String(10))  # needs | orders
    need_type: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date]
    days: Mapped[int]
    expected: Mapped[float] = mapped_column(Double)
    low: Mapped[float] = mapped_column(Double)
    high: Mapped[float] = mapped_column(Double)
    method: Mapped[str] = mapped_column(String(20))


class CustomerSuggestion(Owned, Model):
    """What a model suggests to a customer, each as [product, reason, values]; no customer: to everybody."""

    __tablename__ = "customer_suggestions"
    __table_args__ = (
        Index("ix_customer_suggestions_customer", "org_id", "customer_id"),
        Index("ix_customer_suggestions_model", "org_id", "model_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    model_id: Mapped[UUID | None] = mapped_column(ForeignKey("trained_models.id", ondelete="CASCADE"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    again: Mapped[list[Any]]
    new: Mapped[list[Any]]


class ModelDrift(Owned, Model):
    """How far an input or a score had moved at a training from what the model in use had learned."""

    __tablename__ = "model_drifts"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    model_id: Mapped[UUID] = mapped_column(ForeignKey("trained_models.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    shift: Mapped[float] = mapped_column(Double)  # population stability index, beyond chance
