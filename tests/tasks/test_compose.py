"""The services of the compose file, run without containers: their own commands, in their own environment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from tasks import children
from tasks.embedded import Postgres, Valkey, open_folder
from tasks.supervise import Service, Supervisor
from tests.servers import ROOT
from tests.tasks.test_packing import SECRETS, compose
from tests.tasks.test_supervise import serve_until

PROCESSES = ("web", "events", "worker", "relay")


@pytest.fixture
def folder() -> Iterator[Path]:
    found = open_folder("placet-compose-")
    yield found
    subprocess.run(["rm", "-rf", found], check=True)


@pytest.fixture
def services(folder: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """The file's services, with embedded servers and free ports where containers would be."""
    postgres, valkey = (
        Postgres(folder / "postgres"),
        Valkey(folder / "valkey", children.free_port(), "valkey"),
    )
    postgres.start()
    valkey.start()
    urls = postgres.create_database("placet")
    places = {
        "postgresql://placet_app:app@postgres:5432/placet": urls.url,
        "postgresql://placet_owner:owner@postgres:5432/placet": urls.migration_url,
        "redis://:valkey@valkey:6379/0": valkey.url,
        "0.0.0.0": "127.0.0.1",  # noqa: S104 # is what we replace
        "8000": str(children.free_port()),
        "8001": str(children.free_port()),
    }
    text = compose("--format", "json", **SECRETS).stdout.decode()
    for there, here in places.items():
        text = text.replace(there, here)
    yield orjson.loads(text)["services"]
    valkey.stop()
    postgres.stop()


def environ(service: Mapping[str, Any], folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        **service["environment"],
        "PLACET_VAR": str(folder / "var"),
        "PYTHONPATH": str(ROOT),
    }


def is_well(service: Mapping[str, Any], folder: Path) -> bool:
    """Ask what the file's health check asks."""
    kind, program, *words = service["healthcheck"]["test"]
    assert kind == "CMD"
    ours = {"python": [sys.executable], "placet": [sys.executable, "-m", "tasks.cli"]}[program]
    asked = subprocess.run([*ours, *words], env=environ(service, folder), cwd=folder, capture_output=True)
    return asked.returncode == 0


@pytest.mark.untraced
def test_every_service_of_the_compose_file_migrates_serves_and_stops(
    services: dict[str, dict[str, Any]], folder: Path
) -> None:
    said: list[str] = []
    ready: list[str] = []
    job = services["migrate"]
    placet = [sys.executable, "-m", "tasks.cli"]
    migrated = subprocess.run(
        [*placet, *job["command"]], env=environ(job, folder), cwd=folder, capture_output=True, text=True
    )
    assert (migrated.returncode, migrated.stderr) == (0, "")

    supervisor = Supervisor(
        [
            Service(
                name,
                [*placet, *services[name]["command"]],
                environ(services[name], folder),
                is_ready=lambda name=name: is_well(services[name], folder),
                when_ready=lambda name=name: ready.append(name),
            )
            for name in PROCESSES
        ],
        ["web", "events", "relay", "worker"],
        said.append,
    )
    began = time.monotonic()
    serve_until(supervisor, lambda: len(ready) == len(PROCESSES), 120)

    assert ready == list(PROCESSES), said
    assert not [line for line in said if "starts again" in line or "is killed" in line]
    assert time.monotonic() - began < 120
