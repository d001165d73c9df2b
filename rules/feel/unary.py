"""Unary tests on their own: allowed values of types, inputs and outputs."""

from collections.abc import Callable
from typing import Any

from rules.feel.evaluation import Evaluation
from rules.feel.names import Scope
from rules.feel.parser import parse_tests
from rules.feel.rows import Cell, compile_rows


def compile_tests(text: str, scope: Scope | None = None) -> Callable[[Any], bool]:
    """Return a function that says whether a value passes; raises FeelSyntaxError."""
    scope = scope or Scope()
    matcher = compile_rows([[Cell(text, parse_tests(text, scope))]], 1, scope)

    def passes(value: Any) -> bool:
        return bool(matcher(Evaluation(), {}, value))

    return passes
