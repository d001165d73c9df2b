"""One run: start everything, let people work and processes die, wait for the end, prove."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from tests.chaos.crowd import Crowd
from tests.chaos.fates import plans
from tests.chaos.killer import Killer
from tests.chaos.proof import TERMINAL, Proof, ended, prove
from tests.chaos.stage import Stage, open_stage
from tests.servers import ROOT

PAUSE_SECONDS = (1.5, 5.0)
ORDERS_PER_KILL = 8
FEWEST_KILLS = 5
PROGRESS_SECONDS = 10.0
# Patience: for the slowest redelivery of a call that was in hand, and for each order.
LEAST_SECONDS, SECONDS_PER_ORDER = 240.0, 4.0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run; as text it is the last line of `make chaos`."""

    orders: int
    ended: int
    wrong: tuple[str, ...]
    doubled: tuple[str, ...]
    audit: str

    @property
    def holds(self) -> bool:
        return self.ended == self.orders and not self.wrong and not self.doubled and self.audit == "ok"

    def __str__(self) -> str:
        return f"orders {self.orders}, ended {self.ended}, doubled {len(self.doubled)}, audit {self.audit}"


def run(folder: Path, orders: int, seed: int, say: Callable[[str], None], kills: int | None = None) -> Report:
    """Run so many orders; from the main thread, as the supervisor's children die with who started them."""
    with (folder / "processes.log").open("a") as log:

        def write(line: str) -> None:
            log.write(f"{line}\n")
            log.flush()

        with open_stage(folder, write) as stage:
            director = _Director(stage, orders, seed, say, kills)
            thread = Thread(target=director.direct)
            thread.start()
            try:
                stage.supervisor.run()
            finally:
                director.stopped.set()
                thread.join()
            return _report(stage, director, orders, say)


class _Director:
    """Lets the run begin when all serves, and ends it when all is done, or when patience is."""

    def __init__(
        self, stage: Stage, orders: int, seed: int, say: Callable[[str], None], kills: int | None
    ) -> None:
        self.stopped = Event()
        self._stage = stage
        self._say = say
        self._orders = orders
        self._kills = max(FEWEST_KILLS, orders // ORDERS_PER_KILL) if kills is None else kills
        self.crowd = Crowd(stage, plans(orders, seed))
        self.killer = Killer(stage.supervisor, seed, say)

    def direct(self) -> None:
        try:
            while not self._stage.ready.wait(0.2) and not self.stopped.is_set():
                continue
            if not self.stopped.is_set():
                self._let_them_work()
        finally:
            self.crowd.over.set()
            os.kill(os.getpid(), signal.SIGTERM)

    def _let_them_work(self) -> None:
        over = self.crowd.over
        killing = Thread(target=self.killer.run, args=(self._kills, PAUSE_SECONDS, over))
        threads = [*self.crowd.start(), killing]
        killing.start()
        self._wait_for_the_end(time.monotonic())
        over.set()
        for thread in threads:
            thread.join(30)

    def _wait_for_the_end(self, began: float) -> None:
        shown, end = began, began + LEAST_SECONDS + SECONDS_PER_ORDER * self._orders
        while not self.crowd.over.wait(0.5) and not self.stopped.is_set() and time.monotonic() < end:
            statuses, left = ended(self._stage.conninfo)
            done = sum(statuses[status] for status in TERMINAL)
            now = time.monotonic()
            if now - shown > PROGRESS_SECONDS:
                shown = now
                self._say(f"{now - began:4.0f} s: {done} of {self._orders} ended, {left} calls on their way")
            if done == self._orders and not left:
                kills, since = self.killer.killed.total(), now - self.killer.last_at
                self._say(
                    f"all ended after {now - began:.0f} s, {since:.0f} s after the last of {kills} kills"
                )
                return


def _report(stage: Stage, director: _Director, orders: int, say: Callable[[str], None]) -> Report:
    proof: Proof = prove(stage, list(director.crowd.accepted.values()), orders)
    wrong = [*proof.wrong, *director.crowd.surprises]
    for text in [*wrong[:20], *proof.doubled[:20]]:
        say(f"wrong: {text}")
    say(f"ended as {dict(proof.statuses)}; killed {dict(director.killer.killed)}")
    say(f"{stage.parties.asked} requests at the parties, {len(stage.parties.effects)} effects")
    done = sum(proof.statuses[status] for status in TERMINAL)
    return Report(orders, done, tuple(wrong), tuple(proof.doubled), _audit(stage))


def _audit(stage: Stage) -> str:
    verified = subprocess.run(
        [sys.executable, "-m", "tasks.cli", "audit", "verify"],
        cwd=ROOT,
        env=stage.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    last = (verified.stdout.splitlines() or [verified.stderr.strip()])[-1]
    return "ok" if verified.returncode == 0 and last.startswith("audit ok: ") else last
