"""Processes of an installation for tests: started like the real ones, killed like in real life."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.config import Settings
from tasks import children

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """Knows the environment of its processes and ends all that it started."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.environ = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            "PLACET_VAR": str(settings.var),
            "PLACET_DATABASE_URL": settings.database_url,
            "PLACET_BROKER_URL": settings.broker_url,
            "PLACET_SMTP_URL": settings.smtp_url,
            "PLACET_BASE_URL": settings.base_url,
            "PLACET_SECRET_KEY": settings.secret_key,
            "PLACET_AUDIT_KEY": settings.audit_key.decode(),
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, module: str, *words: str) -> subprocess.Popen[bytes]:
        """Start `python -m module words`; its output goes to `<name>.log` in the installation's folder."""
        with (self.settings.var / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", module, *words]
            process = children.start(command, log, signal.SIGKILL, env=self.environ, cwd=ROOT)
        self._started.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and all that it started, as a power cut would."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        process.wait()

    def end(self) -> None:
        for process in self._started:
            self.kill(process)

    def lines(self, file: str) -> Sequence[str]:
        path = self.settings.var / file
        return path.read_text().splitlines() if path.exists() else []


@contextmanager
def installation(settings: Settings) -> Iterator[Installation]:
    settings.var.mkdir(parents=True, exist_ok=True)
    made = Installation(settings)
    try:
        yield made
    finally:
        made.end()


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Say whether it came to hold within this time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return holds()
