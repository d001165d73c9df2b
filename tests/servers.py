"""The embedded servers of one test run: one of each, however many workers the run has."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from tasks.embedded import open_folder

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Servers:
    """`postgres` maps a role to SQLAlchemy's URL of the maintenance database; `valkey` is Celery's URL."""

    postgres: Mapping[str, str]
    valkey: str


def embedded_servers() -> Servers:
    """Return the servers of this run; the first worker to ask has them started."""
    owner = _owner()
    lock = Path(tempfile.gettempdir()) / f"placet-tests-{os.geteuid()}-{owner}.lock"
    with _locked(lock):
        folder = Path(lock.read_text() or os.devnull)
        if not (folder / "servers.json").exists():
            folder = open_folder("placet-tests-")
            _start_keeper(folder, lock, owner)
            lock.write_text(str(folder))
    found = orjson.loads((folder / "servers.json").read_bytes())
    return Servers(found["postgres"], found["valkey"])


def _owner() -> int:
    """The process that outlives all tests: xdist's controller, or the only one there is."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_keeper(folder: Path, lock: Path, owner: int) -> None:
    log = folder / "keeper.log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.keeper", str(folder), str(lock), str(owner)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    end = time.monotonic() + START_SECONDS
    while not (folder / "servers.json").exists():
        if keeper.poll() is not None or time.monotonic() > end:
            keeper.kill()
            raise AssertionError(f"the servers for the tests did not start:\n{log.read_text()}")
        time.sleep(0.02)
