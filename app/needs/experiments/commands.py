"""What happens to an experiment: planned, begun, looked at, stopped."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.database import Transaction, across_organisations, transaction
from app.errors import ConflictError, InvalidError, StaleError
from app.moments import utc_now
from app.needs.experiments import planning, queries
from app.needs.experiments.models import (
    DECIDED,
    Experiment,
    ExperimentLook,
    ExperimentStatus,
    Verdict,
)
from app.outbox.asking import ask
from app.wording import worded

LONGEST = {"name": 190, "hypothesis": 4000, "conclusion": 4000}


@dataclass(frozen=True, slots=True)
class Told:
    """What a look found, as the learning side hands it over; `found` is plain JSON."""

    units: int
    verdict: Verdict
    winner: str | None
    found: Mapping[str, Any]


def create(actor: Actor, name: str, hypothesis: str, unit: str, design: planning.Design) -> tuple[UUID, int]:
    """Keep a draft; return its id and how many units it needs. Raises InvalidError."""
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    _check(name, hypothesis, unit)
    planning.check(design)
    needed = planning.units_needed(design)
    now = utc_now()
    experiment = Experiment(
        id=new_id(),
        org_id=actor.org_id,
        name=name.strip(),
        hypothesis=hypothesis.strip(),
        unit=unit,
        status=ExperimentStatus.DRAFT,
        plan=design.plain(),
        planned_units=needed,
        salt=secrets.token_hex(16),
        created_by=actor.person_id,
        created_at=now,
        version=1,
    )
    with transaction(actor.org_id) as tx:
        tx.session.add(experiment)
        tx.flush()
        _write(tx, actor, "experiment.planned", experiment, now)
    return experiment.id, needed


def change(
    actor: Actor,
    experiment_id: UUID,
    name: str,
    hypothesis: str,
    unit: str,
    design: planning.Design,
    expected: int | None,
) -> int:
    """Change a draft; return how many units it needs. What has begun stays as it was planned."""
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    _check(name, hypothesis, unit)
    planning.check(design)
    needed = planning.units_needed(design)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        experiment = queries.get(tx, experiment_id, lock=True)
        if expected is not None and expected != experiment.version:
            raise StaleError("somebody else changed this experiment meanwhile", version=experiment.version)
        if experiment.status != ExperimentStatus.DRAFT:
            raise ConflictError("an experiment that has begun keeps its plan; stop it, and plan another")
        experiment.name, experiment.hypothesis, experiment.unit = name.strip(), hypothesis.strip(), unit
        experiment.plan, experiment.planned_units = design.plain(), needed
        experiment.version += 1
        _write(tx, actor, "experiment.changed", experiment, now)
    return needed


def _check(name: str, hypothesis: str, unit: str) -> None:
    wrong = {}
    for field, text in (("name", name), ("hypothesis", hypothesis)):
        if not text.strip():
            wrong[field] = [worded("is missing")]
        elif len(text) > LONGEST[field]:
            wrong[field] = [worded("has more than {longest} characters", longest=LONGEST[field])]
    if unit not in planning.UNITS:
        wrong["unit"] = [worded("is none of {known}", known=", ".join(planning.UNITS))]
    if wrong:
        raise InvalidError("the experiment was not kept", wrong)


def start(actor: Actor, experiment_id: UUID) -> None:
    """Let units take part from now on; raise ConflictError unless it is a draft."""
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        experiment = queries.get(tx, experiment_id, lock=True)
        if experiment.status != ExperimentStatus.DRAFT:
            raise ConflictError("the experiment has begun already")
        experiment.status, experiment.started_at = ExperimentStatus.RUNNING, now
        experiment.version += 1
        _write(tx, actor, "experiment.started", experiment, now)


def stop(actor: Actor, experiment_id: UUID, conclusion: str) -> None:
    """End an experiment with what people make of it; what is known by then is looked at a last time."""
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    if not conclusion.strip() or len(conclusion) > LONGEST["conclusion"]:
        why = worded("needs between 1 and {most} characters", most=LONGEST["conclusion"])
        raise InvalidError("the experiment was not stopped", {"conclusion": [why]})
    now = utc_now()
    with transaction(actor.org_id) as tx:
        experiment = queries.get(tx, experiment_id, lock=True)
        if experiment.status != ExperimentStatus.RUNNING:
            raise ConflictError("the experiment does not run")
        experiment.status, experiment.stopped_at = ExperimentStatus.STOPPED, now
        experiment.conclusion = conclusion.strip()
        experiment.version += 1
        _write(tx, actor, "experiment.stopped", experiment, now)
        if experiment.verdict is None:
            _ask(tx, experiment.id, now)


def ask_look(actor: Actor, experiment_id: UUID) -> None:
    """Have a worker look at what is known now: looking early is allowed for by the boundaries."""
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    with transaction(actor.org_id) as tx:
        experiment = queries.get(tx, experiment_id)
        if experiment.status != ExperimentStatus.RUNNING or experiment.verdict is not None:
            raise ConflictError("there is nothing more to look at: it does not run, or is decided")
        _ask(tx, experiment.id, utc_now())


def _ask(tx: Transaction, experiment_id: UUID, now: datetime, call_id: UUID | None = None) -> None:
    ask(tx, "experiments.look", {"experiment_id": str(experiment_id)}, now=now, call_id=call_id)


def ask_planned_looks() -> int:
    """Ask for the looks whose share of the units has come, in every organisation; return how many."""
    with across_organisations() as tx:
        running = queries.list_running(tx)
    asked = 0
    for org_id, experiment_id in running:
        with transaction(org_id) as tx:
            asked += _ask_planned(tx, experiment_id)
    return asked


def _ask_planned(tx: Transaction, experiment_id: UUID) -> bool:
    """Ask for the next look of the plan if enough take part; a look that was asked for is not asked again."""
    experiment = queries.get(tx, experiment_id)
    looks = planning.read(experiment.plan).looks
    units = sum(queries.count_units(tx, experiment_id).values())
    due = min(units * looks // experiment.planned_units, looks)
    seen = max((look.units for look in queries.list_looks(tx, experiment_id)), default=0)
    if due <= min(seen * looks // experiment.planned_units, looks):
        return False
    call_id = uuid5(experiment_id, f"look {due}")
    if queries.was_asked(tx, call_id):
        return False
    _ask(tx, experiment_id, utc_now(), call_id)
    return True


def keep_look(org_id: UUID, experiment_id: UUID, look_id: UUID, told: Told, now: datetime) -> int | None:
    """Keep what a look found; return its number. `None` where it was kept before or comes too late."""
    with transaction(org_id) as tx:
        experiment = queries.get(tx, experiment_id, lock=True)
        looks = queries.list_looks(tx, experiment_id)
        if experiment.verdict is not None or any(look.id == look_id for look in looks):
            return None
        if looks and looks[-1].units >= told.units:
            return None  # nobody came since
        number = len(looks) + 1
        tx.session.add(
            ExperimentLook(
                id=look_id,
                org_id=org_id,
                experiment_id=experiment_id,
                number=number,
                at=now,
                units=told.units,
                verdict=told.verdict,
                winner=told.winner,
                found=dict(told.found),
            )
        )
        _decide(experiment, told, now)
        detail = {"experiment": experiment_id, "look": number, "verdict": told.verdict}
        audit.write(tx, "needs", None, "experiment.looked", detail, now)
    return number


def _decide(experiment: Experiment, told: Told, now: datetime) -> None:
    """Let a verdict end the looking, and harm end the experiment: nobody more is to be harmed by it."""
    if told.verdict not in DECIDED:
        return
    experiment.verdict = told.verdict
    experiment.version += 1
    if told.verdict == Verdict.HARMED and experiment.status == ExperimentStatus.RUNNING:
        experiment.status, experiment.stopped_at = ExperimentStatus.STOPPED, now


def _write(tx: Transaction, actor: Actor, action: str, experiment: Experiment, now: datetime) -> None:
    detail = {"experiment": experiment.id, "name": experiment.name, "units": experiment.planned_units}
    audit.write(tx, "needs", actor.person_id, action, detail, now)
