"""`placet worker`: Celery's processes, each with an application of its own, performing service calls."""

from __future__ import annotations

import os
import pkgutil
import sys
import warnings
from importlib import import_module
from typing import Any
from uuid import UUID

from celery import Celery, bootsteps
from celery.exceptions import SecurityWarning
from celery.signals import worker_process_init

from app import create_app
from app.config import Settings
from app.database import db
from app.observing import configure_logging
from tasks import handlers, service_calls, training
from tasks.broker import EXECUTE, TRAIN, make_celery
from tasks.pulse import BEAT_SECONDS, Pulse


def run(settings: Settings, concurrency: int) -> None:
    """Perform calls until told to stop; what cannot end within seconds goes back to the broker."""
    os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")  # Celery's way to a soft shutdown
    _hush()
    configure_logging()
    words = ["worker", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    words += ["--concurrency", str(concurrency), "--loglevel", "WARNING"]
    make_worker(settings).worker_main(words)


def _hush() -> None:
    """Say nothing but the log, which goes to standard error; Celery writes asides to the other."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.__stdout__.fileno() if sys.__stdout__ else 1)
    os.close(nothing)
    # It warns of root, who could be tricked by pickles; we take JSON only.
    warnings.simplefilter("ignore", SecurityWarning)


def make_worker(settings: Settings) -> Celery:
    """Return the Celery application with its two tasks: a service call, and a training."""
    load_handlers()
    celery = make_celery(settings.broker_url)
    celery.steps["worker"].add(_pulse_step(Pulse(settings.var, "worker")))
    # Made once, before the fork, so that a process that was killed is replaced at once.
    application = create_app(settings)

    def let_go_of_connections(**_: Any) -> None:
        # They do not survive a fork; none is open yet, and none must ever be shared.
        with application.app_context():
            db.engine.dispose(close=False)

    worker_process_init.connect(let_go_of_connections, weak=False)

    @celery.task(name=EXECUTE)  # type: ignore[untyped-decorator] # Celery ships no types
    def execute(call_id: str, request_id: str | None) -> None:
        with application.app_context():
            service_calls.execute(UUID(call_id), request_id)

    @celery.task(  # type: ignore[untyped-decorator] # Celery ships no types
        name=TRAIN, soft_time_limit=training.SOFT_SECONDS, time_limit=training.HARD_SECONDS
    )
    def train(org_id: str, run_id: str) -> None:
        with application.app_context():
            training.execute(UUID(org_id), UUID(run_id))

    return celery


def _pulse_step(pulse: Pulse) -> type[Any]:
    """Return what Celery runs beside its loop: a sign of life as long as that loop turns."""

    class PulseStep(bootsteps.StartStopStep):  # type: ignore[misc] # Celery ships no types
        requires = ("celery.worker.components:Timer",)

        def start(self, worker: Any) -> None:
            pulse.beat()
            worker.timer.call_repeatedly(BEAT_SECONDS, pulse.beat)

    return PulseStep


def load_handlers() -> None:
    """Import every module of handlers, so that they sign up."""
    for module in pkgutil.iter_modules(handlers.__path__):
        import_module(f"{handlers.__name__}.{module.name}")
