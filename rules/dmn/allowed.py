"""The values that a column allows: what they accept, and which of them comes first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rules.dmn import fixed
from rules.dmn.scope import Surroundings
from rules.dmn.xml import Element
from rules.feel import nodes
from rules.feel.errors import FeelSyntaxError
from rules.feel.evaluation import Evaluation
from rules.feel.names import Scope
from rules.feel.parser import parse_tests
from rules.feel.rows import Cell, compile_rows


@dataclass(frozen=True, slots=True)
class Allowed:
    """A column's allowed values as they are written, the most important first."""

    cell: Cell
    matches: Callable[[Any], list[int]]
    """Gives the places of the tests that a value passes."""

    def accepts(self, value: Any) -> bool:
        return bool(self.matches(value))

    def rank(self, value: Any) -> int:
        """Return the place of a value; one that is not listed comes after those that are."""
        return next(iter(self.matches(value)), len(self.cell.tests.tests))

    def listed(self) -> tuple[Any, ...]:
        """Return the values that are named one by one."""
        tests = self.cell.tests.tests
        found = [
            fixed.of_part(test, self.cell.text)
            for test in tests
            if not isinstance(test, nodes.UnaryComparison | nodes.RangeLiteral)
        ]
        return tuple(result.value for result in found if result is not None)


def read_allowed(element: Element, tag: str, where: str, around: Surroundings) -> Allowed | None:
    """Read the allowed values of a column; None where it allows anything, or what it says is broken."""
    child = element.child(tag)
    text = "" if child is None else child.text_of("text") or ""
    if not text:
        return None
    scope = Scope(types=around.library.types)
    try:
        return _allowed(Cell(text, parse_tests(text, scope)), scope)
    except FeelSyntaxError as error:
        around.syntax_fault(where, error)
        return None


def _allowed(cell: Cell, scope: Scope) -> Allowed:
    rows = [cell]
    if not cell.tests.negated and cell.tests.tests:
        rows = [Cell(cell.text, nodes.UnaryTests(test.span, (test,))) for test in cell.tests.tests]
    matcher = compile_rows([[row] for row in rows], 1, scope)

    def matches(value: Any) -> list[int]:
        return matcher(Evaluation(), {}, value)

    return Allowed(cell, matches)
