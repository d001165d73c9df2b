"""What would go on for ever is stopped, told, and can be taken up again: nothing of it is lost."""

from __future__ import annotations

import pytest

from tests.workflows.building import Run, element, script, sub, user
from tests.workflows.definitions import END, START, draw

pytestmark = pytest.mark.usefixtures("each_way")


def _fed_by_itself(inner: str, flows: str) -> bytes:
    """A condition that its own event subprocess makes true again."""
    condition = (
        "<bpmn:conditionalEventDefinition><bpmn:condition>n &gt; 0</bpmn:condition>"
        "</bpmn:conditionalEventDefinition>"
    )
    start = element("startEvent", "s2", condition, isInterrupting="false")
    again = sub("es", start + script("more", "n + 1", "n") + inner, flows, triggeredByEvent="true")
    return draw(START + user("a") + END + again, "s -> a\na -> e")


@pytest.mark.parametrize(
    ("inner", "flows"),
    [
        ("", "s2 -> more"),
        (END.replace('"e"', '"e2"'), "s2 -> more\nmore -> e2"),
        (script("x", "1", "x"), "s2 -> more\nmore -> x"),
        (script("x", "1", "x") + script("y", "1", "y"), "s2 -> more\nmore -> x\nx -> y"),
    ],
    ids=["alone", "with an end", "with a script behind", "with two"],
)
def test_a_condition_that_feeds_itself_is_stopped_and_told_wherever_the_limit_strikes(
    inner: str, flows: str
) -> None:
    run = Run(_fed_by_itself(inner, flows), n=0)

    run.change(n=1)

    assert run.incidents
    assert all("without waiting" in each.message for each in run.incidents)


def test_a_scope_that_the_limit_left_open_ends_later() -> None:
    run = Run(_fed_by_itself("", "s2 -> more"), n=0)
    run.change(n=1)
    assert ("p", "es") in run.step.tokens

    run.change(m=1)

    assert run.step.tokens == (("p", "a"),)
