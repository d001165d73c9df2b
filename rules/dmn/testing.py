"""Tests beside a table: a CSV of inputs and expected outputs that its owner keeps, and must keep green.

The columns are the decision's inputs or entries of them, such as `claim.type`, `expect:` columns for its
outputs, and `note`. An empty cell is null.
Several values in a cell are joined by `;`, as a table that collects several rules gives them.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from rules.dmn.errors import DmnError
from rules.dmn.graph import Decision
from rules.dmn.model import Model
from rules.dmn.trace import Outcome
from rules.dmn.types import entry_type
from rules.feel.builtins.conversions import text_of
from rules.feel.errors import FeelError
from rules.feel.numbers import number_text
from rules.feel.temporal import DateTime
from rules.feel.temporal_text import parse_temporal
from rules.feel.types import BOOLEAN, NUMBER, STRING, Constrained, ListType, Type

EXPECT: Final = "expect:"
NOTE: Final = "note"
JOIN: Final = ";"


class TestFileError(DmnError):
    """The file of tests does not fit the decision."""

    __test__ = False

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}", reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class RowResult:
    """One line of the file: what it expects, what came out, by which rules."""

    line: int
    note: str
    passed: bool
    inputs: Mapping[str, Any]
    expected: Mapping[str, str]
    got: Mapping[str, str]
    matched: tuple[int, ...]
    warnings: tuple[str, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """Name the outputs that came out otherwise than expected."""
        return tuple(name for name in self.expected if not _agree(self.expected[name], self.got[name]))


@dataclass(frozen=True, slots=True)
class Report:
    """All lines, and the rules that none of them hits, by their numbers, for each table asked."""

    rows: tuple[RowResult, ...]
    unhit: Mapping[str, tuple[int, ...]]

    @property
    def passed(self) -> bool:
        return all(row.passed for row in self.rows)

    @property
    def complete(self) -> bool:
        """Say whether the tests may publish the table: all pass and every rule is hit by one."""
        return bool(self.rows) and self.passed and not any(self.unhit.values())


def run_tests(model: Model, decision: str, tests: str, now: datetime | DateTime | None = None) -> Report:
    """Put every line of a file of tests to a decision."""
    node: Decision = model.find(decision, Decision)
    reader = csv.reader(io.StringIO(tests))
    header = _header(_lines(reader))
    types = _input_types(model, decision, header)
    rows: list[RowResult] = []
    hit: dict[str, set[int]] = {}
    for cells in _lines(reader):
        if len(cells) != len(header):
            raise TestFileError(reader.line_num, f"{len(cells)} cells where there are {len(header)} columns")
        line = dict(zip(header, cells, strict=True))
        inputs = {name: _read(line[name], kind, reader.line_num) for name, kind in types.items()}
        try:
            outcome = model.decide(node.id, nested(model, node.id, inputs), now)
        except FeelError as error:
            raise TestFileError(reader.line_num, str(error)) from None
        for evidence in outcome.evidence:
            hit.setdefault(evidence.table, set()).update(each.rule for each in evidence.hits)
        rows.append(_judge(reader.line_num, line, inputs, outcome))
    return Report(tuple(rows), dict(_unhit(model, decision, hit)))


def columns_of(tests: str) -> list[str]:
    """Return the names of a file's columns."""
    return _header(_lines(csv.reader(io.StringIO(tests))))


def _lines(reader: Any) -> Iterator[list[str]]:
    """Go through the lines that hold something."""
    try:
        yield from filter(any, reader)
    except csv.Error as error:
        raise TestFileError(reader.line_num, str(error)) from None


def _header(lines: Iterator[list[str]]) -> list[str]:
    header = [name.strip() for name in next(lines, [])]
    for name in header:
        if header.count(name) > 1:
            raise TestFileError(1, f"the column {name!r} is there twice")
    return header


def _input_types(model: Model, decision: str, header: Sequence[str]) -> dict[str, Type | None]:
    wanted = model.input_types(decision)
    types: dict[str, Type | None] = {}
    if not any(name.startswith(EXPECT) for name in header):
        raise TestFileError(1, f"no column says what to expect; its name begins with {EXPECT!r}")
    for name in header:
        if name == NOTE or name.startswith(EXPECT):
            continue
        root, *entries = [name] if name in wanted else name.split(".")
        if root not in wanted:
            known = ", ".join(wanted) or "none"
            raise TestFileError(1, f"{name!r} is no input of {decision!r}; there are {known}")
        types[name] = entry_type(wanted[root], entries)
    return types


def nested(model: Model, decision: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs as a decision takes them: columns such as `claim.type` are entries of one."""
    wanted = model.input_types(decision)
    found: dict[str, Any] = {}
    for name, value in inputs.items():
        *roots, last = [name] if name in wanted else name.split(".")
        inner = found
        for root in roots:
            inner = inner.setdefault(root, {})
        inner[last] = value
    return found


def _read(text: str, kind: Type | None, line: int) -> Any:
    """Read a cell as its input's type wants it."""
    text = text.strip()
    base = kind.base if isinstance(kind, Constrained) else kind
    if not text:
        return None
    if isinstance(base, ListType):
        return [_read(part, base.item, line) for part in text.split(JOIN)]
    value = text if base == STRING else _guess(text)
    if (base == NUMBER and isinstance(value, str)) or (base == BOOLEAN and type(value) is not bool):
        raise TestFileError(line, f"{text!r} is no {base.name}")
    return value


def _guess(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    number = _number(text)
    return number if number is not None else parse_temporal(text) or text


def _number(text: str) -> Any:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _judge(number: int, line: Mapping[str, str], inputs: Mapping[str, Any], outcome: Outcome) -> RowResult:
    names = [name for name in line if name.startswith(EXPECT)]
    expected = {name.removeprefix(EXPECT): line[name].strip() for name in names}
    got = {name: output_text(outcome.value, name, len(names) == 1) for name in expected}
    passed = all(_agree(expected[name], got[name]) for name in expected)
    warnings = tuple(str(warning) for warning in outcome.warnings)
    return RowResult(number, line.get(NOTE, ""), passed, inputs, expected, got, outcome.matched, warnings)


def output_text(value: Any, name: str, only: bool) -> str:
    """Write what a decision gave for one output, the values of several rules joined."""
    if isinstance(value, list):
        return JOIN.join(output_text(item, name, only) for item in value)
    if isinstance(value, dict):
        return cell_text(value.get(name))
    return cell_text(value) if only else ""


def cell_text(value: Any) -> str:
    """Write a value as a cell of the file, which `run_tests` reads back."""
    if value is None or isinstance(value, str):
        return value or ""
    return text_of(value)


def _agree(expected: str, got: str) -> bool:
    return [_canonical(part) for part in expected.split(JOIN)] == [
        _canonical(part) for part in got.split(JOIN)
    ]


def _canonical(text: str) -> str:
    number = _number(text.strip())
    return text.strip() if number is None else number_text(number)


def _unhit(model: Model, decision: str, hit: Mapping[str, set[int]]) -> Iterator[tuple[str, tuple[int, ...]]]:
    owners = model.owners_of(decision)
    for table in model.tables:
        if table.owner in owners:
            missed = {rule.number for rule in table.rules} - hit.get(table.name, set())
            yield table.name, tuple(sorted(missed))
