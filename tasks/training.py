"""Training one model in a worker: rows in, a judged version out, with signs of life while it lasts.

What learns is loaded here, when the first training of a process runs, and nowhere else.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from flask import current_app

from app.database import reading
from app.insights import publishing, training
from app.insights.kind import Kind, Reading
from app.insights.kinds import kind_of
from app.insights.models import RunState
from app.insights.pseudonyms import pseudonyms_of, secret_of
from app.insights.trained import Job, Learned, Learner, Row, TooLittleError
from app.insights.training import BEAT_SECONDS, Begun
from app.moments import utc_now
from app.observing import log
from tasks.edge import AWAY, attempt, said

SOFT_SECONDS, HARD_SECONDS = 2700, 2760
POLL_SECONDS = 1.0


class TakenOverError(Exception):
    """Another worker has this training now: this one's result is not wanted."""


def execute(org_id: UUID, run_id: UUID) -> str:
    """Perform a training that was delivered, perhaps not for the first time; return what came of it."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(run=str(run_id))
    begun = training.begin(org_id, run_id)
    if begun is None:
        return "elsewhere"
    began_at = time.perf_counter()
    came_of_it = _perform(begun)
    seconds = round(time.perf_counter() - began_at, 1)
    log.info("training", kind=begun.kind, attempt=begun.attempt, outcome=came_of_it, seconds=seconds)
    return came_of_it


def _perform(begun: Begun) -> str:
    try:
        return _train(begun)
    except TakenOverError:
        return "elsewhere"
    except TooLittleError as error:
        training.end(begun, RunState.DONE, [(error.code, error.values)])
        return "too little"
    except SoftTimeLimitExceeded:
        training.end(begun, RunState.FAILED, [("too_long", {"minutes": SOFT_SECONDS // 60})])
        return "too long"
    except AWAY:
        # Nobody says that this worker lives: the relay hands the training out again.
        log.warning("training interrupted", kind=begun.kind, exc_info=True)
        return "interrupted"
    except Exception as error:
        log.exception("training failed", kind=begun.kind)
        training.end(begun, RunState.FAILED, [("error", {})], said(error))
        return "failed"


def _train(begun: Begun) -> str:
    kind = kind_of(begun.kind)
    before = publishing.before(begun.org_id, kind.name)
    with _signs_of_life(begun) as progress:
        progress(1, "reading")
        job = Job(utc_now(), before.version, before.in_use, progress, secret_of(begun.org_id))
        learned: Learned = learner_of(kind)(rows_of(begun.org_id, kind), job)
        progress(99, "keeping")
        verdict = publishing.keep(begun, before.version, learned, code_version(kind), before.version)
    if verdict is None:
        raise TakenOverError
    return "published" if verdict.passed else "refused"


def rows_of(org_id: UUID, kind: Kind) -> Iterator[Row]:
    """Stream the rows to learn from; the read ends with the last of them, before the learning begins."""
    with reading(org_id) as tx:
        yield from kind.read(Reading(tx, utc_now(), pseudonyms_of(org_id)))


def learner_of(kind: Kind) -> Learner:
    """Load what learns this kind: seconds, and megabytes, the first time."""
    module, _, name = kind.learner.partition(":")
    found: Learner = getattr(import_module(module), name)
    return found


def code_version(kind: Kind) -> str:
    """Return Placet's version with a digest of the code that learns: two alike learn alike."""
    file = Path(str(import_module(kind.learner.partition(":")[0]).__file__))
    sources = sorted(file.parent.glob("*.py")) if file.parent.name != "learning" else [file]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    return f"{version('placet')}+{digest.hexdigest()[:8]}"


class _Progress:
    """Where the training is: set by the one who learns, carried to the database by another thread."""

    def __init__(self) -> None:
        self.percent, self.doing, self.taken_over = 0, "", False

    def __call__(self, percent: int, doing: str) -> None:
        if self.taken_over:
            raise TakenOverError
        self.percent, self.doing = percent, doing


@contextmanager
def _signs_of_life(begun: Begun) -> Iterator[_Progress]:
    """Say every few seconds that this worker lives, and at once when it came further."""
    progress, ended = _Progress(), threading.Event()
    app = current_app._get_current_object()  # type: ignore[attr-defined] # a proxy would not cross threads

    def tell() -> None:
        said_at, told = 0.0, (-1, "")
        while not ended.wait(POLL_SECONDS):
            now = time.monotonic()
            present = (progress.percent, progress.doing)
            if present != told or now - said_at >= BEAT_SECONDS:
                said_at, told = now, present
                with app.app_context():
                    attempt("training's sign of life", partial(_beat, begun, progress, *present))

    thread = threading.Thread(target=tell, name="signs of life", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        ended.set()
        thread.join()


def _beat(begun: Begun, progress: _Progress, percent: int, doing: str) -> None:
    progress.taken_over = not training.beat(begun, percent, doing)
