"""Running a table's tests as its owner wrote them beside it, and saying what is wrong in their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import InvalidError
from app.wording import worded
from rules import dmn, feel
from rules.dmn import proposing, testing

LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Difference:
    """An output that came out otherwise than a case expects."""

    output: str
    got: str
    expected: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """One case: `number` counts from 1 below the header, without rows that say nothing."""

    number: int
    differences: tuple[Difference, ...]
    matched: tuple[int, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True)
class Proposed:
    """A case worth adding: a value for each column of the file, and the rule that it is about."""

    cells: Mapping[str, str]
    rule: int


@dataclass(frozen=True, slots=True)
class Report:
    """All cases, the numbers of the table's rules that no case hits, and the cases that are missing."""

    rows: tuple[RowResult, ...]
    unhit_rules: tuple[int, ...]
    proposed: tuple[Proposed, ...]

    @property
    def failed(self) -> tuple[RowResult, ...]:
        return tuple(row for row in self.rows if not row.passed)


def run(name: str, table: bytes, tests: bytes) -> Report:
    """Put every case to the decision of this id, else to the first table's.

    Raises InvalidError where there is no table, or where the cases do not fit it.
    """
    text = decoded(tests, "tests")
    try:
        model = dmn.load(table)
        tested = _tested(model, name)
        found = testing.run_tests(model, tested.owner, text)
        missing = proposing.propose(model, tested.owner, text)
    except (dmn.DmnError, feel.FeelError) as error:
        raise InvalidError("the tests could not be run", {"content": [str(error)]}) from None
    rows = tuple(_result(number, row) for number, row in enumerate(found.rows, 1))
    proposed = tuple(Proposed(case.cells, case.rule) for case in missing)
    return Report(rows, found.unhit.get(tested.name, ()), proposed)


def _tested(model: dmn.Model, name: str) -> dmn.DecisionTable:
    owner = model.nodes[name].name if name in model.nodes else ""
    named = [table for table in model.tables if table.owner == owner]
    if not model.tables:
        raise InvalidError("the tests could not be run", {"content": ["the file holds no decision table"]})
    return (named or list(model.tables))[0]


def _result(number: int, row: testing.RowResult) -> RowResult:
    differences = tuple(Difference(name, row.got[name], row.expected[name]) for name in row.wrong)
    return RowResult(number, differences, row.matched)


def decoded(tests: bytes, field: str = "content") -> str:
    """Read a file of cases as text; raise InvalidError naming the field where it is none, or far too long."""
    if len(tests) > LONGEST:
        raise InvalidError(
            "the tests could not be read", {field: [worded("has more than {most} bytes", most=LONGEST)]}
        )
    try:
        return tests.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidError("the tests could not be read", {field: ["is not UTF-8"]}) from None
