"""`placet rules`: what a rule owner types, and what a CI goes by."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tasks.cli import placet
from tasks.errors import RulesFileError
from tests.rules.dmn_builders import decision, definitions, input_data, needs_input, table
from tests.servers import ROOT

POLICY = ROOT / "rules" / "tables" / "shared" / "approval_policy.dmn"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A copy of the shipped policy and its cases."""
    for file in (POLICY, POLICY.with_suffix(".tests.csv")):
        shutil.copy(file, tmp_path)
    return tmp_path / POLICY.name


def ask(*words: str | os.PathLike[str], stdin: str = "") -> Result:
    return CliRunner().invoke(placet, ["rules", *map(str, words)], input=stdin, catch_exceptions=False)


def test_a_sound_file_is_well(policy: Path) -> None:
    asked = ask("check", policy)

    assert asked.exit_code == 0
    assert asked.stdout.splitlines()[-1] == "approval_policy.dmn: 0 errors, 0 warnings, 3 notes"


def test_an_error_is_told_first_and_fails(tmp_path: Path) -> None:
    rows = [["< 5", "1"], ["<= 5", "2"], ["> 7", "3"]]
    file = tmp_path / "level.dmn"
    file.write_bytes(
        definitions(input_data("x") + decision("d", table(["x:number"], ["o"], rows), needs=needs_input("x")))
    )

    asked = ask("check", file)

    first, second, last = asked.stdout.splitlines()
    assert first == "error        d, rule 1: rules 1 and 2 both match where only one may: x = 0"
    assert second == "warning      d: no rule for x = 7"
    assert (last, asked.exit_code) == ("level.dmn: 1 errors, 1 warnings, 0 notes", 1)


def test_the_cases_beside_a_table_pass(policy: Path) -> None:
    asked = ask("test", policy)

    assert asked.stdout.splitlines() == [
        "28 of 28 cases pass",
        "Approval policy: every rule is hit",
        "13 more cases are worth a line; --propose prints them",
    ]
    assert asked.exit_code == 0


def test_a_case_that_fails_and_a_rule_that_none_hits_are_named(policy: Path) -> None:
    cases = policy.with_suffix(".tests.csv")
    head, first, *_ = cases.read_text().splitlines()
    cases.write_text(f"{head}\n{first.replace(',,,', ',finance,,')}\n")

    asked = ask("test", policy)

    assert asked.exit_code == 1
    assert asked.stdout.startswith("line 2: level is null, not finance\n0 of 1 cases pass\n")
    assert "Approval policy: no case hits rules 1, 2, 3" in asked.stdout


def test_proposed_cases_can_be_taken_over(policy: Path) -> None:
    proposed = ask("test", policy, "--propose").stdout.splitlines()
    cases = policy.with_suffix(".tests.csv")
    begin = proposed.index(cases.read_text().splitlines()[0])
    cases.write_text(cases.read_text() + "\n".join(proposed[begin + 1 :]) + "\n")

    assert ask("test", policy).stdout.splitlines() == [
        "41 of 41 cases pass",
        "Approval policy: every rule is hit",
    ]


def test_a_case_is_decided_with_its_evidence(policy: Path) -> None:
    given = {"amount": 12000.5, "discount_percent": 5, "margin_percent": 30, "customer_risk": "low"}
    given |= {"credit_used_percent": 0, "new_customer": False}
    given |= {"order_risk": None, "order_risk_level": None}

    asked = ask("eval", policy, "--decision", "Approval policy", "--input", "-", stdin=json.dumps(given))

    answer = json.loads(asked.stdout)
    assert [each["level"] for each in answer["value"]] == ["sales_lead", "finance"]
    assert (answer["matched"], answer["warnings"]) == ([1, 8], [])
    assert answer["evidence"][0]["inputs"]["Amount"] == "12000.5"
    assert answer["evidence"][0]["rules"][0]["rule"] == 1


def test_a_date_is_read_where_one_is_declared(tmp_path: Path) -> None:
    file = tmp_path / "season.dmn"
    rows = [['>= date("2026-06-01")', '"summer"'], ["-", '"spring"']]
    body = table(["on"], ["o"], rows, "FIRST")
    file.write_bytes(
        definitions(input_data("on", "date") + decision("season", body, needs=needs_input("on")))
    )

    asked = ask("eval", file, "--decision", "season", "--input", '{"on": "2026-07-01"}')

    assert json.loads(asked.stdout)["value"] == "summer"


@pytest.fixture
def undrawn(tmp_path: Path) -> Path:
    """A table that reads variables without a requirement drawn for them, as editors leave it."""
    columns = ["order.amount", "on:date"]
    rows = [["> 100", '> date("2026-01-01")', '"new"'], ["-", "-", '"old"']]
    file = tmp_path / "undrawn.dmn"
    file.write_bytes(definitions(decision("undrawn", table(columns, ["o"], rows, "FIRST"))))
    return file


def test_a_table_without_drawn_requirements_is_asked_by_what_it_reads(undrawn: Path) -> None:
    given = '{"order": {"amount": 200}, "on": "2026-02-01"}'

    answer = json.loads(ask("eval", undrawn, "--decision", "undrawn", "--input", given).stdout)

    assert (answer["value"], answer["matched"], answer["warnings"]) == ("new", [1], [])


