"""An installation to measure: PostgreSQL that really syncs, a migrated database, web workers, a client."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from app.config import Settings, load_settings
from app.migrating import migrate
from tasks import children
from tasks.embedded import Postgres, open_folder
from tasks.embedded.postgres import DatabaseUrls

# As shipped where durability is concerned; no checkpoint falls into a measurement.
SERVER = {
    "fsync": "on",
    "synchronous-commit": "on",
    "full-page-writes": "on",
    "shared-buffers": "512MB",
    "checkpoint-timeout": "1h",
    "max-wal-size": "8GB",
    "shared-preload-libraries": "pg_stat_statements",
}
READY_SECONDS = 60


@contextmanager
def durable_postgres() -> Iterator[Postgres]:
    folder = open_folder("placet-bench-")
    postgres = Postgres(folder, SERVER)
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder)


@dataclass(frozen=True, slots=True)
class Installation:
    """A migrated database, and the environment of processes on it."""

    postgres: Postgres
    urls: DatabaseUrls
    environ: Mapping[str, str]
    settings: Settings


@contextmanager
def installation(broker_url: str = "memory://") -> Iterator[Installation]:
    with durable_postgres() as postgres:
        urls = postgres.create_database("placet")
        environ = {
            "PLACET_VAR": str(postgres.folder / "var"),
            "PLACET_DATABASE_URL": urls.url,
            "PLACET_MIGRATION_URL": urls.migration_url,
            "PLACET_BROKER_URL": broker_url,
            "PLACET_SECRET_KEY": "a key for measuring",
            "PLACET_AUDIT_KEY": "a key for measuring",
            "PLACET_RATE_LIMITS": "off",
            "PLACET_PORT": str(children.free_port()),
        }
        settings = load_settings(environ)
        settings.var.mkdir()
        migrate(settings)
        yield Installation(postgres, urls, environ, settings)


@contextmanager
def web(place: Installation, workers: int, threads: int = 8) -> Iterator[int]:
    """Serve the installation; yields the process id of gunicorn, whose workers are below it."""
    words = ["serve", f"--workers={workers}", f"--threads={threads}"]
    with running(place, *words) as process:
        _wait_until_it_answers(place.settings.port, process)
        yield process.pid


@contextmanager
def running(place: Installation, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of placet's commands; its output goes to a file that a failure quotes."""
    log = place.postgres.folder / f"{words[0]}.log"
    with log.open("wb") as output:
        process = children.start(
            [sys.executable, "-m", "tasks.cli", *words],
            output,
            env={**os.environ, **place.environ},
            cwd=Path(__file__).resolve().parent.parent,
        )
    try:
        yield process
    except Exception:
        print(log.read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        children.stop(process, signal.SIGTERM, 30)


class Client:
    """One connection to the API, kept open, with one person's token."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> Any:
        return self._ask("POST", path, orjson.dumps(body), headers)

    def close(self) -> None:
        self._connection.close()

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None = None
    ) -> Any:
        self._connection.request(method, path, body, {**self._headers, **(headers or {})})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {content[:500]!r}")
        return orjson.loads(content) if content else None


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("the web process did not start")
