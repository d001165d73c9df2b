"""Another engine's scenarios go as they do there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conformance import peer
from tests.conformance.shared import shared


@pytest.mark.shared
@pytest.mark.parametrize("reload", [False, True], ids=["plain", "read anew before every step"])
def test_every_scenario_goes_as_the_peers_does(reload: bool) -> None:
    files = sorted(shared("peer").glob("*.yaml"))

    problems = {file.stem: problem for file in files if (problem := peer.run(file, reload))}

    assert problems == {}
    assert len(files) == 46


@pytest.mark.shared
def test_the_command_counts_and_fails_only_for_what_ran_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    code = peer.main([str(shared("peer")), "--reload"])

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "46 passed, 0 refused, 0 failed"
    assert len(lines) == 1
    assert code == 0


@pytest.mark.shared
def test_a_scenario_that_goes_another_way_is_told_with_its_step(tmp_path: Path) -> None:
    file = shared("peer") / "call-simple.yaml"
    scenario = yaml.safe_load(file.read_text("utf-8"))
    scenario["bpmn"] = [str(file.parent / name) for name in scenario["bpmn"]]
    scenario["cases"][0]["steps"] = [{"open": ["nothing of the kind"]}]
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(scenario), "utf-8")

    assert peer.run(broken).startswith("failed: case -, step 1: DifferenceError: open are")
    assert peer.main([str(tmp_path)]) == 1
