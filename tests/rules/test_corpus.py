"""What approvers write, line by line: each condition and cell comes to what the standard says."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rules import feel
from rules.feel.evaluation import Evaluation
from rules.feel.names import Scope
from rules.feel.parser import parse_tests
from rules.feel.rows import Cell, compile_rows
from rules.feel.temporal_text import parse_temporal

CORPUS = Path(__file__).parent / "corpus"
NOW = feel.parse_date_time("2026-03-02T09:30:00+08:00")


class Line(NamedTuple):
    """One line with the values that it can see."""

    scope: dict[str, Any]
    parts: list[str]


def _read(pattern: str) -> list[Any]:
    found = []
    for path in sorted(CORPUS.glob(pattern)):
        scope: dict[str, Any] = {}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.startswith("= {"):
                scope = _typed(json.loads(line[1:], parse_float=Decimal))
            elif line and not line.startswith("#"):
                found.append(pytest.param(Line(scope, line.split(" || ")), id=f"{path.stem}-{number}"))
    return found


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_typed(each) for each in value]
    return parse_temporal(value[1:]) if isinstance(value, str) and value.startswith("@") else value


CONDITIONS = _read("*.feel")
CELLS = _read("*.cells")


@pytest.mark.parametrize("line", CONDITIONS)
def test_a_condition_comes_to_its_value(line: Line) -> None:
    text, expected, _ = line.parts
    names = frozenset(line.scope)

    result = feel.compile(text, names).run(line.scope, NOW)

    assert feel.text_of(result.value) == expected, [str(warning) for warning in result.warnings]
    assert feel.text_of(feel.compile(text, names).evaluate(line.scope, NOW)) == expected


@pytest.mark.parametrize("line", CELLS)
def test_a_cell_fits_or_does_not(line: Line) -> None:
    text, given, expected, _ = line.parts
    scope = Scope(frozenset(line.scope))

    matches = compile_rows([[Cell(text, parse_tests(text, scope))]], 1, scope)
    rows = matches(Evaluation(NOW), line.scope, feel.evaluate(given, {}))

    assert (rows == [0]) is (expected == "true")


def test_every_line_of_the_corpus_has_its_note_and_there_are_many() -> None:
    conditions, cells = ([param.values[0].parts for param in lines] for lines in (CONDITIONS, CELLS))

    assert len(conditions) + len(cells) >= 700
    assert [line for line in conditions if len(line) != 3 or not line[-1]] == []
    assert [line for line in cells if len(line) != 4 or not line[-1]] == []
    assert {line[2] for line in cells} == {"true", "false"}
