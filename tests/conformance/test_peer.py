"""Another engine's scenarios: what we execute goes as theirs does, what we do not execute is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from lxml import etree

from tests.conformance import peer
from tests.conformance.shared import shared

LATER = {
    "multiInstance",
    "eventSubProcess",
    "escalation",
    "compensation",
    "conditional",
    "transaction",
    "cancel",
}
"""Features that are not executed yet."""


def scenarios(later: bool) -> list[Path]:
    found = []
    for file in sorted(shared("peer").glob("*.yaml")):
        features = set(yaml.safe_load(file.read_text("utf-8"))["features"])
        if bool(features & LATER) is later:
            found.append(file)
    return found


@pytest.mark.shared
@pytest.mark.parametrize("reload", [False, True], ids=["plain", "read anew before every step"])
def test_what_we_execute_goes_as_the_peer_does(reload: bool) -> None:
    files = scenarios(later=False)

    problems = {file.stem: problem for file in files if (problem := peer.run(file, reload))}

    assert problems == {}
    assert len(files) == 28


@pytest.mark.shared
def test_what_we_do_not_execute_is_refused_naming_an_element_of_the_file() -> None:
    files = scenarios(later=True)

    assert len(files) == 18
    for file in files:
        kind, element, reason = peer.run(file).split(": ", 2)
        assert kind == "refused", file.stem
        assert element in ids_of(file), file.stem
        assert "not executed" in reason, file.stem


def ids_of(file: Path) -> set[str]:
    diagrams = yaml.safe_load(file.read_text("utf-8"))["bpmn"]
    roots = [etree.fromstring((file.parent / name).read_bytes()) for name in diagrams]
    return {str(node.get("id")) for root in roots for node in root.iter(etree.Element)}


@pytest.mark.shared
def test_the_command_counts_and_fails_only_for_what_ran_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    code = peer.main([str(shared("peer")), "--reload"])

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "28 passed, 18 refused, 0 failed"
    assert len(lines) == 19
    assert code == 0


@pytest.mark.shared
def test_a_scenario_that_goes_another_way_is_told_with_its_step(tmp_path: Path) -> None:
    file = next(file for file in scenarios(later=False) if file.stem == "call-simple")
    scenario = yaml.safe_load(file.read_text("utf-8"))
    scenario["bpmn"] = [str(file.parent / name) for name in scenario["bpmn"]]
    scenario["cases"][0]["steps"] = [{"open": ["nothing of the kind"]}]
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(scenario), "utf-8")

    assert peer.run(broken).startswith("failed: case -, step 1: DifferenceError: open are")
    assert peer.main([str(tmp_path)]) == 1
