"""The life of a training between being asked for and its end; at most one is open for a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.database import (
    Transaction,
    across_organisations,
    reading,
    transaction,
    transaction_across_organisations,
)
from app.errors import ConflictError, NotFoundError
from app.insights.kinds import kind_of
from app.insights.models import RunState, TrainingRun
from app.moments import utc_now

STREAM = "insights"
# Who trains says that it lives this often; what says nothing for the second is given to another.
BEAT_SECONDS, LEASE_SECONDS = 10, 60
# A message that no worker took up is sent again after this, twice as late each time.
RESEND_SECONDS = 60
MOST_ATTEMPTS = 3
_OPEN = (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class Begun:
    """A training that this worker, and no other, performs now."""

    id: UUID
    org_id: UUID
    kind: str
    attempt: int


def ask(actor: Actor, kind: str) -> UUID:
    """Ask for a training; raise ConflictError where one of this kind is open already."""
    actor.require(Role.PROCESS_OWNER)
    kind_of(kind)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        if _open_run(tx, kind) is not None:
            raise ConflictError("this model is being trained already")
        run = _new(tx, kind, now, asked_by=actor.person_id)
        audit.write(tx, STREAM, actor.person_id, "training.asked", {"kind": kind, "run": run.id}, now)
    return run.id


def _open_run(tx: Transaction, kind: str) -> TrainingRun | None:
    return tx.session.scalars(select(TrainingRun).where(TrainingRun.open_as == kind)).first()


def _new(tx: Transaction, kind: str, now: datetime, **more: Any) -> TrainingRun:
    run = TrainingRun(
        id=new_id(),
        org_id=tx.organisation,
        kind=kind,
        state=RunState.QUEUED,
        open_as=kind,
        asked_at=now,
        due_at=now,
        reasons=[],
        attempts=0,
        percent=0,
        **more,
    )
    tx.session.add(run)
    return run


def ask_for_night(tx: Transaction, kind: str, night: Any, now: datetime) -> None:
    """Write a night's training where none was and none is open: asked by the schedule, by nobody."""
    taken = select(TrainingRun.id).where(
        TrainingRun.kind == kind, or_(TrainingRun.night == night, TrainingRun.open_as == kind)
    )
    if tx.session.scalars(taken).first() is None:
        run = _new(tx, kind, now, asked_by=None, night=night)
        audit.write(tx, STREAM, None, "training.asked", {"kind": kind, "run": run.id}, now)


def is_any_due() -> bool:
    """Say whether there is anything to hand out, or to take from the dead."""
    now = utc_now()
    due = select(TrainingRun.id).where(_due(now)).limit(1)
    with across_organisations() as tx:
        return tx.session.scalars(due).first() is not None


def _due(now: datetime) -> Any:
    waits = and_(TrainingRun.state == RunState.QUEUED, TrainingRun.due_at <= now)
    return or_(waits, and_(TrainingRun.state == RunState.RUNNING, TrainingRun.held_until <= now))


def hand_out(publish: Callable[[UUID, UUID], None], at_once: int) -> int:
    """Publish trainings that are due while fewer than `at_once` are under way; return how many.

    What a worker left behind is handed out again, or given up. `publish` runs before the commit: a crash
    between the two repeats a message, never loses one.
    """
    now = utc_now()
    with transaction_across_organisations() as tx:
        due = select(TrainingRun).where(_due(now)).order_by(TrainingRun.asked_at)
        runs = list(tx.session.scalars(due.limit(50).with_for_update(skip_locked=True)))
        free = at_once - _under_way(tx, now)
        count = 0
        for run in runs:
            if run.state == RunState.RUNNING and run.attempts >= MOST_ATTEMPTS:
                _end(run, RunState.FAILED, now, [("workers_died", {"count": run.attempts})])
            elif count < free:
                publish(run.org_id, run.id)
                pause = RESEND_SECONDS * 2 ** min(run.attempts, 5)
                run.state, run.sent_at, run.held_until = RunState.QUEUED, now, None
                run.due_at = now + timedelta(seconds=pause)
                count += 1
        return count


