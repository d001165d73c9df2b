"""`placet insights experiment` shows what a plan's verdicts are worth."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tasks.cli import placet
from tasks.errors import InsightsError

ASKED = ["insights", "experiment", "--mean", "0.3", "--units", "400", "--runs", "200"]


def test_it_says_how_often_a_difference_is_called_where_there_is_none() -> None:
    said = CliRunner().invoke(placet, ASKED)

    assert said.exit_code == 0
    first, last = said.stdout.splitlines()
    assert first.startswith("false alarms: ")
    assert first.endswith("of 200 runs, at a level of 5.00%")
    assert float(first.split()[2].rstrip("%")) < 12
    assert last.startswith("ended early: ")
    assert "200 of 200 runs" in said.stderr


def test_it_says_how_often_one_is_found_that_is_there() -> None:
    said = CliRunner().invoke(placet, [*ASKED, "--effect", "0.6"])

    assert said.stdout.splitlines()[0].startswith("called different: ")
    assert float(said.stdout.splitlines()[1].split()[1].rstrip("%")) > 70


def test_a_scene_that_cannot_be_is_named() -> None:
    said = CliRunner().invoke(placet, [*ASKED, "--effect", "9"])

    assert isinstance(said.exception, InsightsError)
    with pytest.raises(InsightsError, match="between 0 and 1"):
        raise said.exception
