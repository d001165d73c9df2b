"""One parent for all processes of an installation: starts, restarts and stops them in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tasks import children
from tasks.errors import ServiceFailedError
from tasks.outputs import Outputs

READY_SECONDS = 120.0
LONGEST_PAUSE_SECONDS = 10.0
# A process that lasted so long is healthy: its next end counts as its first.
HEALTHY_SECONDS = 30.0
FAILURES_BEFORE_READY = 3


def _at_once() -> bool:
    return True


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Service:
    """How a process is started, when it is ready, and how long it may take to stop."""

    name: str
    command: Sequence[str | Path]
    environ: Mapping[str, str] | None = None
    is_ready: Callable[[], bool] = _at_once
    when_ready: Callable[[], None] = _nothing
    stop_seconds: float = 30.0
    # Lines of its output that help nobody, known by a part of their text.
    unsaid: tuple[str, ...] = ()


@dataclass(slots=True)
class _Child:
    service: Service
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = 0
    was_ready: bool = field(default=False)


class Supervisor:
    """Runs services until it is told to stop; `stop_order` names all of them."""

    def __init__(
        self, services: Sequence[Service], stop_order: Sequence[str], write: Callable[[str], None]
    ) -> None:
        self._children = {service.name: _Child(service) for service in services}
        self._stop_order = stop_order
        self._outputs = Outputs(write)
        self._write = write
        self._told_to_stop = False

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; raise ServiceFailedError where a service cannot start."""
        with self._listening_to_signals():
            try:
                for child in self._children.values():
                    self._bring_up(child)
                while not self._told_to_stop:
                    self._tend()
            finally:
                self._stop_all()
                self._outputs.close()

    def pid(self, name: str) -> int | None:
        """Return the id of a service's process, if it runs."""
        process = self._children[name].process
        return process.pid if process and process.poll() is None else None

    def _bring_up(self, child: _Child) -> None:
        end = time.monotonic() + READY_SECONDS
        while not self._told_to_stop and not child.was_ready:
            if child.process and child.process.poll() is None and child.service.is_ready():
                child.was_ready = True
                child.service.when_ready()
                return
            if time.monotonic() > end:
                raise ServiceFailedError(child.service.name, f"was not ready after {READY_SECONDS:.0f} s")
            self._tend(child)

    def _tend(self, newest: _Child | None = None) -> None:
        self._outputs.pump(0.1)
        for child in self._children.values():
            if child.process and child.process.poll() is not None:
                self._note_end(child)
            if not child.process and (child.was_ready or child is newest):
                self._start_when_due(child)

    def _start_when_due(self, child: _Child) -> None:
        if time.monotonic() < child.start_again_at:
            return
        service = child.service
        environ = None if service.environ is None else dict(service.environ)
        child.process = children.start(service.command, subprocess.PIPE, env=environ)
        child.started_at = time.monotonic()
        if child.process.stdout:
            self._outputs.add(service.name, child.process.stdout, service.unsaid)

    def _note_end(self, child: _Child) -> None:
        """Plan the next start: at once the first time, then after pauses that double."""
        process, name = child.process, child.service.name
        if process is None:
            return
        self._end_group(process)
        child.process = None
        lasted = time.monotonic() - child.started_at
        child.failures = 1 if lasted > HEALTHY_SECONDS else child.failures + 1
        if not child.was_ready and child.failures >= FAILURES_BEFORE_READY:
            self._outputs.pump(0.1)
            last = self._outputs.last_lines.get(name, "it said nothing")
            raise ServiceFailedError(name, f"ended {child.failures} times before it was ready: {last}")
        pause = min(0.25 * 2 ** (child.failures - 1), LONGEST_PAUSE_SECONDS)
        child.start_again_at = time.monotonic() + pause
        self._write(f"{name} ended with {process.returncode}; it starts again in {pause:g} s")

    def _stop_all(self) -> None:
        for name in self._stop_order:
            child = self._children[name]
            if child.process:
                self._stop(child.service, child.process)

    def _stop(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            process.terminate()
        end = time.monotonic() + service.stop_seconds
        while process.poll() is None and time.monotonic() < end:
            self._outputs.pump(0.05)
        if process.poll() is None:
            self._write(f"{service.name} did not stop within {service.stop_seconds:g} s; it is killed")
        self._end_group(process)
        process.wait()

    @staticmethod
    def _end_group(process: subprocess.Popen[bytes]) -> None:
        """Leave nothing of a service behind: each has a session, and so a group, of its own."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)

    @contextmanager
    def _listening_to_signals(self) -> Iterator[None]:
        def note(*_: object) -> None:
            self._told_to_stop = True

        before = {each: signal.signal(each, note) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
