"""`placet run`: from an empty folder to a page, and down again without losing anything."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tasks import children
from tests.servers import ROOT
from tests.tasks.test_supervise import is_alive

READY_SECONDS = 90


class Running:
    """A started `placet run`, with what it said so far."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = children.free_port()
        self.log = var.with_name(f"{self.port}.log")
        environ = {**os.environ, "PLACET_VAR": str(var), "PLACET_PORT": str(self.port)}
        environ["PLACET_EVENTS_PORT"] = str(children.free_port())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tasks.cli", "run"], cwd=ROOT, env=environ, stdout=log, stderr=log
            )

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + READY_SECONDS
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(word) for word in listed.stdout.split()]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An installation that began in an empty folder, as all tests of this module find it."""
    started = Running(tmp_path_factory.mktemp("run") / "var")
    started.wait_for("Ctrl-C stops everything.")
    yield started
    started.process.kill()
    started.process.wait()


def test_an_empty_folder_becomes_an_installation_with_a_demo(running: Running) -> None:
    demo = orjson.loads((running.var / "demo.json").read_bytes())

    said = running.said()
    assert f"Placet is at http://127.0.0.1:{running.port}" in said
    assert [person["email"] for person in demo["people"] if person["email"] not in said] == []
    assert [person["name"] for person in demo["people"] if person["password"] not in said] == []
    assert stat.S_IMODE(running.var.stat().st_mode) == 0o700


def test_two_installations_do_not_share_a_folder(running: Running) -> None:
    second = Running(running.var)

    assert second.process.wait(60) == 1
    assert f"placet: Placet already runs on {running.var}: stop it" in second.said()


def test_ctrl_c_stops_everything_and_the_next_start_keeps_the_demo(tmp_path: Path) -> None:
    first = Running(tmp_path / "var")
    first.wait_for("Ctrl-C stops everything.")
    demo = (first.var / "demo.json").read_bytes()

    code = first.stop()

    assert code == 0
    assert first.said().endswith("Placet has stopped\n")
    assert "is killed" not in first.said()
    again = Running(first.var)
    again.wait_for(f"Placet is at http://127.0.0.1:{again.port}")
    assert again.stop() == 0
    assert (first.var / "demo.json").read_bytes() == demo


def test_killing_the_supervisor_leaves_nothing_running(tmp_path: Path) -> None:
    running = Running(tmp_path / "var")
    running.wait_for("Ctrl-C stops everything.")
    started = running.children()
    assert started

    running.process.kill()
    running.process.wait()

    deadline = time.monotonic() + 40
    while any(is_alive(each) for each in started) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(is_alive(each) for each in started)
