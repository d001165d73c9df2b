"""What must be right before a model may be deployed, and what its owner may want to look at."""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.dmn.allowed import Allowed
from rules.dmn.analysis import analyse
from rules.dmn.analysis.literals import folded
from rules.dmn.errors import DmnError
from rules.dmn.findings import Finding, of_fault
from rules.dmn.loading import load
from rules.dmn.model import Model
from rules.dmn.scope import Fault, Spot
from rules.dmn.table import DecisionTable, Input, Output
from rules.feel import nodes
from rules.feel.rows import Cell
from rules.feel.types import BOOLEAN, STRING


def check_document(
    document: bytes, imports: Mapping[str, bytes | Model] | None = None
) -> tuple[Finding, ...]:
    """Check a document that may not even be read: what it is refused for is the one finding then."""
    try:
        model = load(document, imports)
    except DmnError as error:
        return (Finding("broken", error.element, detail=error.reason),)
    return check(model)


def check(model: Model) -> tuple[Finding, ...]:
    """Look at a model in every way; errors forbid its publication.

    What a broken table leaves out, or says twice, is looked at when it is mended.
    """
    faults = _all_faults(model)
    found = list(broken(model))
    for table in model.tables:
        if not any(f"{fault.element}, ".startswith(f"{table.owner}, ") for fault in faults):
            found += analyse(table)
    return tuple(found)


def broken(model: Model) -> tuple[Finding, ...]:
    """Find only what cannot be decided at all: a model that runs already must not be judged anew."""
    return tuple(of_fault(fault) for fault in _all_faults(model))


def _all_faults(model: Model) -> list[Fault]:
    return [*model.faults, *(fault for table in model.tables for fault in _faults(table))]


def _faults(table: DecisionTable) -> Iterator[Fault]:
    if not table.outputs:
        yield Fault(table.owner, "the table has no output")
    names = [output.name for output in table.outputs]
    if len(names) > 1 and (len(set(names)) != len(names) or "" in names):
        yield Fault(table.owner, "the outputs need names of their own")
    yield from _check_aggregation(table)
    for rule in table.rules:
        for column, cell in zip(table.inputs, rule.conditions, strict=True):
            yield from _check_cell(table.owner, Spot(rule.number, column.label), column, cell)
        for output, result in zip(table.outputs, rule.results, strict=True):
            yield from _check_result(table.owner, Spot(rule.number, output.label), output, result)


def _check_aggregation(table: DecisionTable) -> Iterator[Fault]:
    aggregator = table.policy.aggregator
    if aggregator is None:
        return
    if len(table.outputs) > 1:
        yield Fault(table.owner, f"COLLECT {aggregator} works on one output, the table has several")
    for output in table.outputs:
        if aggregator == "SUM" and output.type in {STRING, BOOLEAN}:
            yield Fault(f"{table.owner}, column {output.label}", "COLLECT SUM works on numbers")


def _check_cell(owner: str, spot: Spot, column: Input, cell: Cell) -> Iterator[Fault]:
    """Find literals that the column's allowed values rule out: such a rule can never match."""
    for test in cell.tests.tests:
        if isinstance(test, nodes.Constant):
            yield from _check_allowed(owner, spot, cell.text, test, column.allowed)


def _check_result(owner: str, spot: Spot, output: Output, result: Any) -> Iterator[Fault]:
    node = getattr(result, "node", None)
    if isinstance(node, nodes.Constant):
        yield from _check_allowed(owner, spot, result.text, node, output.allowed)


def _check_allowed(
    owner: str, spot: Spot, text: str, test: nodes.Constant, allowed: Allowed | None
) -> Iterator[Fault]:
    if test.value is None or allowed is None or allowed.accepts(test.value):
        return
    reason = f"{test.value!r} is not among the allowed values"
    near = [value for value in allowed.listed() if folded(str(value)) == folded(str(test.value))]
    if near:
        reason += f"; {near[0]!r} is"
    yield Fault(f"{owner}, {spot}", reason, text, test.span, spot)
