"""What an operator reads when something is missing: one line that names it, and no password."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def placet(var: Path, *words: str, **environ: str) -> tuple[int, str]:
    """Run a command in an empty installation; return its exit code and what it said on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "tasks.cli", *words],
        cwd=ROOT,
        env={**os.environ, "PLACET_VAR": str(var), **environ},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


def test_a_taken_port_is_named_with_its_setting(tmp_path: Path, taken_port: int) -> None:
    code, said = placet(tmp_path, "run", "--port", str(taken_port))

    assert (code, said) == (1, f"placet: port {taken_port} is taken: choose another with PLACET_PORT\n")


@pytest.mark.parametrize(
    ("variable", "url", "expected"),
    [
        pytest.param(
            "PLACET_DATABASE_URL",
            "postgresql://ann:hush@127.0.0.1:1/orders",
            "placet: the database postgresql+psycopg://ann:***@127.0.0.1:1/orders cannot be reached:",
            id="PostgreSQL that is not there",
        ),
        pytest.param(
            "PLACET_DATABASE_URL",
            "mysql://ann:hush@127.0.0.1:1/orders",
            "placet: the database mysql+pymysql://ann:***@127.0.0.1:1/orders cannot be reached:",
            id="MariaDB that is not there",
        ),
        pytest.param(
            "PLACET_DATABASE_URL",
            "oracle9://ann:hush@host/orders",
            "placet: PLACET_DATABASE_URL='oracle9:...' is not a URL such as postgresql:",
            id="a database that we do not know",
        ),
        pytest.param(
            "PLACET_BROKER_URL",
            "redis://:hush@127.0.0.1:1/0",
            "placet: the broker redis://:**@127.0.0.1:1/0 cannot be reached:",
            id="Redis that is not there",
        ),
        pytest.param(
            "PLACET_BROKER_URL",
            "amqp://ann:hush@127.0.0.1:1//",
            "placet: the broker amqp://ann:**@127.0.0.1:1// cannot be reached:",
            id="RabbitMQ that is not there",
        ),
        pytest.param(
            "PLACET_BROKER_URL",
            "pigeon://ann:hush@host",
            "placet: PLACET_BROKER_URL='pigeon:...' is not a URL such as redis:",
            id="a broker that we do not know",
        ),
        pytest.param(
            "PLACET_PORT", "http", "placet: PLACET_PORT='http' is not a port", id="a port that is no number"
        ),
    ],
)
def test_what_cannot_be_used_is_one_line_without_the_password(
    tmp_path: Path, variable: str, url: str, expected: str
) -> None:
    code, said = placet(tmp_path, "run", **{variable: url})

    assert code == 1
    assert said.startswith(expected)
    assert said.count("\n") == 1
    assert "hush" not in said


def test_a_public_address_needs_keys_of_its_own(tmp_path: Path) -> None:
    code, said = placet(tmp_path, "migrate", PLACET_BASE_URL="https://orders.example.com")

    assert code == 1
    assert said.startswith("placet: PLACET_SECRET_KEY must be set, as https://orders.example.com")
    assert not (tmp_path / "secrets.json").exists()


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    first = placet(tmp_path, "migrate")

    second = placet(tmp_path, "migrate")

    assert first == second == (0, "")