def _under_way(tx: Transaction, now: datetime) -> int:
    held = and_(TrainingRun.state == RunState.RUNNING, TrainingRun.held_until > now)
    sent = and_(
        TrainingRun.state == RunState.QUEUED, TrainingRun.sent_at.is_not(None), TrainingRun.due_at > now
    )
    return tx.session.scalar(select(func.count()).select_from(TrainingRun).where(or_(held, sent))) or 0


def begin(org_id: UUID, run_id: UUID) -> Begun | None:
    """Take a training up; None where it is ended or in hands that are still alive."""
    now = utc_now()
    with transaction(org_id) as tx:
        run = _locked(tx, run_id)
        dead = run.state == RunState.RUNNING and run.held_until is not None and run.held_until <= now
        if run.state != RunState.QUEUED and not (dead and run.attempts < MOST_ATTEMPTS):
            return None
        run.state, run.attempts, run.percent, run.doing = RunState.RUNNING, run.attempts + 1, 0, ""
        run.began_at, run.held_until = now, now + timedelta(seconds=LEASE_SECONDS)
        return Begun(run.id, org_id, run.kind, run.attempts)


def _locked(tx: Transaction, run_id: UUID) -> TrainingRun:
    run = tx.session.get(TrainingRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFoundError("training", run_id)
    return run


def beat(begun: Begun, percent: int, doing: str) -> bool:
    """Say how far it is and that its worker lives; False where it is no longer this worker's."""
    with transaction(begun.org_id) as tx:
        run = _locked(tx, begun.id)
        if not _is_mine(run, begun):
            return False
        run.percent, run.doing = max(0, min(99, percent)), doing[:40]
        run.held_until = utc_now() + timedelta(seconds=LEASE_SECONDS)
        return True


def _is_mine(run: TrainingRun, begun: Begun) -> bool:
    return run.state == RunState.RUNNING and run.attempts == begun.attempt


def held(tx: Transaction, begun: Begun) -> TrainingRun | None:
    """Lock a training for its end; None where it is no longer this worker's."""
    run = _locked(tx, begun.id)
    return run if _is_mine(run, begun) else None


def end(
    begun: Begun,
    state: RunState,
    reasons: Sequence[tuple[str, Mapping[str, Any]]],
    error: str | None = None,
) -> None:
    """End a training that left no model, saying why; one that is in other hands stays there."""
    now = utc_now()
    with transaction(begun.org_id) as tx:
        run = held(tx, begun)
        if run is not None:
            finish(tx, run, state, now, reasons, error)


def finish(
    tx: Transaction,
    run: TrainingRun,
    state: RunState,
    now: datetime,
    reasons: Sequence[tuple[str, Mapping[str, Any]]],
    error: str | None = None,
) -> None:
    """End a locked training, and record it."""
    _end(run, state, now, reasons)
    run.error = error
    detail = {"kind": run.kind, "run": run.id, "state": state, "why": [code for code, _ in reasons]}
    audit.write(tx, STREAM, run.asked_by, "training.ended", detail, now)


def _end(
    run: TrainingRun, state: RunState, now: datetime, reasons: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    run.state, run.open_as, run.ended_at, run.held_until = state, None, now, None
    run.percent = 100 if state is RunState.DONE else run.percent
    run.doing = ""
    run.reasons = [[code, dict(values)] for code, values in reasons]


def list_runs(org_id: UUID, kind: str, limit: int = 20) -> list[TrainingRun]:
    """Return the latest trainings of a kind, the newest first."""
    with reading(org_id) as tx:
        return latest(tx, kind, limit)


def latest(tx: Transaction, kind: str, limit: int = 20) -> list[TrainingRun]:
    statement = select(TrainingRun).where(TrainingRun.kind == kind)
    return list(tx.session.scalars(statement.order_by(TrainingRun.asked_at.desc()).limit(limit)))
