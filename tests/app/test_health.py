"""Whether the installation can serve: `/readyz` names the part that cannot, and `/healthz` lives on."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, text

from app import create_app, health
from app.config import Settings
from app.database import db, transaction, transaction_across_organisations
from app.health import CHECK_SECONDS, LONGEST_LAG
from app.moments import utc_now
from app.outbox.asking import ask
from app.outbox.models import ServiceCall
from tests.builders import a_firm
from tests.databases import Database

OK = {"database": "ok", "migrations": "ok", "outbox": "ok", "broker": "ok"}


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers, answers in time: a busy machine takes its second for the database alone."""
    monkeypatch.setattr(health, "CHECK_SECONDS", 10.0)


@contextmanager
def _serving(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def app(settings: Settings, broker_url: str) -> Iterator[Flask]:
    """An installation whose parts all answer, with nothing to do."""
    with _serving(replace(settings, broker_url=broker_url)) as made:
        with transaction_across_organisations() as tx:
            tx.session.execute(delete(ServiceCall))
        yield made


@contextmanager
def _something(says: bytes) -> Iterator[int]:
    """Listen on a port; whoever connects and speaks is told this, if anything at all."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as threads:
        told = threads.submit(_answer, listener, says)
        yield listener.getsockname()[1]
        told.result(10)


def _answer(listener: socket.socket, says: bytes) -> None:
    listener.settimeout(10)
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(10)
        connection.recv(64)
        connection.sendall(says)
        connection.recv(64)  # until the other side hangs up


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _asked(app: Flask) -> tuple[int, dict[str, str]]:
    """What the balancer is told; the process itself lives all the while."""
    client = app.test_client()
    answer = client.get("/readyz")
    said = answer.get_json()
    assert said["ready"] is (answer.status_code == 200)
    assert client.get("/healthz").status_code == 200
    return answer.status_code, said["checks"]


def test_an_installation_whose_parts_all_answer_is_ready(app: Flask) -> None:
    assert _asked(app) == (200, OK)


def test_a_broker_that_is_away_is_named(settings: Settings) -> None:
    with _serving(replace(settings, broker_url=f"redis://127.0.0.1:{_closed_port()}/0")) as app:
        assert _asked(app) == (503, {**OK, "broker": "ConnectionRefusedError"})


def test_a_broker_that_says_nothing_is_waited_for_one_second(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", CHECK_SECONDS)
    with (
        _something(b"") as port,
        _serving(replace(settings, broker_url=f"amqp://guest:guest@127.0.0.1:{port}//")) as app,
    ):
        began = time.monotonic()
        status, checks = _asked(app)
        took = time.monotonic() - began

    assert status == 503
    assert took < 3 * CHECK_SECONDS
    assert checks.pop("broker") in ("no answer within 1 s", "TimeoutError")
    assert set(checks.values()) == {"ok"}


@pytest.mark.parametrize(
    ("scheme", "says", "told"),
    [
        pytest.param("redis", b"+PONG\r\n", "ok", id="a Redis"),
        pytest.param("redis", b"-NOAUTH Authentication required.\r\n", "ok", id="a Redis with a password"),
        pytest.param("amqp", b"\x01\x00\x00\x00\x00\x01", "ok", id="a RabbitMQ"),
        pytest.param("amqp", b"AMQP\x00\x00\x09\x01", "ok", id="a RabbitMQ that wants another version"),
        pytest.param(
            "redis", b"SSH-2.0-Server\r\n", "the broker answers something else", id="another server"
        ),
        pytest.param("amqp", b"HTTP/1.1 400\r\n", "the broker answers something else", id="a web server"),
    ],
)
def test_what_answers_at_the_brokers_address_is_told_from_a_broker(
    settings: Settings, scheme: str, says: bytes, told: str
) -> None:
    with (
        _something(says) as port,
        _serving(replace(settings, broker_url=f"{scheme}://127.0.0.1:{port}/")) as app,
    ):
        assert _asked(app) == (200 if told == "ok" else 503, {**OK, "broker": told})


def test_a_database_that_is_away_is_named_by_all_that_needs_it(
    settings: Settings, broker_url: str, tmp_path: Path
) -> None:
    away = {
        "sqlite": f"sqlite:///{tmp_path / 'nowhere' / 'placet.db'}",
        "postgresql": f"postgresql+psycopg://placet@127.0.0.1:{_closed_port()}/placet",
    }
    kind = settings.database_url.partition(":")[0].partition("+")[0]
    lost = replace(settings, broker_url=broker_url, database_url=away.get(kind, away["postgresql"]))

    with _serving(lost) as app:
        status, checks = _asked(app)

    assert status == 503
    assert checks.pop("broker") == "ok"
    assert set(checks.values()) == {"OperationalError"}


def test_a_database_that_must_be_migrated_is_named_with_what_helps(app: Flask, database: Database) -> None:
    with _older_by_a_migration(database):
        behind = _asked(app)

    assert behind == (503, {**OK, "migrations": "the database needs migrating: placet migrate"})
    assert _asked(app) == (200, OK)


@contextmanager
def _older_by_a_migration(database: Database) -> Iterator[None]:
    owner = create_engine(database.migration_url)
    head = "select version_num from alembic_version"
    with owner.begin() as connection:
        version = connection.execute(text(head)).scalar_one()
        connection.execute(text("update alembic_version set version_num = 'before'"))
    try:
        yield
    finally:
        with owner.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :was"), {"was": version})
        owner.dispose()


@pytest.mark.parametrize(
    ("seconds", "ready"),
    [
        pytest.param(LONGEST_LAG.total_seconds() - 20, True, id="not long"),
        pytest.param(LONGEST_LAG.total_seconds() + 20, False, id="too long"),
    ],
)
def test_calls_that_nobody_begins_are_told_with_how_long_they_wait(
    app: Flask, seconds: float, ready: bool
) -> None:
    firm = a_firm()
    now = utc_now()
    with transaction(firm.org_id) as tx:
        for later in (0, 5):
            due_at = now - timedelta(seconds=seconds - later)
            ask(tx, "stock.reserve", {}, now=now, due_at=due_at)

    status, checks = _asked(app)

    assert status == (200 if ready else 503)
    told = "ok" if ready else r"2 calls wait, the oldest for 8[01] s"
    assert re.fullmatch(told, checks.pop("outbox"))
    assert set(checks.values()) == {"ok"}
