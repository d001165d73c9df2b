"""Where a failure of any kind becomes a line in the log, so that one broken thing stops nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import OperationalError as DatabaseError

from app.errors import BusyError
from app.observing import log

TRIES = 3
PAUSE_SECONDS = 0.05
# Servers that are away for a while: what they say is enough, where we were does not matter.
AWAY = (BrokerError, DatabaseError, OSError, BusyError)


def attempt(what: str, work: Callable[[], object], **about: object) -> str | None:
    """Do the work; return None, or in one line what went wrong. A lost race is run again."""
    try:
        _until_free(work)
    except AWAY as error:
        log.warning("failed", what=what, error=said(error), **about)
        return said(error)
    except Exception as error:
        log.exception("failed", what=what, **about)
        return said(error)
    return None


def _until_free(work: Callable[[], object]) -> None:
    for _ in range(TRIES - 1):
        try:
            work()
        except BusyError:
            time.sleep(PAUSE_SECONDS)
        else:
            return
    work()


def said(error: BaseException) -> str:
    """Return an error as one line that names its kind, for an operator."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
