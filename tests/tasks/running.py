"""A started `placet run`, in a folder, on the servers and with the settings that a test chooses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks import children
from tests.servers import ROOT

READY_SECONDS = 90


class Running:
    """Knows its address, what it said so far, and how it is stopped."""

    def __init__(self, var: Path, **environ: str) -> None:
        self.var = var
        self.port = children.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = var.with_name(f"{self.port}.log")
        self._environ = {
            **os.environ,
            "PLACET_VAR": str(var),
            "PLACET_PORT": str(self.port),
            "PLACET_EVENTS_PORT": str(children.free_port()),
            "PLACET_RATE_LIMITS": "off",
            **environ,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tasks.cli", "run"],
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str = "Ctrl-C stops everything.") -> None:
        end = time.monotonic() + READY_SECONDS
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def placet(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of `placet` on the same folder and servers."""
        return subprocess.run(
            [sys.executable, "-m", "tasks.cli", *words],
            cwd=ROOT,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(word) for word in listed.stdout.split()]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)


@contextmanager
def running_placet(var: Path, **environ: str) -> Iterator[Running]:
    """Give a `placet run` that serves, and end it."""
    started = Running(var, **environ)
    try:
        started.wait_for()
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()
