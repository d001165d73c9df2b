"""What a diagram asks of its approvers is done, or refused before anybody relies on it."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import diagram, element, user


def _errors(name: str, value: str) -> list[tuple[str, str]]:
    properties = (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="{name}" value="{value}"/>'
        "</camunda:properties></bpmn:extensionElements>"
    )
    body = element("startEvent", "s") + user("approve", properties)
    findings = workflows.check({"p.bpmn": diagram(body, "s -> approve")}, {})
    return [(f.element, f.message) for f in findings if f.severity == "error"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("approval.mode", "one", id="one of the team decides"),
        pytest.param("approval.excluded", "[requester]", id="who may not decide"),
        pytest.param("milestone", "approved", id="a milestone"),
        pytest.param("owner", "finance", id="a word of somebody else's"),
    ],
)
def test_a_known_word_is_taken(name: str, value: str) -> None:
    assert _errors(name, value) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("approval.mode", "all", "approval.mode 'all' is not executed yet", id="all must agree"),
        pytest.param("approval.quorum", "2", "approval.quorum is not executed yet", id="two of them"),
        pytest.param(
            "approval.on_due", "approve", "approval.on_due is not executed yet", id="silence agrees"
        ),
    ],
)
def test_several_approvers_of_one_step_are_refused_by_name(name: str, value: str, message: str) -> None:
    ((found, reason),) = _errors(name, value)

    assert found == "approve"
    assert reason.startswith(message)
