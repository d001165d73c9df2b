"""`placet alive`: whether a process that answers no port still works."""

from __future__ import annotations

from collections.abc import Callable
from math import isinf
from pathlib import Path

from tasks.errors import SilentProcessError
from tasks.pulse import PATIENCE_SECONDS, silence


def run(var: Path, process: str, say: Callable[[str], object]) -> None:
    """Say how long ago its last sign of life was; raise SilentProcessError where that is too long."""
    seconds = silence(var, process)
    if seconds > PATIENCE_SECONDS:
        raise SilentProcessError(process, None if isinf(seconds) else round(seconds))
    say(f"{process}: alive {seconds:.0f} s ago")
