"""What approvers write: each condition and cell of the corpus comes to what the standard says."""

import pytest

from rules import feel
from rules.feel.evaluation import Evaluation
from rules.feel.names import Scope
from rules.feel.parser import parse_tests
from rules.feel.rows import Cell, compile_rows
from tests.rules.corpus_lines import CELLS, CONDITIONS, NOW, Line


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
