"""What an import of a million needs costs: rows for each second of the processor, and how memory grows.

`python -m bench.importing [ROWS] [DATABASE_URL]`, on SQLite unless told.
"""

from __future__ import annotations

import io
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from app import create_app
from app.config import load_settings
from app.database import reading
from app.migrating import migrate
from app.needs.imports import commands, running
from app.needs.imports.models import NeedImport
from bench import processes
from tests.builders import a_firm

ROWS = 1_000_000
EVERY = 100_000
KINDS = ("lighting", "office furniture", "plants", "cleaning")


class _Rows(io.RawIOBase):
    """A CSV file of so many rows that is nowhere whole."""

    def __init__(self, rows: int) -> None:
        self._lines = iter(range(rows))
        self._waiting = b"type,customer,text,quantity,value,date\r\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while len(self._waiting) < len(buffer) and (number := next(self._lines, None)) is not None:
            self._waiting += (
                f"{KINDS[number % 4]},Customer {number % 5000},Wanted: thing {number},"
                f'{number % 9 + 1},"{number % 9000 + 1:,}.50",2026-0{number % 9 + 1}-15\r\n'
            ).encode()
        found = self._waiting[: len(buffer)]
        self._waiting = self._waiting[len(buffer) :]
        buffer[: len(found)] = found
        return len(found)


def measure(rows: int, url: str | None = None) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "PLACET_VAR": folder,
            "PLACET_DATABASE_URL": url or f"sqlite:///{Path(folder) / 'bench.db'}",
            "PLACET_SECRET_KEY": "x" * 64,
            "PLACET_AUDIT_KEY": "y" * 64,
        }
        settings = load_settings(environ)

        migrate(settings)
        with create_app(settings).app_context():
            firm = a_firm()
            before = _peak_mib()
            began, cpu = time.perf_counter(), time.process_time()
            import_id = commands.receive(firm["sales"], "bench.csv", io.BufferedReader(_Rows(rows)))
            given = time.perf_counter() - began
            commands.start(firm["sales"], import_id)
            longest, longest_cpu, standing = 0.0, 0.0, dict[int, float]()
            while True:
                slice_began, slice_cpu = time.perf_counter(), time.process_time()
                finished = running.advance(firm.org_id, import_id, running.SLICE_SECONDS)
                read = _read(firm.org_id, import_id)
                if finished or read >= EVERY * (len(standing) + 1):
                    standing[read] = _resident_mib()
                    print(read, "rows,", standing[read], "MiB", flush=True)  # it takes minutes
                longest = max(longest, time.perf_counter() - slice_began)
                longest_cpu = max(longest_cpu, time.process_time() - slice_cpu)
                if finished:
                    break
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "import.rows": rows,
        "import.upload_s": round(given, 1),
        "import.total_s": round(seconds, 1),
        "import.cpu_s": round(cpu, 1),
        "import.rows_per_s": round(rows / seconds),
        "import.rows_per_cpu_s": round(rows / cpu),
        "import.longest_slice_s": round(longest, 1),
        "import.longest_slice_cpu_s": round(longest_cpu, 1),
        "import.rss_before_mib": before,
        "import.rss_first_mib": next(iter(standing.values())),
        "import.rss_last_mib": _resident_mib(),
        "import.rss_peak_mib": _peak_mib(),
    }


def _read(org_id: UUID, import_id: UUID) -> int:
    with reading(org_id) as tx:
        return tx.session.get_one(NeedImport, import_id).read


def _resident_mib() -> float:
    return round(processes.resident_mib(os.getpid()), 1)


def _peak_mib() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


if __name__ == "__main__":
    for name, value in measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS, *sys.argv[2:3]).items():
        print(name, value)  # what it is run for
