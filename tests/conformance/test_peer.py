"""Another engine's scenarios go in Placet, through its commands and tables, as they do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformance import peer
from tests.conformance.peer_case import installation
from tests.conformance.shared import shared
from tests.workflows.building import diagram, element, timer, user

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def _installed() -> Iterator[None]:
    with installation():
        yield


@pytest.fixture
def a_scenario(tmp_path: Path) -> Callable[..., Path]:
    """Write a scenario of the shared ones with other steps, or another diagram."""

    def write(name: str, steps: list[dict[str, Any]], **other: Any) -> Path:
        file = shared("peer") / f"{name}.yaml"
        scenario = yaml.safe_load(file.read_text("utf-8"))
        scenario["bpmn"] = [str(file.parent / each) for each in scenario["bpmn"]]
        scenario["cases"] = [{"name": "-", "start": {}, "steps": steps}]
        changed = tmp_path / f"{name}.yaml"
        changed.write_text(yaml.safe_dump({**scenario, **other}), "utf-8")
        return changed

    return write


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize("reload", [False, True], ids=["plain", "read anew after every step"])
def test_every_scenario_goes_as_the_peers_does(reload: bool) -> None:
    files = sorted(shared("peer").glob("*.yaml"))

    problems = {file.stem: problem for file in files if (problem := peer.run(file, reload))}

    assert problems == {}
    assert len(files) == 46


def test_the_command_counts_and_is_content_only_when_all_passed(capsys: pytest.CaptureFixture[str]) -> None:
    code = peer.main([str(shared("peer"))])

    assert capsys.readouterr().out.splitlines() == ["46 passed, 0 refused, 0 failed"]
    assert code == 0


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize(
    ("name", "steps", "said"),
    [
        pytest.param("call-simple", [{"open": ["nobody"]}], "step 1: DifferenceError: open are", id="open"),
        pytest.param("call-simple", [{"complete": "nobody"}], "no task nobody is open", id="complete"),
        pytest.param("call-simple", [{"ended": True}], "its status is RUNNING", id="ended"),
        pytest.param("call-simple", [{"waiting": ["nobody"]}], "waiting are", id="waiting"),
        pytest.param("call-simple", [{"vars": {"no": 1}}], "no is None, expected 1", id="variables"),
        pytest.param("call-simple", [{"fails": {"element": "x"}}], "expected one at x", id="an incident"),
        pytest.param(
            "call-simple", [{"message": "none"}], "0 instances await the message none", id="message"
        ),
        pytest.param(
            "msg-boundary-double", [{"refused": {"message": "messageName_1"}}], "is awaited", id="refused"
        ),
        pytest.param("call-simple", [{"dance": 1}], "AttributeError", id="a step that there is not"),
    ],
)
def test_a_scenario_that_goes_another_way_is_told_with_its_step(
    a_scenario: Callable[..., Path], name: str, steps: list[dict[str, Any]], said: str
) -> None:
    problem = peer.run(a_scenario(name, steps))

    assert problem.startswith("failed: case -, step 1: ")
    assert said in problem


def test_a_scenario_that_fails_or_is_refused_is_a_line_and_the_commands_failure(
    a_scenario: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_scenario("call-simple", [{"ended": True}])
    foreign = shared("peer") / "bpmn" / "EventBasedGatewayTest.throwAlertSignal.bpmn20.xml"
    text = foreign.read_text("utf-8").replace("intermediateThrowEvent", "complexGateway")
    (tmp_path / "foreign.bpmn").write_text(text, "utf-8")
    a_scenario("sig-throw-to-other-process", [], bpmn=[str(tmp_path / "foreign.bpmn")])

    code = peer.main([str(tmp_path)])

    failed, refused, last = capsys.readouterr().out.splitlines()
    assert failed.startswith("call-simple: failed: case -, step 1")
    assert refused.startswith("sig-throw-to-other-process: refused: ")
    assert (last, code) == ("0 passed, 1 refused, 1 failed", 1)


@pytest.mark.usefixtures("_installed")
def test_what_none_of_the_shared_scenarios_does_can_be_said_too(tmp_path: Path) -> None:
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    body = (
        element("startEvent", "s", message)
        + element("receiveTask", "r")
        + user("a", camunda_assignee="kermit")
        + element("intermediateCatchEvent", "w", timer(timeDuration="PT1H"))
    )
    declared = '<bpmn:message id="m" name="go"/>'
    (tmp_path / "p.bpmn").write_bytes(diagram(body, "s -> r\nr -> a\na -> w", before=declared))
    steps = [
        {"waiting": ["r"]},
        {"trigger": "r"},
        {"assignees": {"a": ["kermit"]}},
        {"set": {"x": 5}},
        {"complete": {"task": "a", "set": {"y": [1]}}},
        {"vars": {"x": 5, "y": [1], "z": 3}},
        {"ended": False},
        {"advance": "PT1H"},
        {"ended": True},
        {"vars": {"x": 5}},
    ]
    case = {"name": "-", "start": {"z": 3}, "start_message": "go", "steps": steps}
    scenario = tmp_path / "p.yaml"
    scenario.write_text(yaml.safe_dump({"bpmn": ["p.bpmn"], "process": "p", "cases": [case]}), "utf-8")

    assert [peer.run(scenario, reload) for reload in (False, True)] == ["", ""]
    case["steps"] = [{"trigger": "r"}, {"assignees": {"a": ["gonzo"]}}]
    scenario.write_text(yaml.safe_dump({"bpmn": ["p.bpmn"], "process": "p", "cases": [case]}), "utf-8")
    assert "step 2: DifferenceError: assignees of a are [None]" in peer.run(scenario)
