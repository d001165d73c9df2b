"""`placet run`: from an empty folder to a page, and down again without losing anything."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.tasks.running import Running, running_placet
from tests.tasks.test_supervise import is_alive


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An installation that began in an empty folder, as all tests of this module find it."""
    with running_placet(tmp_path_factory.mktemp("run") / "var") as started:
        yield started


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


def test_an_order_goes_from_need_to_closed(running: Running) -> None:
    walked = running.placet("walk")

    assert re.fullmatch(r"order O-\d+ closed", walked.stdout.splitlines()[-1]), walked.stderr
    assert walked.returncode == 0


def test_the_walk_ends_at_the_approval_where_it_is_asked_to(running: Running) -> None:
    walked = running.placet("walk", "--until", "approved")

    assert re.fullmatch(r"order O-\d+ approved", walked.stdout.splitlines()[-1]), walked.stderr
    assert walked.returncode == 0


@pytest.mark.untraced
def test_ctrl_c_stops_everything_at_once_and_the_next_start_goes_on(tmp_path: Path) -> None:
    """An order stops at the approval, half-way; after the next start it comes to its end."""
    first = Running(tmp_path / "var")
    first.wait_for()
    demo = (first.var / "demo.json").read_bytes()
    half_way = first.placet("walk", "--until", "approved")
    began = time.monotonic()

    code = first.stop()

    assert (code, half_way.returncode) == (0, 0)
    assert time.monotonic() - began < 40  # a call at work has ten seconds to end, a busy machine its own
    assert first.said().endswith("Placet has stopped\n")
    assert "is killed" not in first.said()
    number = half_way.stdout.split()[-2]
    with running_placet(first.var) as again:
        walked = again.placet("walk", "--url", again.url, "--order", number)
        assert walked.stdout.endswith(f"order {number} closed\n"), walked.stderr
    assert (first.var / "demo.json").read_bytes() == demo


def test_a_start_and_a_stop_say_nothing_but_what_helps(tmp_path: Path) -> None:
    with running_placet(tmp_path / "var") as running:
        began = time.monotonic()
        running.stop()

    assert time.monotonic() - began < 10
    assert [line for line in running.said().splitlines() if "| " in line] == []


def test_killing_the_supervisor_leaves_nothing_running(tmp_path: Path) -> None:
    running = Running(tmp_path / "var")
    running.wait_for()
    started = running.children()
    assert started

    running.process.kill()
    running.process.wait()

    deadline = time.monotonic() + 40
    while any(is_alive(each) for each in started) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(is_alive(each) for each in started)
