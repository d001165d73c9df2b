"""Performing a service call: count the attempt, run its handler, report what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from app import metrics
from app.keeping import is_unkeepable
from app.moments import utc_now
from app.observing import log
from app.outbox import commands as outbox
from app.processes import commands as processes
from tasks import handlers
from tasks.edge import said

# The fault lies in the diagram or the installation.
HOPELESS = (handlers.UnknownHandlerError, handlers.InputError, handlers.HopelessError)


def execute(call_id: UUID, request_id: str | None) -> str:
    """Perform a call that was delivered, perhaps not for the first time; return what came of it."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id, call=str(call_id))
    begun = outbox.begin(call_id)
    if begun is None:
        return "elsewhere"
    began_at = time.perf_counter()
    came_of_it = _perform(begun)
    seconds = time.perf_counter() - began_at
    metrics.call_performed(begun.handler, came_of_it, seconds)
    ms = round(seconds * 1000, 1)
    log.info("call", handler=begun.handler, attempt=begun.attempts, outcome=came_of_it, ms=ms)
    return came_of_it


def _perform(begun: outbox.Begun) -> str:
    try:
        outcome = _outcome_of(begun)
        processes.report(begun.id, outcome)
    except Exception as error:
        log.exception("call failed", handler=begun.handler, attempt=begun.attempts)
        return _try_later(begun, said(error))
    return type(outcome).__name__.lower()


def _outcome_of(begun: outbox.Begun) -> processes.Outcome:
    call = handlers.Call(begun.id, begun.org_id, begun.inputs, utc_now())
    try:
        return processes.Succeeded(_kept(handlers.handler_of(begun.handler)(call)))
    except handlers.BusinessError as error:
        return processes.BusinessError(error.code, error.message, error.variables)
    except HOPELESS as error:
        return processes.Failed(said(error))


def _kept(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer that the database can keep; raise HopelessError: the next would be the same."""
    if is_unkeepable(answer):
        raise handlers.HopelessError("its answer has NUL or half a character, which cannot be kept")
    return answer


def _try_later(begun: outbox.Begun, error: str) -> str:
    if outbox.try_later(begun, error):
        return "postponed"
    processes.report(begun.id, processes.Failed(f"tried {begun.attempts} times; the last time: {error}"))
    return "failed"
