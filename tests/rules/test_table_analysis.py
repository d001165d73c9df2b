"""What is said of a table without a case: each finding by its smallest example, and against many cases."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import dmn, feel
from rules.dmn.analysis import regions
from rules.dmn.findings import Finding
from tests.rules.dmn_builders import (
    decision,
    definitions,
    input_data,
    literal,
    needs_input,
    needs_knowledge,
    table,
)


def model_of(
    inputs: Sequence[str], rows: Sequence[Sequence[str]], policy: str = "", **more: Any
) -> dmn.Model:
    """Build a table over `name:type|allowed` columns with one output `o` of numbers."""
    names = more.get("inputs_only") or [re.split(r"[:|]", each)[0] for each in inputs]
    names += more.get("names", [])
    data = "".join(input_data(name) for name in dict.fromkeys(names))
    outputs = more.get("outputs", ["o:number"])
    body = table(inputs, outputs, rows, policy, more.get("aggregation", ""))
    if more.get("one_note"):
        body = re.sub("<description>.*?</description>", "", body)
    return dmn.load(
        definitions(more.get("types", "") + data + decision("d", body, needs=needs_input(*names)))
    )


def found(inputs: Sequence[str], rows: Sequence[Sequence[str]], policy: str = "", **more: Any) -> list[str]:
    return [each.message for each in dmn.check(model_of(inputs, rows, policy, **more))]


@pytest.mark.parametrize(
    ("inputs", "rows", "message"),
    [
        (["x:number"], [["< 5", "1"], ["> 5", "2"]], "no rule for x = 5"),
        (["x:number"], [["<= 5000", "1"], [">= 6000", "2"]], "no rule for x = 5500"),
        (["x:number"], [["<= 5", "1"]], "no rule for x = 6"),
        (["x:number"], [["> 0.15", "1"]], "no rule for x = 0.15"),
        (["x:number"], [[">= 0.15", "1"]], "no rule for x = 0"),
        (["x:number"], [[">= -20", "1"]], "no rule for x = -30"),
        (["x:string"], [['"EU","US"', "1"]], 'no rule for x = "another value"'),
        (["x:string"], [['not("EU")', "1"]], 'no rule for x = "EU"'),
        (['x:string|"EU","US","UK"'], [['"EU","US"', "1"]], 'no rule for x = "UK"'),
        (["x:number|[0..100]"], [["< 50", "1"], ["(50..100]", "2"]], "no rule for x = 50"),
        (["x:boolean"], [["true", "1"]], "no rule for x = false"),
        (
            ["x:date"],
            [['< date("2026-01-01")', "1"], ['> date("2026-01-03")', "2"]],
            'no rule for x = date("2026-01-01")',
        ),
        (["x:time"], [['>= time("08:00:00")', "1"]], 'no rule for x = time("07:59:59")'),
        (
            ["x:dateTime"],
            [['<= date and time("2026-01-01T00:00:00Z")', "1"]],
            'no rule for x = date and time("2026-01-01T00:00:01Z")',
        ),
        (["x:dayTimeDuration"], [['< duration("P2D")', "1"]], 'no rule for x = duration("P2D")'),
        (["x:dayTimeDuration"], [['<= duration("P2D")', "1"]], 'no rule for x = duration("P3D")'),
        (["x:yearMonthDuration"], [['>= duration("P1Y")', "1"]], 'no rule for x = duration("P11M")'),
        (
            ["x:number", "y:string"],
            [["< 10", "-", "1"], ["-", '"a"', "2"]],
            'no rule for x = 10 and y = "another value"',
        ),
        (["x"], [["< 5", "1"]], "no rule for x = 5"),
        (["x:number"], [["? < 2 or ? > 3", "1"]], "no rule for x = 2"),
        (["x:number"], [["not(? between 2 and 3)", "1"]], "no rule for x = 2"),
        (["x:number"], [["5 < ?", "1"]], "no rule for x = 5"),
        (["x:number"], [["? in [1..3]", "1"], ["not([1..4])", "2"]], "no rule for x = 4"),
        (["x:number"], [["[1, 2]", "1"], ["not(1, 2, 7)", "2"]], "no rule for x = 7"),
        (["x:number"], [["(!= 7)", "1"]], "no rule for x = 7"),
        (["x:number"], [["? != 4 and not(? = 3)", "1"], ["4", "2"]], "no rule for x = 3"),
        (["x:number"], [["[[1..3], (> 5), (= 5)]", "1"], ["not([1..3], 4, >= 5)", "2"]], "no rule for x = 4"),
        (["x:number"], [["null", "1"], ["not(null, 5)", "2"]], "no rule for x = 5"),
        (["x:number"], [["< 5", "1"], [">= 5", "2"], ["? = null and ? = 1", "3"]], "no rule for x = null"),
        (["x:number|abs(?) < 3"], [["< 3", "1"]], "no rule for x = 3"),
        (
            ["x:date"],
            [['<= date("2026-01-01")', "1"], ['>= date("2026-01-05")', "2"]],
            'no rule for x = date("2026-01-03")',
        ),
        (
            ["x:number", "y:number", "z:number"],
            [["[0..10]", ">= 3", "< 1", "1"], ["[5..20]", "< 3", "< 1", "2"]],
            "no rule for x = 0 and y = 0",
        ),
        (["x:number"], [["< 10 * 1000", "1"]], "no rule for x = 10000"),
        (["x:string"], [["null", "1"], ['"a"', "2"]], 'no rule for x = "another value"'),
        (["x:string"], [['"a"', "1"], ['? != "a"', "2"], ["null", "3"]], "rules 2 and 3 both match"),
        (["x:string"], [['"a"', "1"], ['not(null, "a")', "2"]], "no rule for x = null"),
        (
            ["x:tRegion"],
            [['"EU"', "1"]],
            'no rule for x = "US"',
        ),
    ],
)
def test_a_case_without_a_rule_is_told(inputs: list[str], rows: list[list[str]], message: str) -> None:
    types = (
        '<itemDefinition name="tRegion"><typeRef>string</typeRef>'
        '<allowedValues><text>"EU","US"</text></allowedValues></itemDefinition>'
    )

    assert [each for each in found(inputs, rows, types=types) if each.startswith(message)]


@pytest.mark.parametrize(
    ("inputs", "rows"),
    [
        (["x:number"], [["< 5", "1"], [">= 5", "2"]]),
        (["x:number"], [["-", "1"]]),
        (["x:number|[0..100]"], [["[0..50]", "1"], ["(50..100]", "2"]]),
        (["x:boolean"], [["true", "1"], ["false", "2"]]),
        (["x:date"], [['<= date("2026-01-31")', "1"], ['>= date("2026-02-01")', "2"]]),
        (["x:time"], [['< time("12:00:00")', "1"], ['>= time("12:00:00")', "2"]]),
        (["x:time"], [['[time("00:00:00")..time("23:59:59")]', "1"]]),
        (["x:yearMonthDuration"], [['<= duration("P11M")', "1"], ['>= duration("P1Y")', "2"]]),
        (['x:string|"a","b"'], [['"a"', "1"], ['"b"', "2"]]),
        (["x:string", "y:number"], [['"a"', "-", "1"], ['not("a")', "< 3", "2"], ['not("a")', ">= 3", "3"]]),
    ],
)
def test_a_table_that_covers_every_case_once_is_sound(inputs: list[str], rows: list[list[str]]) -> None:
    assert found(inputs, rows) == []


def test_a_default_fills_every_gap() -> None:
    assert found(["x:number"], [["< 5", "1"]], outputs=["o:number||7"]) == []


def test_a_gap_is_also_the_row_that_would_fill_it() -> None:
    rows = [["[5000..9000)", '"EU"', "1"], ["< 5000", "-", "2"]]

    gaps = [each for each in dmn.check(model_of(["x:number", "y:string"], rows)) if each.kind == "gap"]

    assert [each.cells for each in gaps] == [("[5000..9000)", 'not("EU")'), (">= 9000", "-")]
    assert [each.severity for each in gaps] == ["warning", "warning"]
    filled = found(["x:number", "y:string"], [*rows, *([*each.cells, "3"] for each in gaps)])
    assert filled == []


def test_where_rules_are_collected_none_is_an_answer_too() -> None:
    (finding,) = dmn.check(model_of(["x:number"], [["< 5", "1"]], "COLLECT"))

    assert (finding.kind, finding.severity, finding.cells) == ("nothing", "information", (">= 5",))


def test_rules_that_match_one_case_where_one_may_are_an_error() -> None:
    (finding,) = dmn.check(model_of(["x:number"], [["<= 5", "1"], [">= 5", "2"]]))

    assert finding.message == "rules 1 and 2 both match where only one may: x = 5"
    assert (finding.severity, finding.rules, dict(finding.case)) == ("error", (1, 2), {"x": "5"})
    assert finding.place == "d, rule 1"


def test_any_minds_only_different_results() -> None:
    rows = [["< 5", "1"], ["< 7", "1.0"], ["-", "2"]]

    assert found(["x:number"], rows, "ANY") == [
        "rules 1 and 3 both match with different results: x = 0",
        "rules 2 and 3 both match with different results: x = 5",
    ]


@pytest.mark.parametrize(
    ("rows", "messages"),
    [
        ([["-", "x * 2"], ["-", "2 * x"]], []),
        ([["-", "1"], ["-", "2 - 1"]], []),
        ([["-", "[1, 2]"], ["-", "[1,2]"]], []),
        ([["-", "1"], ["-", '"1"']], ["rules 1 and 2 both match with different results: any case"]),
        ([["-", "1"], ["-", "true"]], ["rules 1 and 2 both match with different results: any case"]),
        ([["-", "x * 2"], ["-", "x * x"]], ["rules 1 and 2 both match with different results: x = 1"]),
        ([["-", "x"], ["-", "x * x * x"]], ["rules 1 and 2 both match with different results: x = 2"]),
        ([["< 5", "x"], ["-", "5"]], ["rules 1 and 2 both match with different results: x = 0"]),
        ([["5", "x"], ["-", "5"]], []),
        (
            [["-", "x"], ["-", "y"]],
            ["1 pairs of rules match one case and may differ in their results; rules 1 and 2: any case"],
        ),
        (
            [["-", "x"], ["-", f'replace("{"a" * 9_000}", "a", "{"b" * 50}")']],
            ["1 pairs of rules match one case and may differ in their results; rules 1 and 2: any case"],
        ),
    ],
)
def test_results_differ_only_where_a_case_shows_it(rows: list[list[str]], messages: list[str]) -> None:
    model = model_of(["x:number"], rows, "ANY", outputs=["o"], names=["y"], one_note=True)

    assert [each.message for each in dmn.check(model) if each.kind not in {"gap", "duplicate"}] == messages


@pytest.mark.parametrize(
    ("rows", "messages"),
    [
        ([["< 5", "-", "1"], ["-", ">= 5", "2"]], []),
        ([[">= 1", "<= 5", "1"], ["> 5", "-", "2"], ["-", "< 1", "3"]], []),
        ([[">= 1", "<= 5", "1"], ["> 5", "-", "2"]], ["no rule for x = 0"]),
        (
            [[">= 1", "<= 5", "1"], ["-", "[3..9]", "2"], ["<1", "-", "3"]],
            ["rules 1 and 2 both match where only one may: x = 3", "no rule for x = 10"],
        ),
        ([["> 5", "< 3", "1"], ["-", "-", "2"]], ["rule 1 can never match: x accepts nothing"]),
        ([["-", '"a"', "1"], ["-", "-", "2"]], []),
    ],
)
def test_columns_of_one_variable_are_looked_at_together(rows: list[list[str]], messages: list[str]) -> None:
    said = found(["x:number", "x"], rows)

    assert [each for each in said if "another kind" not in each] == messages


def test_what_is_wrong_in_the_second_column_of_a_variable_is_found_there() -> None:
    rows = [["< 5", '"a"', "1"], [">= 5", "> y", "2"]]
    model = model_of(["x:number", "x"], rows, names=["y"])

    found = [each for each in dmn.check(model) if each.kind in {"misfit", "unseen"}]

    assert [(each.kind, each.rules, each.detail) for each in found] == [
        ("misfit", (1,), '"a"'),
        ("unseen", (2,), "> y"),
    ]


def test_results_over_columns_of_one_variable_are_tried() -> None:
    rows = [["< 5", "-", "x"], ["-", "< 3", "1 * x"], ["-", ">= 4", "5"]]

    assert found(["x:number", "x:number"], rows, "ANY")[0] == (
        "rules 1 and 3 both match with different results: x = 4"
    )


TIED = "x and x * 2 rest on the same variable: what they make together is told where a case shows it"


@pytest.mark.parametrize(
    ("policy", "rows", "messages"),
    [
        ("", [["< 5", "-", "1"], ["-", ">= 10", "2"]], []),
        (
            "",
            [["< 5", "-", "1"], ["-", ">= 4", "2"]],
            ["rules 1 and 2 both match where only one may: x = 2 and x * 2 = 4"],
        ),
        ("", [["< 5", "> 3", "1"], ["-", "<= 3", "2"], [">= 5", "> 3", "3"]], []),
        ("", [["< 5", "< 4", "1"], [">= 5", "-", "2"]], ["no rule for x = 2 and x * 2 = 4"]),
        (
            "",
            [["< 5", "-", "1"], ["-", "< 20", "2"], [">= 5", "-", "3"]],
            [
                "rules 1 and 2 both match where only one may: x = 0 and x * 2 = 0",
                "rules 2 and 3 both match where only one may: x = 5 and x * 2 = 10",
            ],
        ),
        ("COLLECT", [["< 5", "-", "1"], ["-", ">= 10", "2"]], []),
        (
            "ANY",
            [["< 5", "-", "1"], ["-", ">= 10", "2"]],
            [
                "1 pairs of rules match one case and may differ in their results; "
                "rules 1 and 2: x = 0 and x * 2 = 10"
            ],
        ),
    ],
)
def test_columns_that_depend_on_each_other_are_judged_by_cases(
    policy: str, rows: list[list[str]], messages: list[str]
) -> None:
    said = found(["x:number", "x * 2"], rows, policy, inputs_only=["x"])

    assert said == [*messages, TIED]


@pytest.mark.parametrize(
    ("one", "other", "depend"),
    [
        ("a.b", "a.c", False),
        ("a.b", "a.b.c", True),
        ("a.b", "a", True),
        ("a.b - a.c", "a.d", False),
        ("count(a.b)", "count(a.c)", False),
        ("a[1].b", "a[2].b", True),
        ("b", "a", False),
        ("count([1])", "count([1, 2])", False),
        ("b.c", "count(for b in a return b.c)", False),
        ("f(a)", "f(b)", False),
    ],
)
def test_columns_depend_on_each_other_by_the_part_that_they_share(one: str, other: str, depend: bool) -> None:
    knowledge = (
        '<businessKnowledgeModel id="f_id" name="f"><variable name="f"/><encapsulatedLogic>'
        f'<formalParameter name="n"/>{literal("n")}</encapsulatedLogic></businessKnowledgeModel>'
    )
    body = table([one, other], ["o"], [["< 5", "-", "1"], ["-", "> 5", "2"]])
    needs = needs_input("a", "b") + needs_knowledge("f_id")
    model = dmn.load(
        definitions(knowledge + input_data("a") + input_data("b") + decision("d", body, needs=needs))
    )

    assert ("entangled" in {each.kind for each in dmn.check(model)}) is depend


def test_a_column_that_reads_nothing_depends_on_nothing() -> None:
    body = table(["x:number", "x"], ["o"], [["< 5", "< 5", "1"], [">= 5", "-", "2"]])
    body = body.replace("<inputExpression><text>x</text></inputExpression>", "")
    model = dmn.load(definitions(input_data("x") + decision("d", body, needs=needs_input("x"))))

    assert [each.message for each in dmn.check(model)] == ["no rule for x = 0 and input 2 = 5"]


def test_a_case_that_asks_for_too_much_shows_nothing() -> None:
    endless = "count(for i in 1..9999, j in 1..9999 return x)"
    body = table(["x:number", endless], ["o"], [["< 5", "-", "1"], ["-", "> 5", "2"]])
    model = dmn.load(definitions(input_data("x") + decision("d", body, needs=needs_input("x"))))

    assert [each.kind for each in dmn.check(model)] == ["entangled"]


RISK = (
    '<itemDefinition name="risk"><typeRef>string</typeRef>'
    '<allowedValues><text>"low","high"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="order"><itemComponent name="risk"><typeRef>risk</typeRef>'
    "</itemComponent></itemDefinition>"
)


@pytest.mark.parametrize(
    ("kind", "column", "messages"),
    [
        ("risk", "r:string", []),
        ("risk", "r", []),
        ("string", "r", ['no rule for r = "another value"']),
        ("order", "r.risk", []),
        ("order", "r.nope", ['no rule for r.nope = "another value"']),
        ("risk", "r.risk", ['no rule for r.risk = "another value"']),
        ("order", "string(r.risk)", ['no rule for string(r.risk) = "another value"']),
    ],
)
def test_what_a_variable_can_never_be_is_no_gap(kind: str, column: str, messages: list[str]) -> None:
    body = decision("d", table([column], ["o"], [['"low"', "1"], ['"high"', "2"]]), needs=needs_input("r"))
    model = dmn.load(definitions(RISK + input_data("r", kind) + body))

    assert [each.message for each in dmn.check(model)] == messages


def test_a_name_of_an_inner_scope_has_no_type_of_the_outer_one() -> None:
    inner = table(["r"], ["o"], [['"low"', "1"], ['"high"', "2"]])
    context = (
        f'<context><contextEntry><variable name="r"/>{literal("1")}</contextEntry>'
        f"<contextEntry>{inner}</contextEntry></context>"
    )
    model = dmn.load(
        definitions(RISK + input_data("r", "risk") + decision("d", context, needs=needs_input("r")))
    )

    assert [each.message for each in dmn.check(model)] == ['no rule for r = "another value"']


@pytest.mark.parametrize("kind", ["string", "boolean", "date", "time", "dayTimeDuration"])
def test_results_are_tried_on_values_of_every_kind(kind: str) -> None:
    rows = [["-", "x"], ["-", "[x][1]"]]

    assert found([f"x:{kind}"], rows, "ANY", outputs=["o"]) == []


@pytest.mark.parametrize("end", ["08:00:02", "08:00:03", "08:00:04"])
def test_times_next_to_each_other_leave_little_to_try(end: str) -> None:
    rows = [[f'(time("08:00:00")..time("{end}"))', "x"], ["-", "[x][1]"]]

    assert found(["x:time"], rows, "ANY", outputs=["o"]) == []


def test_a_cell_that_asks_for_a_type_of_the_model_is_named() -> None:
    types = '<itemDefinition name="money"><typeRef>number</typeRef></itemDefinition>'

    (finding,) = dmn.check(model_of(["x:boolean"], [["1 instance of money", "1"]], types=types))

    assert (finding.kind, finding.detail) == ("unseen", "1 instance of money")


def test_many_results_that_differ_are_counted_rather_than_listed() -> None:
    messages = found(["x:number"], [["-", str(number)] for number in range(8)], "ANY")

    assert messages[-1] == "8 more pairs of rules match the same case"


@pytest.mark.parametrize(
    ("kind", "result", "reason"),
    [
        (":number", '"low"', "a string does not fit the column's type"),
        (":string", "-1", "a number does not fit the column's type"),
        (":date", '"2026-01-01"', "a string does not fit the column's type"),
        (":boolean", '"true"', "a string does not fit the column's type"),
        ("", 'date("2026-02-30")', "date: '2026-02-30' is no date"),
        ("", '@"2026-02-30"', "'2026-02-30' is no date, time or duration"),
    ],
)
def test_a_result_that_is_null_in_every_case_is_an_error(kind: str, result: str, reason: str) -> None:
    model = model_of(["x:number"], [["< 5", "null"], [">= 5", result]], outputs=[f"o{kind}"])

    (finding,) = dmn.check(model)

    assert (finding.severity, finding.element, finding.detail) == ("error", "d, rule 2, column o", reason)
    assert (finding.rules, finding.columns, finding.text) == ((2,), ("o",), result)


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        (":number", "[1]"),
        (":dateTime", 'date("2026-01-01")'),
        (":string", "string(1)"),
        (":string", "string(x)"),
        (":number", "x / 0"),
        (":date", "today()"),
        (":integer", "1"),
        (":Any", '"a"'),
    ],
)
def test_a_result_that_may_suit_its_column_is_none(kind: str, result: str) -> None:
    assert found(["x:number"], [["-", result]], outputs=[f"o{kind}"]) == []


@pytest.mark.parametrize(
    ("aggregation", "kind", "results", "faults"),
    [
        (
            "SUM",
            "",
            ["1", '"2"', "true", "x"],
            {2: "COLLECT SUM works on numbers", 3: "COLLECT SUM works on numbers"},
        ),
        ("SUM", ":number", ["1", ""], {2: "COLLECT SUM works on numbers"}),
        ("MIN", "", ["1", '"2"'], {2: "COLLECT MIN works on values of one kind that have an order"}),
        ("MAX", "", ["true"], {1: "COLLECT MAX works on values of one kind that have an order"}),
        ("MAX", ":date", ['date("2026-01-01")', 'date("2026-01-02")'], {}),
        ("MAX", ":dateTime", ['date("2026-01-01")', 'date and time("2026-01-02T00:00:00Z")'], {}),
        ("COUNT", "", ["1", '"2"'], {}),
        ("", "", ["1", '"2"'], {}),
    ],
)
def test_results_that_cannot_be_made_one_value_are_an_error(
    aggregation: str, kind: str, results: list[str], faults: dict[int, str]
) -> None:
    model = model_of(
        ["x:number"],
        [["-", each] for each in results],
        "COLLECT",
        outputs=[f"o{kind}"],
        aggregation=aggregation,
    )

    found = [each for each in dmn.check(model) if each.severity == "error"]

    assert {each.rules[0]: each.detail for each in found} == faults
    assert all(each.columns == ("o",) for each in found)


def test_the_smallest_of_texts_is_told_to_be_the_first_of_the_alphabet() -> None:
    model = model_of(
        ["x:number"], [["< 5", '"low"'], ["-", '"high"']], "COLLECT", outputs=["o"], aggregation="MIN"
    )

    (told,) = (each for each in dmn.check(model) if each.severity == "warning")

    assert told.message == (
        "COLLECT MIN goes by the alphabet of texts in o, not by their meaning: rules 1 and 2"
    )


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('date("2026-02-30")', "date: '2026-02-30' is no date"),
        ('< date("2026-02-30")', "date: '2026-02-30' is no date"),
        ('[date("2026-02-30")..date("2026-03-01")]', "date: '2026-02-30' is no date"),
        ('? > @"2026-02-30"', "'2026-02-30' is no date, time or duration"),
        ('not(date("2026-02-30"))', "date: '2026-02-30' is no date"),
        ("[true..false]", "there is no range from a boolean to a boolean"),
    ],
)
def test_a_cell_that_names_no_value_is_an_error(cell: str, reason: str) -> None:
    (finding,) = dmn.check(model_of(["x", "y"], [[cell, "-", "1"], ["-", "< 3", "2"]], "FIRST"))[:1]

    assert (finding.severity, finding.element, finding.detail) == ("error", "d, rule 1, column x", reason)
    assert (finding.rules, finding.columns) == ((1,), ("x",))


def test_a_policy_that_lets_rules_match_together_says_so_once() -> None:
    (finding,) = dmn.check(model_of(["x:number"], [["-", "1"], ["< 5", "2"], ["< 9", "3"]], "RULE ORDER"))

    assert finding.message.startswith("3 pairs of rules match one case")
    assert finding.severity == "information"


def test_many_overlaps_are_counted_rather_than_listed() -> None:
    messages = found(["x:number"], [[f"< {number}", "1"] for number in range(1, 9)] + [[">= 0", "2"]])

    assert len([each for each in messages if "both match" in each]) == 20
    assert "16 more pairs of rules match the same case" in messages


def test_a_rule_that_earlier_ones_hide_is_dead() -> None:
    rows = [["< 5", "-", "1"], [">= 5", '"a"', "2"], ["[1..7]", '"a"', "3"], ["-", "-", "4"]]

    messages = found(["x:number", "y:string"], rows, "FIRST")

    assert messages == ["rule 3 never counts: the rules before it take every case of it"]


def test_a_rule_is_hidden_by_more_important_results_too() -> None:
    rows = [["-", '"low"'], ["< 5", '"high"'], ["< 3", '"low"']]

    messages = found(["x:number"], rows, "PRIORITY", outputs=['o:string|"high","low"'])

    assert "rule 3 never counts: the rules before it take every case of it" in messages
    assert not [each for each in messages if each.startswith(("rule 1", "rule 2"))]


def test_results_that_a_case_decides_have_no_rank() -> None:
    rows = [["< 5", 'if x > 2 then "high" else "low"'], ["< 3", '"low"'], ["-", '"low"']]

    messages = found(["x:number"], rows, "PRIORITY", outputs=['o:string|"high","low"'])

    assert not [each for each in messages if "never counts" in each]


def test_a_cell_that_accepts_nothing_is_told() -> None:
    messages = found(["x:number"], [["? > 9 and ? < 3", "1"], ["-", "2"]])

    assert messages == ["rule 1 can never match: x accepts nothing"]


def test_a_value_of_another_kind_is_an_error() -> None:
    (finding,) = (each for each in dmn.check(model_of(["x:number"], [['"5"', "1"], ["-", "2"]])))

    assert finding.message == '"5" in rule 1 can never be met: x holds values of another kind'
    assert (finding.severity, finding.rules, finding.columns) == ("error", (1,), ("x",))


def test_strings_that_look_the_same_are_told() -> None:
    messages = found(["x:string"], [['"UK "', "1"], ['"uk","EU"', "2"], ['not("UK ","uk","EU")', "3"]])

    assert messages == ['"UK ", "uk" in x differ only in capitals or spaces: rules 1 and 2']


def test_rules_that_say_the_same_are_told() -> None:
    messages = found(["x:number"], [["< 5", "1"], ["< 5.0", "1"], ["< 5", "2"]], "COLLECT")

    assert [each for each in messages if "ask for the same" in each] == [
        "rules 1 and 2 ask for the same and come to the same"
    ]


@pytest.mark.parametrize(
    ("policy", "rows", "pairs"),
    [
        ("UNIQUE", [["< 5", "1"], [">= 5", "1"]], ["1 and 2"]),
        ("UNIQUE", [["< 5", "1"], [">= 5", "2"]], []),
        ("UNIQUE", [["< 5", "x"], [">= 5", "x"]], ["1 and 2"]),
        ("UNIQUE", [["< 5", ""], [">= 5", "null"]], ["1 and 2"]),
        ("FIRST", [["1", "1"], ["2", "2"], ["3", "1"], ["-", "5"]], []),
        ("FIRST", [["1", "1"], ["2", "1"], ["-", "5"]], ["1 and 2"]),
        ("COLLECT", [["< 5", "1"], ["< 7", "1"], [">= 7", "2"]], []),
    ],
)
def test_rules_that_could_be_one_are_told(policy: str, rows: list[list[str]], pairs: list[str]) -> None:
    messages = found(["x:number"], rows, policy, one_note=True)

    assert [each for each in messages if "could be one" in each] == [
        f"rules {each} differ in x only and could be one" for each in pairs
    ]


def test_rules_with_reasons_of_their_own_stay_two() -> None:
    assert found(["x:number"], [["< 5", "1"], [">= 5", "1"]]) == []


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("< y", "< y"),
        ("-1, >= y", ">= y"),
        ('starts with(?, "a")', 'starts with(?, "a")'),
        ("? * 2 > 5", "? * 2"),
        ("< today()", "today()"),
        ("[1..y]", "[1..y]"),
        ("{a: 1}", "{a: 1}"),
        ('< "a"', '< "a"'),
        ("? < true", "true"),
        ('["a".."c"]', '["a".."c"]'),
        ("[[1], {a: 1}]", "[[1], {a: 1}]"),
        (f'replace("{"a" * 9_000}", "a", "{"b" * 50}")', "replace("),
        ("? in y", "y"),
        ("? and true", "?"),
    ],
)
def test_a_cell_that_only_a_case_answers_is_named(cell: str, part: str) -> None:
    model = model_of(["x", "y"], [[cell, "-", "1"], ["-", "< 3", "2"]], "FIRST")

    unseen = [each for each in dmn.check(model) if each.kind == "unseen"]

    assert [(each.rules, each.columns, each.severity) for each in unseen] == [((1,), ("x",), "information")]
    assert part in unseen[0].detail


def test_times_with_and_without_a_zone_have_no_order_to_look_into() -> None:
    rows = [['< time("08:00:00")', "1"], ['>= time("08:00:00Z")', "2"], ["-", "3"]]

    kinds = [each.kind for each in dmn.check(model_of(["x:time"], rows, "FIRST"))]

    assert kinds == ["unseen", "unseen"]


def test_what_is_not_seen_is_never_called_a_gap_or_an_overlap() -> None:
    kinds = [
        each.kind
        for each in dmn.check(model_of(["x", "y:number"], [["< y", "< 3", "1"], ["-", ">= 3", "2"]]))
    ]

    assert kinds == ["unseen"]


def test_a_broken_table_is_looked_into_when_it_is_mended() -> None:
    kinds = [each.kind for each in dmn.check(model_of(["x:number"], [["<", "1"], ["> 3", "2"]]))]

    assert kinds == ["broken"]


VALUES = st.integers(-2, 6)


@st.composite
def cells(draw: st.DrawFn) -> str:
    low, high = draw(VALUES), draw(VALUES)
    return draw(
        st.sampled_from(
            ["-", f"< {low}", f"<= {low}", f"> {low}", f"{low}", f"[{low}..{high}]", f"({low}..{high})",
             f"not({low},{high})", f"{low},> {high}", f"? > {low} and ? != {high}", f"not(< {low})"]
        )
    )  # fmt: skip


WORDS = st.sampled_from(["-", '"a"', '"b"', 'not("a")', '"a","c"'])
ROWS = st.lists(st.tuples(cells(), WORDS, st.integers(1, 2).map(str)), min_size=1, max_size=6)


@pytest.mark.untraced
@settings(max_examples=150, deadline=None)
@given(rows=ROWS, policy=st.sampled_from(["UNIQUE", "FIRST", "RULE ORDER"]))
def test_the_findings_agree_with_every_case(rows: list[tuple[str, str, str]], policy: str) -> None:
    """Gaps, overlaps and hidden rules against the decision itself, over all cases that cells tell apart."""
    model = model_of(["x:number", "y:string"], rows, policy)
    everything = model_of(["x:number", "y:string"], rows, "RULE ORDER")
    findings = dmn.check(model)
    hits = {}
    for x in range(-6, 15):
        for y in ["a", "b", "c", "d"]:
            value = feel.evaluate(f"{x} / 2", {})
            hits[x, y] = everything.decide("d", {"x": value, "y": y}).matched

    assert bool(_of(findings, "gap", "nothing")) == any(not each for each in hits.values())
    assert bool(_of(findings, "overlap of unique", "overlap")) == (
        policy != "FIRST" and any(len(each) > 1 for each in hits.values())
    )
    for finding in _of(findings, "gap", "nothing"):
        assert everything.decide("d", _case(finding)).matched == ()
    for finding in _of(findings, "overlap of unique", "overlap"):
        assert set(finding.rules) <= set(everything.decide("d", _case(finding)).matched)
    counted = {each[0] for each in hits.values() if each}
    for finding in _of(findings, "hidden"):
        assert finding.rules[0] not in counted
    never = {finding.rules[0] for finding in _of(findings, "never", "hidden")}
    if policy == "FIRST":
        assert never == set(range(1, len(rows) + 1)) - counted


def _of(findings: Sequence[Finding], *kinds: str) -> list[Finding]:
    return [each for each in findings if each.kind in kinds]


def _case(finding: Finding) -> dict[str, Any]:
    return {"x": 0, "y": "d"} | {name: feel.evaluate(text, {}) for name, text in finding.case.items()}


def test_a_large_table_is_looked_into_as_far_as_the_work_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule cuts each column anew, so that the whole space cannot be gone through."""
    rows = [[*[f"[{number * step}..{number * step + 700})" for step in (3, 5)], "1"] for number in range(30)]
    model = model_of(["a:number", "b:number"], rows, "COLLECT")
    assert not _of(dmn.check(model), "unsearched")

    monkeypatch.setattr(regions, "WORK", 20)

    assert _of(dmn.check(model), "unsearched")


def test_a_table_of_very_many_columns_is_looked_into_but_for_its_gaps() -> None:
    columns = [f"x{number}:number" for number in range(400)]

    messages = found(columns, [["< 5"] * 400 + ["1"], ["> 3"] * 400 + ["2"]])

    assert messages[0].startswith("rules 1 and 2 both match where only one may: x0 = ")
    assert messages[1:] == ["the table is too large to look for every case without a rule"]


def test_many_gaps_are_not_all_listed() -> None:
    findings = dmn.check(model_of(["x:number", "y:number"], [[str(n), str(n), "1"] for n in range(40)]))

    assert len(_of(findings, "gap")) == 20
    assert _of(findings, "more gaps")
