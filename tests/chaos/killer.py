"""Who kills: a process, or one of its children, every few seconds, without a word of warning."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event

from tasks.supervise import Supervisor

# How often each is hit, of all kills.
_TARGETS = {
    "worker": 25,  # the whole group: parent and pool
    "pool child": 25,
    "relay": 20,
    "web": 20,
    "broker": 10,
}


class Killer:
    """Draws its targets and pauses from the seed; `last_at` is the moment of the last kill."""

    def __init__(self, supervisor: Supervisor, seed: int, say: Callable[[str], None]) -> None:
        self._supervisor = supervisor
        self._chance = Random(f"kills {seed}")  # a plan, not a secret
        self._say = say
        self.killed: Counter[str] = Counter()
        self.last_at = time.monotonic()

    def run(self, kills: int, pause_seconds: tuple[float, float], over: Event) -> None:
        """Kill so often, unless it is over before."""
        while self.killed.total() < kills:
            if over.wait(self._chance.uniform(*pause_seconds)):
                return
            kind = self._chance.choices(list(_TARGETS), list(_TARGETS.values()))[0]
            place = self._chance.choice((1, 2))
            self._kill(kind, place)

    def _kill(self, kind: str, place: int) -> None:
        name = {"broker": "broker", "pool child": f"worker-{place}"}.get(kind, f"{kind}-{place}")
        pid = self._supervisor.pid(name)
        if pid is None:
            return  # it is still down from the last time
        with suppress(ProcessLookupError):
            if kind == "pool child":
                children = _children_of(pid)
                if not children:
                    return
                os.kill(self._chance.choice(children), signal.SIGKILL)
            else:
                os.killpg(pid, signal.SIGKILL)
            self.killed[kind] += 1
            self.last_at = time.monotonic()
            self._say(f"kill {self.killed.total()}: {kind if kind == 'pool child' else 'all'} of {name}")


def _children_of(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError):
            found += [int(word) for word in task.read_text().split()]
    return sorted(found)
