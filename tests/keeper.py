"""The process that keeps the servers of one test run, shared by all its workers, and ends with it.

`python -m tests.keeper FOLDER LOCK PID` serves until the process PID is gone, however it went.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import orjson

from tasks.embedded import Postgres, Valkey
from tasks.embedded.postgres import APP, OWNER, SUPERUSER

# A test run needs speed, and its data may be lost with the machine.
FAST = {"fsync": "off", "synchronous-commit": "off", "full-page-writes": "off"}


def keep(folder: Path, lock: Path, owner: int) -> None:
    postgres = Postgres(folder / "postgres", FAST)
    valkey = Valkey(folder / "valkey", durable=False)
    postgres.start()
    valkey.start()
    _announce(folder, postgres, valkey)
    while _is_alive(owner):
        time.sleep(0.5)
    postgres.stop()
    valkey.stop()
    lock.unlink(missing_ok=True)
    shutil.rmtree(folder)


def _announce(folder: Path, postgres: Postgres, valkey: Valkey) -> None:
    roles = {role: postgres.url(role, "postgres") for role in (SUPERUSER, OWNER, APP)}
    unfinished = folder / "servers.json.part"
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(orjson.dumps({"postgres": roles, "valkey": valkey.url}))
    unfinished.rename(folder / "servers.json")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the tests, and they end us
    keep(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
