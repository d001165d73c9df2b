"""What pages and the API show of models: the list, and one kind with its versions, trainings and drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.database import Transaction
from app.insights import drift, predictions, said, training
from app.insights.kind import Kind
from app.insights.kinds import KINDS, kind_of
from app.insights.models import ModelDrift, ModelStatus, RunState, SaidPrediction, TrainedModel, TrainingRun
from app.wording import Wording

MOST_VERSIONS = 30
WEEKS = timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class Version:
    """A trained version; figures are of the kind's metric on the same held-back rows."""

    version: int
    status: str
    trained_at: datetime
    trained_by: str | None
    used_at: datetime | None
    rows_since: datetime
    rows_until: datetime
    held_since: datetime
    row_count: int
    held_back: int
    candidate: float
    baseline: float
    in_use: float | None
    metrics: dict[str, Any]
    features: Sequence[str]
    reasons: Sequence[Wording]
    code_version: str
    seed: int

    @property
    def can_be_used(self) -> bool:
        return self.status == ModelStatus.RETIRED


@dataclass(frozen=True, slots=True)
class Run:
    """A training, with why it ended as it did."""

    id: UUID
    state: str
    asked_at: datetime
    asked_by: str | None
    ended_at: datetime | None
    percent: int
    doing: Wording
    reasons: Sequence[Wording]

    @property
    def is_open(self) -> bool:
        return self.state in (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class Drift:
    """How far something moved from what the version in use learned: small, notable or large."""

    name: str
    shift: float
    level: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One kind in the list."""

    kind: Kind
    version: int | None
    trained_at: datetime | None
    candidate: float | None
    baseline: float | None
    run: Run | None


@dataclass(frozen=True, slots=True)
class View:
    """One kind with all that is known of it, the newest first."""

    kind: Kind
    used: Version | None
    versions: Sequence[Version]
    runs: Sequence[Run]
    drifts: Sequence[Drift]
    weeks: Sequence[predictions.Week]
    settled: Sequence[SaidPrediction]
    compared: predictions.Compared | None

    @property
    def open_run(self) -> Run | None:
        return next((run for run in self.runs if run.is_open), None)


def list_kinds(tx: Transaction) -> list[Line]:
    models = tx.session.scalars(select(TrainedModel).where(TrainedModel.used_as.is_not(None))).all()
    used = {model.kind: model for model in models}
    return [_line(tx, kind, used.get(kind.name)) for kind in KINDS.values()]


def _line(tx: Transaction, kind: Kind, model: TrainedModel | None) -> Line:
    runs = training.latest(tx, kind.name, 1)
    run = _run(runs[0], {}) if runs else None
    if model is None:
        return Line(kind, None, None, None, None, run)
    mine, base, _ = _figures(kind, model)
    return Line(kind, model.version, model.trained_at, mine, base, run)


def view(tx: Transaction, name: str, now: datetime) -> View:
    """Return one kind; raise NotFoundError for one that there is not."""
    kind = kind_of(name)
    statement = select(TrainedModel).where(TrainedModel.kind == name).order_by(TrainedModel.version.desc())
    models = list(tx.session.scalars(statement.limit(MOST_VERSIONS)))
    used = tx.session.scalars(select(TrainedModel).where(TrainedModel.used_as == name)).first()
    runs = training.latest(tx, name, 10)
    people = accounts.names_of(tx, [*(run.asked_by for run in runs), *(model.trained_by for model in models)])
    return View(
        kind=kind,
        used=_version(kind, used, people) if used else None,
        versions=[_version(kind, model, people) for model in models],
        runs=[_run(run, people) for run in runs],
        drifts=_drifts(tx, used.id) if used else [],
        weeks=predictions.weeks(tx, name, now - WEEKS),
        settled=predictions.latest(tx, name, 12),
        compared=predictions.compared(tx, name, now - WEEKS),
    )


def _figures(kind: Kind, model: TrainedModel) -> tuple[float, float, float | None]:
    metrics, name = model.metrics, kind.metric.name
    in_use = metrics["in_use"][name] if metrics["in_use"] else None
    return metrics["candidate"][name], metrics["baseline"][name], in_use


def _version(kind: Kind, model: TrainedModel, people: dict[UUID, str]) -> Version:
    candidate, baseline, in_use = _figures(kind, model)
    return Version(
        version=model.version,
        status=model.status,
        trained_at=model.trained_at,
        trained_by=people.get(model.trained_by) if model.trained_by else None,
        used_at=model.used_at,
        rows_since=model.rows_since,
        rows_until=model.rows_until,
        held_since=model.held_since,
        row_count=model.row_count,
        held_back=model.held_back,
        candidate=candidate,
        baseline=baseline,
        in_use=in_use,
        metrics=model.metrics,
        features=model.features,
        reasons=said.reasons(model.reasons),
        code_version=model.code_version,
        seed=model.seed,
    )


def _run(run: TrainingRun, people: dict[UUID, str]) -> Run:
    return Run(
        id=run.id,
        state=run.state,
        asked_at=run.asked_at,
        asked_by=people.get(run.asked_by) if run.asked_by else None,
        ended_at=run.ended_at,
        percent=run.percent,
        doing=said.said(run.doing),
        reasons=said.reasons(run.reasons),
    )


def _drifts(tx: Transaction, model_id: UUID) -> list[Drift]:
    """Return the latest drift of the model in use, what moved most first."""
    newest = select(func.max(ModelDrift.at)).where(ModelDrift.model_id == model_id).scalar_subquery()
    rows = tx.session.scalars(
        select(ModelDrift)
        .where(ModelDrift.model_id == model_id, ModelDrift.at == newest)
        .order_by(ModelDrift.shift.desc())
        .limit(20)
    )
    return [Drift(row.name, row.shift, _level(row.shift), row.at) for row in rows]


def _level(shift: float) -> str:
    if shift >= drift.LARGE:
        return "large"
    return "notable" if shift >= drift.NOTABLE else "small"
