"""Emits comparisons, tests and logic: at once where a type test allows it, else through a helper."""

import ast
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from rules.feel import nodes
from rules.feel import python_tree as py
from rules.feel.emit_names import RUN, NameEmitter
from rules.feel.numbers import NUMBER_TYPES

_ORDERINGS: Final = {
    "=": "equals", "!=": "differs", "<": "less", "<=": "less_or_equal",
    ">": "greater", ">=": "greater_or_equal",
}  # fmt: skip
_TESTED: Final = frozenset({str, bool, *NUMBER_TYPES})
"""Types of literals whose like the code tells at once."""
_MIRRORED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class LogicEmitter(NameEmitter):
    """Adds what comes to true, false or null."""

    def _logic(self, node: nodes.Logic) -> ast.expr:
        """Stop at the first operand that decides; all of one mind else; the rest is for the helper."""
        decisive = node.word == "or"
        bound = [(self.fresh(), operand) for operand in node.operands]
        decided = [
            py.compare(py.bind(variable, self.emit(operand)), "is", py.constant(decisive))
            for variable, operand in bound
        ]
        opposite = [py.compare(py.name(variable), "is", py.constant(not decisive)) for variable, _ in bound]
        values = py.sequence([py.name(variable) for variable, _ in bound])
        return py.choose(
            py.some(decided),
            py.constant(decisive),
            py.choose(
                py.every(opposite),
                py.constant(not decisive),
                self.helper("undecided", node, py.constant(node.word), values),
            ),
        )

    def _compare(self, node: nodes.Compare) -> ast.expr:
        if isinstance(node.right, nodes.Constant) and node.right.fault is None:
            return self.compare_to(node, self.operand(node.left), node.left, node.symbol, node.right.value)
        if isinstance(node.left, nodes.Constant) and node.left.fault is None:
            symbol = _MIRRORED[node.symbol]
            return self.compare_to(node, self.operand(node.right), node.right, symbol, node.left.value)
        return self.helper(_ORDERINGS[node.symbol], node, self.emit(node.left), self.emit(node.right))

    def compare_to(
        self, node: nodes.Node, value: ast.expr, source: nodes.Node, symbol: str, literal: Any
    ) -> ast.expr:
        """Compare with a literal: at once where the value is of its type, else by the helper."""
        ordering = _ORDERINGS[symbol]
        variable = self.fresh()
        if type(literal) not in _TESTED:
            return self.helper(ordering, node, self.admitted(value, source), self.value(literal))
        is_like = self._is_like(py.bind(variable, value), literal)
        slow = self.helper(ordering, node, self.admit(variable, source), self.value(literal))
        if type(literal) is bool and symbol not in {"=", "!="}:
            return self.helper(ordering, node, self.admitted(value, source), self.value(literal))
        return py.choose(is_like, py.compare(py.name(variable), symbol, self.value(literal)), slow)

    def admitted(self, value: ast.expr, source: nodes.Node) -> ast.expr:
        outer = isinstance(source, nodes.Name) and source.name in self.names
        return py.call("admit", py.name(RUN), value) if outer else value

    def _is_like(self, value: ast.expr, literal: Any) -> ast.expr:
        if type(literal) in NUMBER_TYPES:
            return self.is_number(value)
        return py.compare(py.call("type", value), "is", py.name(type(literal).__name__))

    def is_number(self, value: ast.expr) -> ast.expr:
        known = self.fresh()
        kind = py.bind(known, py.call("type", value))
        return py.some(
            [py.compare(kind, "is", py.name("int")), py.compare(py.name(known), "is", py.name("Decimal"))]
        )

    def _between(self, node: nodes.Between) -> ast.expr:
        closed = py.constant(True)
        return self.helper(
            "within",
            node,
            self.emit(node.value),
            self.emit(node.low),
            closed,
            self.emit(node.high),
            closed,
        )

    def _in(self, node: nodes.In) -> ast.expr:
        """Look a literal list up in a set; else bind the value and put it to each test."""
        literals = _literals(node.tests)
        variable = self.fresh()
        if literals:
            literal = next(iter(literals))
            # A number from outside may be none (NaN), and then cannot be looked up.
            value = self.operand(node.value) if type(literal) is str else self.emit(node.value)
            like = self._is_like(py.bind(variable, value), literal)
            found = py.compare(py.name(variable), "in", self.keep(literals))
            slow = self._tests(node, self.admit(variable, node.value), node.tests)
            return py.choose(like, found, slow)
        bound = py.bind(variable, self.emit(node.value))
        return py.call("second", bound, self._tests(node, py.name(variable), node.tests))

    def _tests(self, node: nodes.Node, value: ast.expr, tests: Sequence[nodes.Node]) -> ast.expr:
        if len(tests) == 1:
            return self.test(tests[0], value)
        return py.call("any_test", py.list_of([self.test(test, value) for test in tests]))

    def test(self, test: nodes.Node, value: ast.expr) -> ast.expr:
        """Put a value, which is a plain variable, to one test."""
        match test:
            case nodes.UnaryComparison(symbol=symbol, right=right):
                return self.helper(_ORDERINGS[symbol], test, value, self.emit(right))
            case nodes.RangeLiteral(low=low, low_closed=low_closed, high=high, high_closed=high_closed):
                ends = [self.emit(low), py.constant(low_closed), self.emit(high), py.constant(high_closed)]
                return self.helper("within", test, value, *ends)
        return self.helper("passes", test, value, self.emit(test))


def _literals(tests: Sequence[nodes.Node]) -> frozenset[Any]:
    """Return the values of tests that are all literals of one kind, in one list or side by side."""
    parts = tests[0].items if len(tests) == 1 and isinstance(tests[0], nodes.ListLiteral) else tests
    values = [part.value if isinstance(part, nodes.Constant) else None for part in parts]
    kinds = {Decimal if type(value) in NUMBER_TYPES else type(value) for value in values}
    return frozenset(values) if kinds in ({str}, {Decimal}) else frozenset()
