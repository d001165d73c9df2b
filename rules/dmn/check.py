"""What must be right before a model may be deployed, each finding naming the rule and the column."""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.dmn.errors import DmnError
from rules.dmn.loading import load
from rules.dmn.model import Model
from rules.dmn.scope import Fault
from rules.dmn.table import DecisionTable, Input, Output
from rules.feel import nodes
from rules.feel.rows import Cell
from rules.feel.types import BOOLEAN, STRING


def check(document: bytes, imports: Mapping[str, bytes | Model] | None = None) -> tuple[Fault, ...]:
    """Return all that is wrong with a document; nothing means that it can be deployed."""
    try:
        model = load(document, imports)
    except DmnError as error:
        return (Fault(error.element, error.reason),)
    return check_model(model)


def check_model(model: Model) -> tuple[Fault, ...]:
    found = list(model.faults)
    for table in model.tables:
        found += _check_table(table)
    return tuple(found)


def _check_table(table: DecisionTable) -> Iterator[Fault]:
    if not table.outputs:
        yield Fault(table.owner, "the table has no output")
    names = [output.name for output in table.outputs]
    if len(names) > 1 and (len(set(names)) != len(names) or "" in names):
        yield Fault(table.owner, "the outputs need names of their own")
    yield from _check_aggregation(table)
    for rule in table.rules:
        for column, cell in zip(table.inputs, rule.conditions, strict=True):
            where = f"{table.owner}, rule {rule.number}, column {column.label}"
            yield from _check_cell(where, column, cell)
        for output, result in zip(table.outputs, rule.results, strict=True):
            where = f"{table.owner}, rule {rule.number}, column {output.label}"
            yield from _check_result(where, output, result)


def _check_aggregation(table: DecisionTable) -> Iterator[Fault]:
    aggregator = table.policy.aggregator
    if aggregator is None:
        return
    if len(table.outputs) > 1:
        yield Fault(table.owner, f"COLLECT {aggregator} works on one output, the table has several")
    for output in table.outputs:
        if aggregator == "SUM" and output.type in {STRING, BOOLEAN}:
            yield Fault(f"{table.owner}, column {output.label}", "COLLECT SUM works on numbers")


def _check_cell(where: str, column: Input, cell: Cell) -> Iterator[Fault]:
    """Find literals that the column's allowed values rule out: such a rule can never match."""
    if column.allowed is None:
        return
    for test in cell.tests.tests:
        if isinstance(test, nodes.Constant) and test.value is not None and not column.allowed(test.value):
            yield _not_allowed(where, cell.text, test, _literals(column.allowed_tests))


def _check_result(where: str, output: Output, result: Any) -> Iterator[Fault]:
    node = getattr(result, "node", None)
    if not isinstance(node, nodes.Constant) or node.value is None or output.allowed is None:
        return
    if not output.allowed(node.value):
        yield _not_allowed(where, result.text, node, output.ranking)


def _literals(tests: nodes.UnaryTests | None) -> tuple[Any, ...]:
    if tests is None:
        return ()
    return tuple(test.value for test in tests.tests if isinstance(test, nodes.Constant))


def _not_allowed(where: str, text: str, test: nodes.Constant, allowed: tuple[Any, ...]) -> Fault:
    reason = f"{test.value!r} is not among the allowed values"
    near = [value for value in allowed if _folded(value) == _folded(test.value)]
    if near:
        reason += f"; {near[0]!r} is"
    return Fault(where, reason, text, test.span)


def _folded(value: Any) -> str:
    return " ".join(str(value).split()).casefold()
