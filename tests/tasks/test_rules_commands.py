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
        "approval_policy_table: every rule is hit",
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
    assert "approval_policy_table: no case hits rules 1, 2, 3" in asked.stdout


def test_proposed_cases_can_be_taken_over(policy: Path) -> None:
    proposed = ask("test", policy, "--propose").stdout.splitlines()
    cases = policy.with_suffix(".tests.csv")
    begin = proposed.index(cases.read_text().splitlines()[0])
    cases.write_text(cases.read_text() + "\n".join(proposed[begin + 1 :]) + "\n")

    assert ask("test", policy).stdout.splitlines() == [
        "41 of 41 cases pass",
        "approval_policy_table: every rule is hit",
    ]


def test_a_case_is_decided_with_its_evidence(policy: Path) -> None:
    given = {"amount": 12000.5, "discount_percent": 5, "margin_percent": 30, "customer_risk": "low"}
    given |= {"credit_used_percent": 0, "new_customer": False}

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


def test_a_file_without_a_table_has_nothing_to_test(tmp_path: Path) -> None:
    file = tmp_path / "empty.dmn"
    file.write_bytes(definitions(""))

    with pytest.raises(RulesFileError, match="holds no decision table"):
        ask("test", file, "--tests", POLICY.with_suffix(".tests.csv"))
