"""Decision tables: cells, hit policies, defaults, allowed values, evidence."""

from decimal import Decimal
from typing import Any

import pytest

from rules import dmn, feel
from tests.rules.dmn_builders import decision, definitions, input_data, needs_input, table

X = ["x"]


def decide(body: str, inputs: dict[str, Any]) -> dmn.Outcome:
    data = "".join(input_data(name) for name in inputs)
    return dmn.load(definitions(data + decision("d", body, needs=needs_input(*inputs)))).decide("d", inputs)


def matches(cell: str, value: Any) -> bool:
    return decide(table(X, ["o"], [[cell, "true"]]), {"x": value}).value is True


@pytest.mark.parametrize(
    ("cell", "yes", "no"),
    [
        ("", [1, None, "a"], []),
        ("-", [1, None], []),
        ("5", [5, Decimal("5.0")], [6, None, "5", True]),
        ('"a"', ["a"], ["b", None, 1]),
        ('"a","b"', ["a", "b"], ["c", None]),
        ('not("a","b")', ["c", None], ["a", "b"]),
        ("not(< 5)", [5, 9], [4, None]),
        ("not([1..3])", [4], [2, None]),
        ("< 10", [9, Decimal("9.99")], [10, None, "a"]),
        (">= 10", [10], [9]),
        ("= 10", [10], [9]),
        ("!= 10", [9], [10]),
        ('> "b"', ["c"], ["a", 1]),
        ("[1..10]", [1, 10], [0, 11, None]),
        ("(1..10)", [2], [1, 10]),
        ("]1..10[", [2], [1, 10]),
        ('["a".."c"]', ["b"], ["d", 1, None]),
        ('[1.."c"]', [], [1, "b"]),
        ("< 3, > 7", [1, 9], [5]),
        ("true", [True], [False, None, 1]),
        ("false, null", [False, None], [True]),
        ("null", [None], [1]),
        ("? > 3 and ? < 7", [5], [8, None]),
        ("[1, 2, 3]", [2, [1, 2, 3]], [4]),
        ("1 + 1", [2], [3]),
        ("[> 5, 2]", [2, 6], [3]),
        ("x * 2 = 10", [5], [4]),
        ("(> 5)", [6], [5]),
        ("1 < 2", [7, True], [False]),
        ('@"P1D"', [], [5]),
        ("nobody", [None], [5]),
    ],
)
def test_a_cell_accepts_what_it_says(cell: str, yes: list[Any], no: list[Any]) -> None:
    assert [value for value in yes if not matches(cell, value)] == []
    assert [value for value in no if matches(cell, value)] == []


def test_days_are_compared_in_cells() -> None:
    from datetime import date

    cell = '[date("2020-01-01")..date("2020-12-31")]'

    assert matches(cell, date(2020, 6, 1))
    assert not matches(cell, date(2021, 6, 1))


RULES = [["> 1", '"a"'], ["> 2", '"b"'], ["> 3", '"b"']]
LEVELS = 'o|"c","b","a"'


@pytest.mark.parametrize(
    ("policy", "aggregation", "x", "value", "matched"),
    [
        ("", "", 2, "a", (1,)),
        ("UNIQUE", "", 0, None, ()),
        ("UNIQUE", "", 3, None, (1, 2)),
        ("FIRST", "", 5, "a", (1,)),
        ("PRIORITY", "", 5, "b", (2,)),
        ("ANY", "", 3, None, (1, 2)),
        ("ANY", "", 2, "a", (1,)),
        ("COLLECT", "", 5, ["a", "b", "b"], (1, 2, 3)),
        ("COLLECT", "", 0, [], ()),
        ("COLLECT", "COUNT", 5, 3, (1, 2, 3)),
        ("COLLECT", "COUNT", 0, 0, ()),
        ("COLLECT", "MAX", 5, "b", (1, 2, 3)),
        ("COLLECT", "SUM", 0, None, ()),
        ("RULE ORDER", "", 5, ["a", "b", "b"], (1, 2, 3)),
        ("OUTPUT ORDER", "", 5, ["b", "b", "a"], (2, 3, 1)),
    ],
)
def test_a_hit_policy_says_what_matching_rules_come_to(
    policy: str, aggregation: str, x: int, value: Any, matched: tuple[int, ...]
) -> None:
    outcome = decide(table(X, [LEVELS], RULES, policy, aggregation), {"x": x})

    assert outcome.value == value
    assert outcome.matched == matched


def test_numbers_are_summed() -> None:
    rules = [["> 1", "10"], ["> 2", "2.5"]]

    assert decide(table(X, ["o"], rules, "COLLECT", "SUM"), {"x": 5}).value == Decimal("12.5")
    assert decide(table(X, ["o"], rules, "COLLECT", "MIN"), {"x": 5}).value == Decimal("2.5")


def test_any_takes_rules_that_agree() -> None:
    outcome = decide(table(X, ["o"], RULES[1:], "ANY"), {"x": 5})

    assert outcome.value == "b"
    assert outcome.matched == (2,) or outcome.matched == (1,)


