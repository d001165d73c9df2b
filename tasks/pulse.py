"""Signs of life of the processes that answer no port: a file for each part, touched while it works."""

from __future__ import annotations

import socket
import time
from pathlib import Path

BEAT_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
PARTS = {"worker": ("worker",), "relay": ("publisher", "clock")}
"""What each process consists of: it is alive while all of its parts are."""


class Pulse:
    """The sign of life of one part; `beat` costs nothing but every few seconds."""

    def __init__(self, var: Path, part: str) -> None:
        self._file = _file(var, part)
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._next = 0.0

    def beat(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + BEAT_SECONDS
            self._file.touch()


def silence(var: Path, process: str) -> float:
    """Return how many seconds ago the quietest part of a process gave a sign of life; infinite if never."""
    return max(_age(_file(var, part)) for part in PARTS[process])


def _age(file: Path) -> float:
    try:
        return max(time.time() - file.stat().st_mtime, 0.0)
    except FileNotFoundError:
        return float("inf")


def _file(var: Path, part: str) -> Path:
    """Keep machines apart that share a folder: each asks about its own processes."""
    return var / "alive" / f"{socket.gethostname()}.{part}"
