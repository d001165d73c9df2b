"""What happens because time has passed: timers, held decisions, seals, and old changes forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from app import metrics
from app.audit.sealing import Sealer
from app.events import commands as events
from app.inbox import commands as inbox
from app.inbox import due as inbox_due
from app.insights.nights import Nights
from app.insights.tables import commands as tables
from app.moments import utc_now
from app.needs.experiments import commands as experiments
from app.needs.imports import commands as imports
from app.operations.heat_counting import HeatCounter
from app.processes import beginning, keeping_messages, start_timers
from app.processes import commands as processes
from app.processes import due as processes_due
from tasks.edge import attempt

BATCH = 20
RETRY_AFTER = timedelta(minutes=2)
SEAL_SECONDS = 5.0
FORGET_SECONDS = 3600.0
HEAT_SECONDS = 5.0
LATE_SECONDS = 1.0
NIGHT_SECONDS = 60.0
EXPERIMENT_SECONDS = 30.0


class Clock:
    """Remembers when the rarer duties were done last; `behind` says that more is due already."""

    def __init__(self) -> None:
        self.behind = False
        sealer, heat, late, nights = Sealer(), HeatCounter(), keeping_messages.Latecomers(), Nights()
        self._duties: list[tuple[str, float, Callable[[], object]]] = [
            ("seal", SEAL_SECONDS, lambda: metrics.sealed(sealer.seal())),
            ("heat", HEAT_SECONDS, heat.count),
            ("forget changes", FORGET_SECONDS, events.forget_old),
            ("forget imports", FORGET_SECONDS, imports.forget_old),
            ("forget grouped tables", FORGET_SECONDS, tables.forget_old),
            ("deliver kept messages", LATE_SECONDS, late.deliver),
            ("ask for trainings", NIGHT_SECONDS, nights.ask),
            ("look at experiments", EXPERIMENT_SECONDS, experiments.ask_planned_looks),
        ]
        self._done_at = {name: 0.0 for name, _, _ in self._duties}

    def strike(self) -> None:
        """Do what is due. Nothing that fails stops another."""
        self.behind = fire_timers() + begin_processes() + put_decisions_in_force() >= BATCH
        now = time.monotonic()
        for name, seconds, duty in self._duties:
            if now - self._done_at[name] >= seconds:
                self._done_at[name] = now
                attempt(name, duty)


def fire_timers() -> int:
    """Advance the instances whose timers are due; one that fails becomes an incident and is tried again."""
    taken = processes_due.take_due_timers(utc_now(), BATCH)
    for timer in taken:
        structlog.contextvars.clear_contextvars()
        org_id, instance_id = timer.org_id, timer.instance_id
        advance = partial(processes.advance_due, org_id, instance_id)
        error = attempt("timer", advance, instance=str(instance_id))
        metrics.fired("timer", "failed" if error else "done")
        if error:
            until = utc_now() + RETRY_AFTER
            attempt("postpone timer", partial(processes.postpone_timer, org_id, instance_id, error, until))
    return len(taken)


def begin_processes() -> int:
    """Begin the processes whose moment has come; one that cannot begin is tried again."""
    taken = start_timers.take_due(utc_now(), BATCH)
    for timer in taken:
        structlog.contextvars.clear_contextvars()
        about = {"process": timer.process, "element": timer.element}
        error = attempt("start", partial(beginning.by_timer, timer), **about)
        metrics.fired("start", "failed" if error else "done")
        if error:
            until = utc_now() + RETRY_AFTER
            attempt("postpone start", partial(beginning.postpone, timer, until), **about)
    return len(taken)


def put_decisions_in_force() -> int:
    """Let held decisions count whose time to be taken back is over."""
    taken = inbox_due.take_due_decisions(utc_now(), BATCH)
    for held in taken:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=held.request_id)
        put = partial(inbox.put_in_force, held.org_id, held.work_item_id)
        error = attempt("decision", put, item=str(held.work_item_id))
        metrics.fired("decision", "failed" if error else "done")
        if error:
            now = utc_now()
            postpone = partial(
                inbox_due.postpone_decision, held.org_id, held.work_item_id, error, now, now + RETRY_AFTER
            )
            attempt("postpone decision", postpone)
    return len(taken)
