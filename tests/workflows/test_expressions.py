"""Camunda 7's expressions: the same answer in FEEL, or a refusal."""

from __future__ import annotations

import pytest

import workflows
from rules import feel
from tests.workflows.building import Run, diagram, element, user
from workflows.reading.expressions import ForeignExpressionError, to_feel

VALUES = {
    "amount": 6,
    "blocked": False,
    "kind": "a",
    "note": None,
    "lines": [],
    "customer": {"name": "Ann", "city": "", "open": 0},
    "equal": 1,
}


@pytest.mark.parametrize(
    ("foreign", "value"),
    [
        pytest.param("${amount > 5 && !blocked}", True, id="and, not"),
        pytest.param("${!(amount > 5) || blocked}", False, id="not before brackets"),
        pytest.param("${kind == 'a'}", True, id="single quotes"),
        pytest.param('${kind == "b" || amount gt 5}', True, id="or, a word"),
        pytest.param(
            "${amount ge 6 and amount le 6 and amount ne 7 and amount eq 6 and amount lt 7}", True, id="words"
        ),
        pytest.param("${empty note}", True, id="empty of nothing"),
        pytest.param("${empty lines}", True, id="empty of a list"),
        pytest.param("${empty customer.city}", True, id="empty of a part"),
        pytest.param("${empty customer}", False, id="empty of a map"),
        pytest.param("${empty amount}", False, id="empty of a number"),
        pytest.param("${empty nothing.of.the.kind}", True, id="empty of what is not there"),
        pytest.param("${!empty customer.name}", True, id="not empty"),
        pytest.param("${not empty customer.name}", True, id="not empty in words"),
        pytest.param("#{amount != 6}", False, id="another wrapper"),
        pytest.param("${equal == 1}", True, id="a name that begins with a word"),
        pytest.param("${kind == 'eq && !='}", False, id="words inside a text stay"),
        pytest.param("${customer.name}", "Ann", id="a part"),
        pytest.param(" ${amount + 1} ", 7, id="spaces around"),
    ],
)
def test_what_can_be_said_in_feel_is_translated(foreign: str, value: object) -> None:
    text, was_foreign = to_feel(foreign)

    assert was_foreign
    assert feel.evaluate(text, VALUES) == value


@pytest.mark.parametrize(
    ("foreign", "reason"),
    [
        pytest.param("${bean.ok()}", "calls a method", id="a method"),
        pytest.param("${execution.getVariable('x') == 1}", "calls a method", id="a method with an argument"),
        pytest.param("${list().get(0)}", "calls a method", id="a method of an answer"),
        pytest.param("${a ? b : c}", "chooses by ?", id="a choice"),
        pytest.param("${lines[0] == 'a'}", "counts from 1", id="an index, which would be off by one"),
        pytest.param("${map['key'] == 1}", "counts from 1", id="a key"),
        pytest.param("${amount % 2 == 0}", "divides", id="a remainder"),
        pytest.param("${amount mod 2 == 0}", "divides", id="a remainder in words"),
        pytest.param("${kind == 'it\\'s'}", "quote or a backslash", id="an escaped quote"),
        pytest.param("${kind == 'say \"x\"'}", "quote or a backslash", id="a quote in a text"),
        pytest.param("${a}${b}", "several", id="two expressions"),
    ],
)
def test_what_cannot_is_refused_with_the_reason(foreign: str, reason: str) -> None:
    with pytest.raises(ForeignExpressionError, match=reason):
        to_feel(foreign)


def test_feel_is_left_alone() -> None:
    assert to_feel(' amount > 5 and kind = "a" ') == ('amount > 5 and kind = "a"', False)


def test_text_around_expressions_is_put_together_and_null_is_nothing() -> None:
    body = (
        element("startEvent", "s")
        + user("a", camunda_assignee="user_${name}#{nix}!")
        + user("b", camunda_assignee="$ ${name}")
    )
    content = diagram(body, "s -> a\ns -> b")

    run = Run(content, name="ann")

    assert run.task("a").assignee == "user_ann!"
    assert run.task("b").assignee == "$ ann"
    found = workflows.check({"p.bpmn": content}, {})
    assert [f.element for f in found if "was translated to" in f.message] == ["a", "b"]


@pytest.mark.parametrize(
    ("foreign", "value"),
    [
        pytest.param("${not blocked}", True, id="a word"),
        pytest.param("${not (blocked)}", True, id="brackets"),
        pytest.param("${not empty name and not blocked}", True, id="two of them"),
    ],
)
def test_not_binds_to_what_stands_next(foreign: str, value: bool) -> None:
    translated, _ = to_feel(foreign)

    assert feel.evaluate(translated, {"blocked": False, "name": "ann"}) is value
