"""Who sees which variant: the same unit always the same one, without anything being kept for it to be so."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, reading, transaction
from app.errors import ConflictError, InvalidError
from app.moments import utc_now
from app.needs.experiments import planning, queries
from app.needs.experiments.models import (
    Experiment,
    ExperimentOutcome,
    ExperimentStatus,
    ExperimentUnit,
)
from app.wording import worded

LONGEST_UNIT = 190
LONGEST_KEY = 80
BUCKETS = 2**64


def hashed(experiment: Experiment, unit: str) -> str:
    """Return what a unit is known by in this experiment; nobody can tell who it was without the salt."""
    return hashlib.sha256(f"{experiment.salt}\0{unit}".encode()).hexdigest()


def variant_of(variants: Sequence[planning.Variant], digest: str) -> str:
    """Return the variant that a unit falls into: its hash cuts the weights laid side by side."""
    whole = sum(variant.weight for variant in variants)
    at = int(digest[:16], 16) / BUCKETS * whole
    for variant in variants:
        at -= variant.weight
        if at < 0:
            return variant.key
    return variants[-1].key


def assign(actor: Actor, experiment_id: UUID, unit: str) -> str:
    """Return the unit's variant and count it as taking part; asking again changes nothing.

    Raises ConflictError where the experiment does not run and the unit takes no part in it.
    """
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    _check_unit(unit)
    try:
        with transaction(actor.org_id) as tx:
            return _assign(tx, queries.get(tx, experiment_id), unit, utc_now())
    except ConflictError:  # two asked at once for one unit: the other's answer holds
        with reading(actor.org_id) as tx:
            experiment = queries.get(tx, experiment_id)
            found = _taking_part(tx, experiment, hashed(experiment, unit))
        if found is None:
            raise
        return found.variant


def _assign(tx: Transaction, experiment: Experiment, unit: str, now: datetime) -> str:
    digest = hashed(experiment, unit)
    found = _taking_part(tx, experiment, digest)
    if found is not None:
        return found.variant
    if experiment.status != ExperimentStatus.RUNNING:
        raise ConflictError("the experiment does not run")
    variant = variant_of(planning.read(experiment.plan).variants, digest)
    tx.session.add(
        ExperimentUnit(
            org_id=tx.organisation,
            experiment_id=experiment.id,
            unit=digest,
            variant=variant,
            assigned_at=now,
        )
    )
    return variant


def _taking_part(tx: Transaction, experiment: Experiment, digest: str) -> ExperimentUnit | None:
    return tx.session.get(ExperimentUnit, (tx.organisation, experiment.id, digest))


def _check_unit(unit: str) -> None:
    if not unit.strip() or len(unit) > LONGEST_UNIT:
        why = worded("needs between 1 and {most} characters", most=LONGEST_UNIT)
        raise InvalidError("the unit cannot take part", {"unit": [why]})


def record(actor: Actor, experiment_id: UUID, unit: str, metric: str, value: float, key: str) -> bool:
    """Keep what a unit did; say whether it is new. `key` is told again where the telling is repeated.

    Raises InvalidError for a metric that is not in the plan, a unit that takes no part, a value that is no
    finite number or not 0 or 1 of a proportion.
    """
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    _check_unit(unit)
    with transaction(actor.org_id) as tx:
        experiment = queries.get(tx, experiment_id)
        if experiment.status != ExperimentStatus.RUNNING:
            raise ConflictError("the experiment does not run")
        digest = hashed(experiment, unit)
        _check_outcome(tx, experiment, digest, metric, value, key)
        whole = f"{metric}:{digest}:{key}"
        if queries.has_outcome(tx, experiment_id, whole):
            return False
        tx.session.add(
            ExperimentOutcome(
                org_id=tx.organisation,
                experiment_id=experiment_id,
                unit=digest,
                metric=metric,
                value=value,
                key=whole,
                at=utc_now(),
            )
        )
    return True


def _check_outcome(
    tx: Transaction, experiment: Experiment, digest: str, metric: str, value: float, key: str
) -> None:
    metrics = planning.read(experiment.plan).metrics
    wrong = {}
    if metric not in metrics:
        wrong["metric"] = [worded("is none of {known}", known=", ".join(sorted(metrics)))]
    elif metrics[metric].kind == "proportion" and value not in (0, 1):
        wrong["value"] = [worded("is 0 or 1 for a proportion")]
    elif not abs(value) < 1e15 or (metrics[metric].kind == "count" and value < 0):
        wrong["value"] = [worded("is no number that can be counted")]
    if len(key) > LONGEST_KEY:
        wrong["key"] = [worded("has more than {longest} characters", longest=LONGEST_KEY)]
    if _taking_part(tx, experiment, digest) is None:
        wrong["unit"] = [worded("takes no part in this experiment; ask for its variant first")]
    if wrong:
        raise InvalidError("the outcome was not kept", wrong)
