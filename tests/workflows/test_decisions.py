"""Business rule tasks: what a table answers, and where it has no answer."""

from __future__ import annotations

import re
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
    return Run(_asking(mapping), tables={"t.dmn": table}, **variables)


def _asking(mapping: str) -> bytes:
    task = element(
        "businessRuleTask",
        "ask",
        camunda_decisionRef="level",
        camunda_resultVariable="found",
        camunda_mapDecisionResult=mapping,
    )
    return diagram(element("startEvent", "s") + task + user("a"), "s -> ask\nask -> a")


@pytest.mark.parametrize(
    ("policy", "mapping", "amount", "found"),
    [
        pytest.param("FIRST", "singleEntry", 3, 1, id="one entry"),
        pytest.param("FIRST", "singleEntry", 99, None, id="no row is no entry"),
        pytest.param("COLLECT", "collectEntries", 3, [1, 2], id="the entries of all rows"),
        pytest.param("COLLECT", "collectEntries", 99, [], id="no rows are no entries"),
        pytest.param("COLLECT", "resultList", 99, [], id="no rows are an empty list"),
        pytest.param("COLLECT", "singleEntry", 7, 2, id="the one entry that was collected"),
        pytest.param("COLLECT", "singleResult", 99, None, id="nothing was collected"),
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


def test_a_result_of_one_named_output_is_that_entry_or_the_whole_as_the_task_asks() -> None:
    context = b'<literalExpression id="l"><text>{level: 1}</text></literalExpression>'
    table = re.sub(rb"<decisionTable.*</decisionTable>", context, _TABLE.encode())

    def found(mapping: str) -> object:
        return Run(_asking(mapping), tables={"t.dmn": table}, amount=1).variables["found"]

    assert (found("singleEntry"), found("singleResult")) == (1, {"level": 1})


def test_a_table_that_works_without_end_is_an_incident_that_names_the_decision() -> None:
    run = _asked("FIRST", "singleEntry", ("-", "some a in 1..9999, b in 1..9999 satisfies false"), amount=1)

    assert run.stuck == ["ask"]
    assert run.incidents[0].message.startswith("the decision 'level' failed: more than 100,000 steps")


def test_a_decision_that_goes_nowhere_is_made_all_the_same() -> None:
    nameless = _asking("singleEntry").replace(b'camunda:resultVariable="found"', b"")
    table = _TABLE.format(policy="FIRST", rules=_RULE.format(key=1, test="-", value="1")).encode()

    run = Run(nameless, tables={"t.dmn": table}, amount=1)

    assert (run.tasks, run.variables) == (["a"], {"amount": 1})
    assert "decided" in [event.kind for event in run.events]


def test_a_decision_may_be_chosen_as_it_runs() -> None:
    table = _TABLE.format(policy="FIRST", rules=_RULE.format(key=1, test="-", value=7)).encode()
    content = _asking("singleEntry").replace(b'"level"', b'"= which"')
    run = Run(content, tables={"t.dmn": table}, which="level")

    assert run.variables["found"] == 7
    assert run.deployment.files_used_by("p") == {"0.bpmn", "t.dmn"}
    run = Run(content, tables={"t.dmn": table}, which="nix")
    assert run.stuck == ["ask"]
    assert run.incidents[0].message == "no table here decides 'nix'"
