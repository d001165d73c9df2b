"""The application's one clock, so that every moment is UTC and a test can say what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

clock: Callable[[], datetime] = partial(datetime.now, UTC)
"""What says the time; a test puts another in its place."""


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return clock()
