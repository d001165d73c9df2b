"""What would go on for ever is stopped, told, and can be taken up again: nothing of it is lost."""

from __future__ import annotations

import orjson
import pytest

import workflows
from tests.workflows.building import Run, element, script, sub, user
from tests.workflows.definitions import END, START, draw

pytestmark = pytest.mark.usefixtures("each_way")


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit itself costs time."""
    monkeypatch.setattr("workflows.instance.STEPS", 500)


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


def test_what_the_limit_stopped_is_the_only_place_left() -> None:
    run = Run(_fed_by_itself("", "s2 -> more"), n=0)
    run.change(n=1)

    assert run.stuck == ["es"]
    assert sorted(run.step.tokens) == [("p", "a"), ("p", "es")]


def test_a_scope_that_an_older_version_left_open_ends_later() -> None:
    work = sub("w", element("startEvent", "s2") + user("b"), "s2 -> b")
    run = Run(draw(START + work + user("a") + END, "s -> w\nw -> a\na -> e"))
    state = orjson.loads(run.step.state)
    state[3][1][3] = []  # what stood inside is gone
    run.open.clear()

    run.do(workflows.change, orjson.dumps(state), {"n": 1}, run.now)

    assert run.tasks == ["a"]