@pytest.mark.parametrize(
    ("results", "value"),
    [
        (["1", "1.0"], 1),
        (["1", "true"], None),
        (["[1]", "[true]"], None),
        (["null", "null"], None),
        (['time("08:00:00Z")', 'time("10:00:00+02:00")'], feel.evaluate('time("08:00:00Z")', {})),
        (['date and time("2026-01-01T08:00:00")', 'date and time("2026-01-01T08:00:00Z")'], None),
    ],
)
def test_any_compares_results_as_feel_does(results: list[str], value: Any) -> None:
    outcome = decide(table(X, ["o"], [["-", each] for each in results], "ANY"), {"x": 5})

    assert (outcome.value, type(outcome.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("allowed", "results", "first"),
    [
        ("-1,0,1", ["1", "0", "-1"], -1),
        ("2 * 5,1", ["1", "10"], 10),
        ('date("2026-02-01"),date("2026-01-01")', ['date("2026-01-01")', 'date("2026-02-01")'], "2026-02-01"),
        ("true,1", ["1", "true"], True),
        ("> 100,[1..100]", ["5", "500"], 500),
        ('"a"', ["null", '"b"', '"a"'], "a"),
        ("null,1", ["1", "null"], None),
        ("not(1)", ["1", "2"], 2),
    ],
)
@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER"])
def test_what_is_more_important_may_be_written_as_any_test(
    policy: str, allowed: str, results: list[str], first: Any
) -> None:
    rows = [["-", each] for each in results]

    value = decide(table(X, [f"o|{allowed}"], rows, policy), {"x": 5}).value

    found = value[0] if policy == "OUTPUT ORDER" else value
    assert (found if found is None or isinstance(found, bool | int) else str(found)) == first
    assert type(found) is bool or first is not True


def test_several_outputs_make_a_context() -> None:
    body = table(X, ["a", 'b|"low","high"'], [["> 1", "x + 1", '"low"'], ["> 0", "", '"high"']], "PRIORITY")

    assert decide(body, {"x": 2}).value == {"a": 3, "b": "low"}
    assert decide(body, {"x": 1}).value == {"a": None, "b": "high"}


def test_a_default_stands_in_when_nothing_matches() -> None:
    assert decide(table(X, ['o||"none"'], RULES), {"x": 0}).value == "none"


def test_an_output_that_is_not_ranked_comes_last() -> None:
    body = table(X, ['o|"b"'], [["", '"z"'], ["", '"b"']], "OUTPUT ORDER")

    assert decide(body, {"x": 0}).value == ["b", "z"]


def test_evidence_names_the_rules_and_what_they_saw() -> None:
    outcome = decide(table(X, ["o"], RULES, "FIRST"), {"x": 5})

    (evidence,) = outcome.evidence
    assert evidence.decision == "d"
    assert evidence.table == "table"
    assert evidence.inputs == {"x": 5}
    assert evidence.hits == (dmn.Hit(1, "r1", "rule 1"),)


def test_annotations_stand_beside_the_description() -> None:
    body = table(X, ["o"], [["", "1"]]).replace(
        "</rule>", "<annotationEntry><text>since 2020</text></annotationEntry><annotationEntry/></rule>"
    )

    assert decide(body, {"x": 1}).evidence[0].hits[0].annotation == "rule 1 · since 2020"


def test_an_input_outside_the_allowed_values_gives_no_answer() -> None:
    outcome = decide(table(['x|"a","b"'], ["o"], [["", "1"]]), {"x": "c"})

    assert outcome.value is None
    assert "not among the allowed values" in outcome.warnings[0].reason
    assert decide(table(['x|"a","b"'], ["o"], [["", "1"]]), {"x": None}).value == 1


def test_columns_have_types() -> None:
    body = table(["x:number"], ["o:string"], [["1", '"one"'], ["2", "2"]])

    assert decide(body, {"x": [1]}).value == "one"
    assert decide(body, {"x": "a"}).warnings[0].reason == "x: a string does not fit the column's type"
    assert decide(body, {"x": 2}).warnings[0].reason == "o: a number does not fit the column's type"


def test_a_broken_cell_never_matches_and_a_broken_result_says_why() -> None:
    body = table(X, ["o"], [["1 +", '"never"'], ["", "1 +"]], "FIRST")

    outcome = decide(body, {"x": 1})

    assert outcome.value is None
    assert outcome.matched == (2,)
    assert outcome.warnings[0].reason == "a value is missing"


def test_a_table_without_inputs_or_input_expression_still_answers() -> None:
    no_expression = table(X, ["o"], [["null", "1"]]).replace(
        "<inputExpression><text>x</text></inputExpression>", ""
    )

    assert decide(table([], ["o"], [["1"]]), {}).value == 1
    assert decide(no_expression, {"x": 1}).value == 1
    assert decide(table(X, ["o"], []), {"x": 1}).value is None
