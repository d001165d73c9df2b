"""Running a table's tests as its owner wrote them beside it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from app.errors import InvalidError
from app.wording import worded
from rules import dmn, feel

EXPECT = "expect:"
LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class RowResult:
    """One case: `number` counts from 1 below the header; `problem` says what differs, "" when it passed."""

    number: int
    passed: bool
    problem: str
    matched: tuple[int, ...]
    note: str
    inputs: dict[str, str]
    expected: dict[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """All cases, and the numbers of the rules that no case hits."""

    rows: tuple[RowResult, ...]
    unhit_rules: tuple[int, ...]

    @property
    def failed(self) -> tuple[RowResult, ...]:
        return tuple(row for row in self.rows if not row.passed)


def read_rows(content: bytes) -> list[dict[str, str]]:
    """Read the cases; raise InvalidError where this is no such file."""
    try:
        text = content.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text), strict=True)
        rows = [{key: value or "" for key, value in row.items() if key} for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidError("the tests could not be read", {"content": [str(error)]}) from None
    if not any((name or "").startswith(EXPECT) for name in reader.fieldnames or []):
        raise InvalidError(
            "the tests could not be read",
            {"content": [worded("no column begins with {prefix}", prefix=EXPECT)]},
        )
    if len(rows) > LONGEST:
        raise InvalidError(
            "the tests could not be read", {"content": [worded("more than {most} rows", most=LONGEST)]}
        )
    return rows


def run(table: bytes, tests: bytes) -> Report:
    """Decide every case; raise InvalidError where the table cannot be read."""
    try:
        model = dmn.load(table)
    except (dmn.DmnError, feel.FeelError) as error:
        raise InvalidError("the table could not be read", {"content": [str(error)]}) from None
    decision = model.decisions[0]
    rows = tuple(_run_row(model, decision, n, row) for n, row in enumerate(read_rows(tests), 1))
    hit = {rule for row in rows for rule in row.matched}
    count = table.count(b"<rule ") + table.count(b":rule ")
    return Report(rows, tuple(number for number in range(1, count + 1) if number not in hit))


def _run_row(model: dmn.Model, decision: str, number: int, row: dict[str, str]) -> RowResult:
    inputs = {k: v for k, v in row.items() if not k.startswith(EXPECT) and k != "note"}
    expected = {k.removeprefix(EXPECT): v for k, v in row.items() if k.startswith(EXPECT)}
    matched: tuple[int, ...] = ()
    try:
        outcome = model.decide(decision, {name: _value(text) for name, text in inputs.items()})
        matched = tuple(outcome.matched)
        problem = _difference(outcome.value, expected)
    except (dmn.DmnError, feel.FeelError) as error:
        problem = str(error)
    return RowResult(number, not problem, problem, matched, row.get("note", ""), inputs, expected)


def _value(text: str) -> Any:
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text


def _difference(value: Any, expected: dict[str, str]) -> str:
    found = {name: _column(value, name) for name in expected}
    wrong = [
        f"{name} is {found[name] or 'nothing'}, expected {expected[name] or 'nothing'}"
        for name in expected
        if found[name] != [each.strip() for each in expected[name].split(";") if each.strip()]
    ]
    return "; ".join(wrong)


def _column(value: Any, name: str) -> list[str]:
    results = value if isinstance(value, list) else [value]
    entries = [each.get(name) if isinstance(each, dict) else each for each in results]
    return [_text(entry) for entry in entries if entry is not None]


def _text(value: Any) -> str:
    return str(feel.to_plain_json(value)) if not isinstance(value, bool) else str(value).lower()
