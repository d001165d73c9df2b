"""A decision table's conditions as one Python function: a call a cell would cost more than the cell."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from rules.feel import nodes
from rules.feel import python_tree as py
from rules.feel.emit_names import RUN, SCOPE, Frame
from rules.feel.emitter import Emitter
from rules.feel.evaluation import Place
from rules.feel.machine import build
from rules.feel.names import Scope
from rules.feel.numbers import NUMBER_TYPES

Matcher: TypeAlias = Callable[..., list[int]]
_INSTANT: Final = frozenset({"<", "<=", ">", ">=", "="})


@dataclass(frozen=True, slots=True)
class Cell:
    """One parsed input cell with its text; no tests at all accept anything."""

    text: str
    tests: nodes.UnaryTests


def compile_rows(rows: Sequence[Sequence[Cell]], columns: int, scope: Scope) -> Matcher:
    """Return a function of (run, scope, one value a column) that lists the rows, from 0, that match."""
    emitter = _RowEmitter(scope.names, columns)
    conditions = py.sequence([emitter.row(row) for row in rows])
    body = py.call("hits", py.call("second", py.sequence(emitter.guards()), conditions))
    return build([RUN, SCOPE, *emitter.values], body, emitter.constants)


def unknown_names(cell: Cell, scope: Scope) -> Mapping[str, Place]:
    """Return the names in a cell that nothing explains, each with its place."""
    emitter = _RowEmitter(scope.names, 1)
    emitter.row([cell])
    return emitter.unknown


class _RowEmitter(Emitter):
    """Emits cells; common ones as a comparison behind a type test that is made once a column."""

    def __init__(self, names: frozenset[str], columns: int) -> None:
        super().__init__("", names)
        self.values = [f"c{column}" for column in range(columns)]
        self._numbers: set[int] = set()
        self._strings: set[int] = set()

    def guards(self) -> list[ast.expr]:
        """Bind what the cells ask of a column's type before the first row."""
        number = [
            py.bind(f"n{column}", self.is_number(py.name(self.values[column])))
            for column in sorted(self._numbers)
        ]
        string = [
            py.bind(
                f"s{column}", py.compare(py.call("type", py.name(self.values[column])), "is", py.name("str"))
            )
            for column in sorted(self._strings)
        ]
        return number + string

    def row(self, cells: Sequence[Cell]) -> ast.expr:
        conditions = [self._cell(column, cell) for column, cell in enumerate(cells) if cell.tests.tests]
        return py.every(conditions) if conditions else py.constant(True)

    def _cell(self, column: int, cell: Cell) -> ast.expr:
        self.text = cell.text
        value = py.name(self.values[column])
        if not cell.tests.negated:
            return py.some([self._fast(column, test) or self._slow(test, value) for test in cell.tests.tests])
        self.frames.append(Frame({"?": self.values[column]}))
        answers = [self.test(test, value) for test in cell.tests.tests]
        self.frames.pop()
        return py.compare(py.call("any_test", py.list_of(answers)), "is", py.constant(False))

    def _slow(self, test: nodes.Node, value: ast.expr) -> ast.expr:
        self.frames.append(Frame({"?": value.id if isinstance(value, ast.Name) else ""}))
        answer = self.test(test, value)
        self.frames.pop()
        return py.is_true(answer)

    def test(self, test: nodes.Node, value: ast.expr) -> ast.expr:
        if isinstance(test, nodes.UnaryComparison | nodes.RangeLiteral):
            return super().test(test, value)
        if nodes.mentions(test, "?"):
            return self.emit(test)
        return self.helper("answers", test, value, self.emit(test))

    def _fast(self, column: int, test: nodes.Node) -> ast.expr | None:
        value = py.name(self.values[column])
        match test:
            case nodes.Constant(value=None, fault=None):
                return py.compare(value, "is", py.constant(None))
            case nodes.Constant(value=bool(wanted)):
                return py.compare(value, "is", py.constant(wanted))
            case nodes.Constant(value=wanted):
                return self._guarded(column, wanted, py.compare(value, "=", self.value(wanted)))
            case nodes.UnaryComparison(symbol=symbol, right=nodes.Constant(value=wanted)) if (
                symbol in _INSTANT
            ):
                return self._guarded(column, wanted, py.compare(value, symbol, self.value(wanted)))
            case nodes.RangeLiteral(low=nodes.Constant(value=low), high=nodes.Constant(value=high)):
                return self._fast_range(column, test, low, high)
        return None

    def _fast_range(self, column: int, test: nodes.RangeLiteral, low: Any, high: Any) -> ast.expr | None:
        if (type(low) in NUMBER_TYPES) is not (type(high) in NUMBER_TYPES):
            return None
        inside = py.between(
            self.value(low),
            "<=" if test.low_closed else "<",
            py.name(self.values[column]),
            "<=" if test.high_closed else "<",
            self.value(high),
        )
        return self._guarded(column, low, inside) if type(low) is not str or type(high) is str else None

    def _guarded(self, column: int, literal: Any, condition: ast.expr) -> ast.expr | None:
        """Put the column's type test before a comparison with a number or a string."""
        if type(literal) in NUMBER_TYPES:
            self._numbers.add(column)
            return py.every([py.name(f"n{column}"), condition])
        if type(literal) is str:
            self._strings.add(column)
            return py.every([py.name(f"s{column}"), condition])
        return None
