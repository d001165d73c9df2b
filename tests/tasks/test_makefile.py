"""The two commands on machines that lack something: one clear line, and nothing half made."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile alone, and a PATH with next to nothing on it."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / "bin").mkdir()
    for tool in ("touch", "find", "mkdir"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or "")
    return tmp_path


def a_program(checkout: Path, name: str, script: str) -> None:
    file = checkout / "bin" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def make(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("make") or "make", "--silent", "--old-file=.venv/python.stamp", target],
        cwd=checkout,
        env={"PATH": str(checkout / "bin")},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(None, id="no Python at all"),
        pytest.param("exit 1", id="a Python that is too old"),
    ],
)
def test_a_machine_without_python_is_told_so(checkout: Path, script: str | None) -> None:
    if script:
        a_program(checkout, "python3", script)

    done = subprocess.run(
        [shutil.which("make") or "make", "--silent", ".venv/python.stamp"],
        cwd=checkout,
        env={"PATH": str(checkout / "bin")},
        capture_output=True,
        text=True,
    )

    assert done.returncode != 0
    assert done.stdout == "Placet needs Python 3.11 or newer, and there is none on PATH\n"
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("script", "found"),
    [
        pytest.param(None, "none", id="no Node at all"),
        pytest.param("echo v16.20.2", "v16.20.2", id="a Node that is too old"),
    ],
)
def test_a_machine_without_node_is_told_so(checkout: Path, script: str | None, found: str) -> None:
    if script:
        a_program(checkout, "node", script)

    done = make(checkout, ".venv/frontend.stamp")

    assert done.returncode != 0
    assert done.stdout == f"Placet needs Node 20 or newer to build its front end; found: {found}\n"
    assert not (checkout / ".venv" / "frontend.stamp").exists()


def test_a_checkout_without_a_front_end_wants_no_node(checkout: Path) -> None:
    done = make(checkout, "setup")

    assert "Node" not in done.stdout
    assert not (checkout / ".venv" / "frontend.stamp").exists()


def test_the_tests_come_after_the_linters_and_in_one_run() -> None:
    rule = (ROOT / "Makefile").read_text("utf-8").split("\ntest: ")[1].split("\n\n")[0]

    assert rule.splitlines()[0] == "setup lint browser"
    assert rule.count("$(PYTEST)") == 1
    assert "--cov" in rule.splitlines()[-1]
