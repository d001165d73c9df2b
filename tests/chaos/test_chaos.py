"""A short run under kills; `make chaos` is the long one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.embedded import open_folder
from tests.chaos.fates import Fate, plans
from tests.chaos.running import run


@pytest.fixture
def folder() -> Iterator[Path]:
    found = open_folder("placet-chaos-")
    yield found
    shutil.rmtree(found, ignore_errors=True)


@pytest.mark.untraced
def test_killing_whatever_can_be_killed_loses_and_repeats_nothing(folder: Path) -> None:
    said: list[str] = []

    report = run(folder, orders=20, seed=3, say=said.append, kills=5)

    assert str(report) == "orders 20, ended 20, doubled 0, audit ok", said
    assert report.holds, said


def test_a_seed_plans_the_same_orders_again_with_every_fate() -> None:
    first, second = plans(100, seed=1), plans(100, seed=1)

    assert first == second
    assert {plan.fate for plan in first} == set(Fate)
    assert plans(100, seed=2) != first
