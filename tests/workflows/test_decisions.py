"""Business rule tasks: what a table answers, and where it has no answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.building import Run, diagram, element, user

pytestmark = pytest.mark.usefixtures("each_way")

_TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="d">'
    '<decision id="level" name="level"><variable name="level"/><decisionTable id="t" hitPolicy="{policy}">'
    '<input id="i"><inputExpression id="ie"><text>amount</text></inputExpression></input>'
    '<output id="o" name="level"/>{rules}</decisionTable></decision></definitions>'
)
_RULE = (
    '<rule id="r{key}"><inputEntry id="c{key}"><text>{test}</text></inputEntry>'
    '<outputEntry id="oe{key}"><text>{value}</text></outputEntry></rule>'
)


def _asked(policy: str, mapping: str, *rules: tuple[str, str], **variables: Any) -> Run:
    rows = "".join(
        _RULE.format(key=key, test=test.replace("<", "&lt;"), value=value)
        for key, (test, value) in enumerate(rules)
    )
    table = _TABLE.format(policy=policy, rules=rows).encode()
    task = element(
        "businessRuleTask",
        "ask",
        camunda_decisionRef="level",
        camunda_resultVariable="found",
        camunda_mapDecisionResult=mapping,
    )
    content = diagram(element("startEvent", "s") + task + user("a"), "s -> ask\nask -> a")
    return Run(content, tables={"t.dmn": table}, **variables)


@pytest.mark.parametrize(
    ("policy", "mapping", "amount", "found"),
    [
        pytest.param("FIRST", "singleEntry", 3, 1, id="one entry"),
        pytest.param("FIRST", "singleEntry", 99, None, id="no row is no entry"),
        pytest.param("COLLECT", "collectEntries", 3, [1, 2], id="the entries of all rows"),
        pytest.param("COLLECT", "collectEntries", 99, [], id="no rows are no entries"),
        pytest.param("COLLECT", "resultList", 99, [], id="no rows are an empty list"),
    ],
)
def test_a_decision_comes_in_the_shape_that_its_task_asks_for(
    policy: str, mapping: str, amount: int, found: object
) -> None:
    run = _asked(policy, mapping, ("< 5", "1"), ("< 10", "2"), amount=amount)

    assert run.variables["found"] == found
    assert run.stuck == []


def test_rows_that_contradict_each_other_are_an_incident_and_no_answer() -> None:
    run = _asked("UNIQUE", "singleEntry", ("< 5", "1"), ("< 10", "2"), amount=3)

    assert run.stuck == ["ask"]
    assert "where only one may" in run.incidents[0].message
    run.retry(amount=7)
    assert run.variables["found"] == 2


def test_several_rows_where_the_task_takes_one_are_an_incident() -> None:
    run = _asked("COLLECT", "singleEntry", ("< 5", "1"), ("< 10", "2"), amount=3)

    assert run.stuck == ["ask"]
    assert "2 rules matched" in run.incidents[0].message
