"""`placet relay`: carries calls to the workers, and does what time alone brings about."""

from __future__ import annotations

import signal
from threading import Event, Thread

from flask import Flask

from app import create_app
from app.config import Settings
from app.database import db
from app.observing import configure_logging
from tasks.broker import make_celery
from tasks.clock import Clock
from tasks.edge import attempt
from tasks.publishing import Publisher
from tasks.pulse import Pulse
from tasks.training_queue import TrainingQueue
from tasks.waking import Waker

CLOCK_SECONDS = 0.25
PAUSE_SECONDS = 1.0


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; what is begun is finished."""
    configure_logging()
    stopping = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    serve(create_app(settings), stopping)


def serve(app: Flask, stopping: Event) -> None:
    """Publish in this thread and keep time in another, so that neither waits for the other."""
    clock = Thread(target=_keep_time, args=(app, stopping), name="clock")
    clock.start()
    try:
        _publish(app, stopping)
    finally:
        stopping.set()
        clock.join()


def _publish(app: Flask, stopping: Event) -> None:
    settings = app.extensions["placet.settings"]
    pulse = Pulse(settings.var, "publisher")
    with app.app_context():
        celery = make_celery(settings.broker_url)
        publisher, trainings = Publisher(celery), TrainingQueue(celery, settings.trainings)
        waker = Waker(db.engine, stopping)
        while not stopping.is_set():
            pulse.beat()
            attempt("hand out trainings", trainings.hand_out)
            if attempt("publish", publisher.publish_due):
                stopping.wait(PAUSE_SECONDS)
            else:
                waker.wait()
        waker.close()


def _keep_time(app: Flask, stopping: Event) -> None:
    pulse = Pulse(app.extensions["placet.settings"].var, "clock")
    with app.app_context():
        clock = Clock()
        while not stopping.is_set():
            pulse.beat()
            if attempt("clock", clock.strike):
                stopping.wait(PAUSE_SECONDS)
            elif not clock.behind:
                stopping.wait(CLOCK_SECONDS)