def test_a_table_without_drawn_requirements_is_tested(undrawn: Path) -> None:
    cases = undrawn.with_suffix(".tests.csv")
    cases.write_text("on,expect:o\n2026-02-01,old\n")

    asked = ask("test", undrawn)

    assert asked.stdout.startswith("1 of 1 cases pass\nundrawn: no case hits rules 1\n")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param('{"on": ' + "[" * 2_000 + "]" * 2_000 + "}", "--input: nests too deep", id="nested"),
        pytest.param('{"on": ' + "[" * 100 + "]" * 100 + "}", "nested more than 60 deep", id="less nested"),
        pytest.param(f'{{"on": {"9" * 5_000}}}', "--input: holds a number that is too long", id="digits"),
        pytest.param('{"on": NaN}', "--input: is not JSON: NaN is no number", id="no number"),
        pytest.param('{"on": "\\ud800"}', "--input: holds half a character", id="half a character"),
        pytest.param('{"x": 1}', "'x' is no input of 'undrawn'; there are order, on", id="unknown"),
    ],
)
def test_an_input_that_cannot_be_read_is_one_line(undrawn: Path, given: str, reason: str) -> None:
    with pytest.raises(RulesFileError) as refused:
        ask("eval", undrawn, "--decision", "undrawn", "--input", "-", stdin=given)

    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("cases", "reason"),
    [
        (b"x,expect:o\n", "cases.csv: line 1: 'x' is no input of 'undrawn'; there are order, on"),
        (b"on,on,expect:o\n", "cases.csv: line 1: the column 'on' is there twice"),
        (b"on,expect:o\n\xff", "cases.csv: is not UTF-8"),
        (b"on,expect:o\n" + b"a" * 140_000, "cases.csv: line 2: field larger than field limit"),
    ],
)
def test_cases_that_cannot_be_read_are_named_by_their_own_file(
    undrawn: Path, cases: bytes, reason: str
) -> None:
    file = undrawn.with_name("cases.csv")
    file.write_bytes(cases)

    with pytest.raises(RulesFileError) as refused:
        ask("test", undrawn, "--tests", file)

    assert str(refused.value).startswith(reason)


def test_a_file_that_may_not_be_read_is_named(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(RulesFileError, match="Permission denied"):
        ask("check", policy)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["eval", POLICY, "--decision", "x"], "approval_policy.dmn: x: the model holds no such decision"),
        (
            ["eval", POLICY, "--decision", "approval_policy", "--input", "{"],
            "--input: is not JSON at character 2",
        ),
        (
            ["eval", POLICY, "--decision", "approval_policy", "--input", "[]"],
            "is no object of inputs by name",
        ),
        (["eval", POLICY, "--decision", "approval_policy", "--input", '{"z": 1}'], "'z' is no input of"),
        (
            [
                "eval",
                POLICY,
                "--decision",
                "approval_policy",
                "--input",
                '{"amount": 1e99999999999999999999}',
            ],
            "--input: holds a number that is too long",
        ),
        (
            ["eval", POLICY, "--decision", "approval_policy", "--input", '{"amount": 1e7000}'],
            "its exponent is beyond those of decimals",
        ),
        (["test", ROOT / "README.md"], "README.tests.csv: there is no such file"),
        (["test", ROOT / "README.md", "--tests", ROOT / "README.md"], "README.md: document: not well-formed"),
        (["test", POLICY, "--tests", POLICY], "approval_policy.dmn: line 1: no column says what to expect"),
        (
            ["test", POLICY, "--decision", "level"],
            "approval_policy.dmn: level: the model holds no such decision",
        ),
    ],
)
def test_what_cannot_be_used_is_named(words: list[str | Path], reason: str) -> None:
    with pytest.raises(RulesFileError) as refused:
        ask(*words)

    assert reason in str(refused.value)


def test_a_file_of_another_name_is_tested_by_its_first_table(policy: Path) -> None:
    renamed = policy.with_name("copy.dmn")
    shutil.copy(policy, renamed)

    asked = ask("test", renamed, "--tests", policy.with_suffix(".tests.csv"))

    assert (asked.exit_code, asked.stdout.splitlines()[0]) == (0, "28 of 28 cases pass")


def test_tables_of_one_decision_are_told_apart(tmp_path: Path) -> None:
    one = table(["x"], ["o"], [["-", "1"]])
    file = tmp_path / "d.dmn"
    other = one.replace('"table"', '"other"')
    body = f"<list>{one}{other}</list>"
    file.write_bytes(definitions(input_data("x") + decision("d", body, needs=needs_input("x"))))
    (tmp_path / "d.tests.csv").write_text("x,expect:d\n1,1;1\n")

    said = ask("test", file).stdout.splitlines()

    assert said[1:3] == ["d (table): every rule is hit", "d (other): every rule is hit"]


def test_a_file_without_a_table_has_nothing_to_test(tmp_path: Path) -> None:
    file = tmp_path / "empty.dmn"
    file.write_bytes(definitions(""))

    with pytest.raises(RulesFileError, match="holds no decision table"):
        ask("test", file, "--tests", POLICY.with_suffix(".tests.csv"))
