"""Keeping what a training left, putting it in use where it passed the gate, and going back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.database import Transaction, reading, transaction
from app.errors import ConflictError, NotFoundError
from app.insights import drift, training
from app.insights.gate import Verdict, judge
from app.insights.kind import Kind
from app.insights.kinds import kind_of
from app.insights.models import ModelDrift, ModelStatus, RunState, TrainedModel
from app.insights.trained import InUse, Learned
from app.insights.training import STREAM, Begun
from app.moments import utc_now

# Versions whose artefact is kept; of older ones that are not in use, only the figures are.
KEPT_VERSIONS = 10


@dataclass(frozen=True, slots=True)
class Before:
    """What a training must know: the version that it makes, and the model in use."""

    version: int
    in_use: InUse | None


def before(org_id: UUID, kind: str) -> Before:
    with reading(org_id) as tx:
        newest = tx.session.scalar(select(func.max(TrainedModel.version)).where(TrainedModel.kind == kind))
        used = _whole_model_in_use(tx, kind)
        return Before((newest or 0) + 1, _as_in_use(used) if used else None)


def _whole_model_in_use(tx: Transaction, kind: str) -> TrainedModel | None:
    whole = (undefer(TrainedModel.artefact), undefer(TrainedModel.weights), undefer(TrainedModel.reference))
    return tx.session.scalars(
        select(TrainedModel).where(TrainedModel.used_as == kind).options(*whole)
    ).first()


def _as_in_use(model: TrainedModel) -> InUse:
    return InUse(
        version=model.version,
        artefact=model.artefact,
        trusted=tuple(model.trusted),
        weights=model.weights,
        reference=drift.from_json(model.reference),
        until=model.rows_until,
    )


def keep(begun: Begun, version: int, learned: Learned, code_version: str, seed: int) -> Verdict | None:
    """Keep a trained model with its verdict, in use where it passed; None where another worker did.

    The model, its verdict, its tables, the drift and the end of the training are one transaction.
    """
    kind, now = kind_of(begun.kind), utc_now()
    verdict = judge(kind.metric, learned.measured)
    with transaction(begun.org_id) as tx:
        run = training.held(tx, begun)
        if run is None:
            return None
        used = _whole_model_in_use(tx, kind.name)
        if used is not None:
            _note_drift(tx, used, learned, now)
        model = _new_model(learned, verdict, now)
        model.org_id, model.kind, model.version, model.run_id = tx.organisation, kind.name, version, run.id
        model.trained_by, model.code_version, model.seed = run.asked_by, code_version, seed
        tx.session.add(model)
        tx.flush()
        detail = {"kind": kind.name, "version": version, "passed": verdict.passed, "run": run.id}
        audit.write(tx, STREAM, run.asked_by, "model.trained", detail, now)
        if verdict.passed:
            _put_in_use(tx, kind, model, used, run.asked_by, now, "model.published")
        _keep_tables(tx, kind, learned, model if verdict.passed else None, used)
        if kind.reckon is not None:
            kind.reckon(tx, now)
        _forget_old(tx, kind)
        run.model_id = model.id
        training.finish(tx, run, RunState.DONE, now, verdict.reasons)
    return verdict


def _new_model(learned: Learned, verdict: Verdict, now: datetime) -> TrainedModel:
    measured = learned.measured
    notes = [*verdict.reasons, *learned.notes]
    return TrainedModel(
        id=new_id(),
        status=ModelStatus.CANDIDATE if verdict.passed else ModelStatus.REFUSED,
        rows_since=learned.since,
        rows_until=learned.until,
        held_since=learned.held_since,
        row_count=learned.rows,
        held_back=learned.held_back,
        features=list(learned.features),
        metrics={
            "candidate": dict(measured.candidate),
            "baseline": dict(measured.baseline),
            "in_use": dict(measured.in_use) if measured.in_use is not None else None,
        },
        reasons=[[code, dict(values)] for code, values in notes],
        trained_at=now,
        artefact=learned.artefact,
        trusted=list(learned.trusted),
        weights=dict(learned.weights),
        reference=drift.as_json(learned.reference),
    )


def _put_in_use(
    tx: Transaction,
    kind: Kind,
    model: TrainedModel,
    used: TrainedModel | None,
    by: UUID | None,
    now: datetime,
    action: str,
) -> None:
    if used is not None:
        used.status, used.used_as = ModelStatus.RETIRED, None
        tx.flush()  # the place must be free before another takes it
    model.status, model.used_as, model.used_at, model.used_by = ModelStatus.IN_USE, kind.name, now, by
    tx.flush()
    detail = {"kind": kind.name, "version": model.version, "former": used.version if used else None}
    audit.write(tx, STREAM, by, action, detail, now)


def _keep_tables(
    tx: Transaction, kind: Kind, learned: Learned, passed: TrainedModel | None, used: TrainedModel | None
) -> None:
    """Keep what was computed beforehand: for the candidate that passed, the model before it, the baseline."""
    owners = [("candidate", passed), ("in_use", used), ("baseline", None)]
    for name, model in owners:
        is_there = name in learned.tables and (name == "baseline" or model is not None)
        if kind.keep is not None and is_there:
            kind.keep(tx, model.id if model else None, learned.tables[name])


def _note_drift(tx: Transaction, used: TrainedModel, learned: Learned, now: datetime) -> None:
    reference = drift.from_json(used.reference)
    for name, recent in learned.recent.items():
        shift = drift.beyond_chance(reference[name], recent) if name in reference else None
        if shift is not None:
            row = ModelDrift(
                id=new_id(), org_id=tx.organisation, kind=used.kind, model_id=used.id, name=name[:80]
            )
            row.at, row.shift = now, shift
            tx.session.add(row)


def _forget_old(tx: Transaction, kind: Kind) -> None:
    """Empty the artefacts of versions that are long past: they cannot be used again, their figures stay."""
    old = (
        select(TrainedModel)
        .where(TrainedModel.kind == kind.name, TrainedModel.used_as.is_(None))
        .order_by(TrainedModel.version.desc())
        .offset(KEPT_VERSIONS)
        .limit(50)
    )
    for model in tx.session.scalars(old):
        if model.status == ModelStatus.GONE:
            continue
        model.artefact, model.weights, model.reference = b"", {}, {}
        model.status = ModelStatus.GONE
        if kind.forget is not None:
            kind.forget(tx, model.id)


def use_version(actor: Actor, kind_name: str, version: int) -> None:
    """Put another version in use at once; raise ConflictError where it cannot be."""
    actor.require(Role.PROCESS_OWNER)
    kind, now = kind_of(kind_name), utc_now()
    with transaction(actor.org_id) as tx:
        statement = select(TrainedModel).where(TrainedModel.kind == kind.name)
        models = tx.session.scalars(statement.with_for_update()).all()
        wanted = next((model for model in models if model.version == version), None)
        if wanted is None:
            raise NotFoundError("version", version)
        refuse_unusable(wanted)
        used = next((model for model in models if model.used_as), None)
        _put_in_use(tx, kind, wanted, used, actor.person_id, now, "model.brought_back")


def refuse_unusable(model: TrainedModel) -> None:
    if model.status == ModelStatus.IN_USE:
        raise ConflictError("this version is in use already")
    if model.status == ModelStatus.REFUSED:
        raise ConflictError("the gate refused this version: it was never in use")
    if model.status == ModelStatus.GONE:
        raise ConflictError("this version is too old: only its figures are kept")


def stop_using(actor: Actor, kind_name: str) -> None:
    """Take the model out of use, so that the baseline answers; raise ConflictError where none is in use."""
    actor.require(Role.PROCESS_OWNER)
    kind, now = kind_of(kind_name), utc_now()
    with transaction(actor.org_id) as tx:
        used = tx.session.scalars(
            select(TrainedModel).where(TrainedModel.used_as == kind.name).with_for_update()
        ).first()
        if used is None:
            raise ConflictError("no version of this model is in use")
        used.status, used.used_as = ModelStatus.RETIRED, None
        detail: dict[str, Any] = {"kind": kind.name, "version": used.version}
        audit.write(tx, STREAM, actor.person_id, "model.stopped", detail, now)
