"""Cases that are worth a line: what they hold, and that a table passes them as they stand."""

import csv
import io
from collections.abc import Sequence

import pytest

from rules import dmn
from rules.dmn.proposing import MOST, Case, propose
from rules.dmn.testing import run_tests
from tests.rules.dmn_builders import decision, definitions, input_data, literal, needs_input, table


def model_of(inputs: Sequence[str], rows: Sequence[Sequence[str]], policy: str = "") -> dmn.Model:
    kinds = dict(each.split("|")[0].split(":") for each in inputs)
    data = "".join(input_data(name, kind) for name, kind in kinds.items())
    body = table(inputs, ["o"], rows, policy)
    return dmn.load(definitions(data + decision("d", body, needs=needs_input(*kinds))))


def lines(cases: Sequence[Case]) -> list[str]:
    return [",".join(case.cells.values()) for case in cases]


AMOUNTS = model_of(["amount:number"], [["< 1000", '"a"'], [">= 1000", '"b"']])


def test_each_rule_and_each_limit_gets_a_case() -> None:
    assert lines(propose(AMOUNTS, "d", "amount,expect:d,note\n")) == [
        "0,a,rule 1",
        "999.99,a,limit: amount 1000",
        "1000,b,limit: amount 1000",
        "1000.01,b,limit: amount 1000",
    ]


def test_what_is_tested_already_is_not_proposed() -> None:
    tests = "amount,expect:d,note\n999.99,a,\n1000,b,\n"

    assert lines(propose(AMOUNTS, "d", tests)) == ["1000.01,b,limit: amount 1000"]


def test_a_case_asks_for_no_more_than_the_columns_of_the_file() -> None:
    model = model_of(["x:number", "y:boolean"], [["< 1", "true", "1"], ["-", "false", "2"]], "FIRST")

    assert lines(propose(model, "d", "y,expect:d\n")) == ["false,2"]


def test_a_rule_behind_others_gets_a_case_that_they_leave_to_it() -> None:
    rows = [["1960", "true", '"a"'], ["1960", "-", '"b"'], ["-", "false", '"c"'], ["-", "-", '"d"']]
    model = model_of(["year:number", "calm:boolean"], rows, "FIRST")

    proposed = propose(model, "d", "year,calm,expect:d,note\n")

    assert {case.cells["expect:d"] for case in proposed if case.cells["note"].startswith("rule")} == set(
        "abcd"
    )


def test_entries_of_an_input_have_columns_of_their_own() -> None:
    body = table(
        ["claim.type", "claim.sum:number"], ["o"], [['"car"', "< 10", '"a"'], ["-", "-", '"b"']], "FIRST"
    )
    model = dmn.load(definitions(decision("d", body)))

    proposed = propose(model, "d", "claim.type,claim.sum,expect:d,note\n")

    assert lines(proposed)[0] == "car,0,a,rule 1"
    tests = "claim.type,claim.sum,expect:d,note\n" + "\n".join(lines(proposed))
    assert run_tests(model, "d", tests).complete


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "2026-01-01"),
        ("time", "12:00:00"),
        ("dateTime", "2026-01-01T12:00:00"),
        ("dayTimeDuration", "P1D"),
        ("yearMonthDuration", "P1Y"),
    ],
)
def test_a_column_that_no_rule_limits_gets_some_value_of_its_kind(kind: str, value: str) -> None:
    model = model_of([f"x:{kind}"], [["-", "1"]])

    assert lines(propose(model, "d", "x,expect:d\n")) == [f"{value},1"]


@pytest.mark.parametrize(
    ("column", "cell", "beside"),
    [
        ("x:date", '>= date("2026-03-01")', ["2026-02-28", "2026-03-01", "2026-03-02"]),
        ("x:dayTimeDuration", '> duration("P3D")', ["P2D", "P3D", "P4D"]),
        ("x:yearMonthDuration", '< duration("P1Y")', ["P11M", "P1Y", "P1Y1M"]),
        ("x:number|[0..1]", "< 1", ["0", "0.01", "0.99", "1"]),
        ("x:number", "0.99", ["0", "0.98", "0.99", "1"]),
        ("x:string", '"a"', ["a", "another value"]),
        ("x:number", "> 9e6144", ["9E+6144", "9.5E+6144"]),
        ("x:number", "< -9e6144", ["-9E+6144", "-9.5E+6144"]),
        ("x:number", "> 9.999999999999999999999999999999999e6144", [f"9.{'9' * 33}E+6144"]),
        ("x:number", f"]{10**33 + 1}..{10**33 + 3}[", [f"{10**33 + each}" for each in (1, 2, 3)]),
        ("x:number", "> 1e30", [f"{2 * 10**30}", f"{10**30}", f"{10**30}.01", f"{'9' * 30}.99"]),
    ],
)
def test_the_values_beside_a_limit_are_one_step_away(column: str, cell: str, beside: list[str]) -> None:
    model = model_of([column], [[cell, '"a"'], ["-", '"b"']], "FIRST")

    proposed = propose(model, "d", "x,expect:d,note\n")

    assert sorted({case.cells["x"] for case in proposed}) == sorted(beside)


def test_other_columns_stay_where_the_fewest_rules_ask() -> None:
    model = model_of(
        ["x:number", "y:string"], [["> 5", "-", "1"], ["-", '"a"', "2"], ["-", '"b"', "3"]], "COLLECT"
    )

    (case,) = [each for each in propose(model, "d", "x,y,expect:d,note\n") if each.cells["note"] == "rule 1"]

    assert (case.cells["y"], case.cells["expect:d"]) == ("another value", "1")


def test_a_rule_that_matches_nothing_has_no_case() -> None:
    model = model_of(["x:number"], [["? > 3 and ? < 2", "1"], ["-", "2"]])

    assert {case.rule for case in propose(model, "d", "x,expect:d\n")} == {2}


def test_two_columns_of_one_input_are_one_value() -> None:
    model = model_of(["x:number", "x:number"], [[">= 1", "< 3", '"in"'], ["< 1", "-", '"out"']], "FIRST")

    assert lines(propose(model, "d", "x,expect:d\n"))[:2] == ["1,in", "0.99,out"]


def test_the_proposed_cases_pass_and_hit_every_rule() -> None:
    rows = [["< 10", '"a"', "1"], ["[10..20]", 'not("a")', "2"], ["> 20", "-", "3"], ["-", "-", "4"]]
    model = model_of(["x:number", "y:string"], rows, "FIRST")
    header = "x,y,expect:d,note\n"
    written = io.StringIO()
    csv.writer(written).writerows(case.cells.values() for case in propose(model, "d", header))

    report = run_tests(model, "d", header + written.getvalue())

    assert report.complete, report.unhit


def test_a_decision_without_a_table_has_none_to_propose() -> None:
    model = dmn.load(
        definitions(input_data("x", "number") + decision("d", literal("x + 1"), needs=needs_input("x")))
    )

    assert propose(model, "d", "x,expect:d\n") == ()


def test_no_more_are_proposed_than_somebody_reads() -> None:
    model = model_of(["x:number"], [[str(number), "1"] for number in range(80)])

    assert len(propose(model, "d", "x,expect:d\n")) == MOST
