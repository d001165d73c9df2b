"""Cases worth testing that nobody wrote yet: every rule once, and the values on and beside each limit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from rules.dmn.analysis.domains import Domain, bits
from rules.dmn.analysis.entangled import path_of
from rules.dmn.analysis.grid import Grid, Row, grid_of
from rules.dmn.analysis.kinds import Interval, literal
from rules.dmn.analysis.regions import Cover
from rules.dmn.analysis.rows import preferred
from rules.dmn.graph import Decision
from rules.dmn.model import Model
from rules.dmn.table import DecisionTable
from rules.dmn.testing import EXPECT, NOTE, Report, cell_text, columns_of, nested, output_text, run_tests
from rules.feel import numbers
from rules.feel.types import NUMBER

MOST: Final = 100
CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Case:
    """A line that could be added: its cells by their column, with what the decision says now as expected."""

    cells: Mapping[str, str]
    rule: int
    """The rule that it is about."""


def propose(model: Model, decision: str, tests: str) -> tuple[Case, ...]:
    """Propose cases beside those of a file of tests, whose columns they fill.

    What they expect is what the table says today: whoever takes them over reads them first.
    Raises what reading the tests raises.
    """
    report = run_tests(model, decision, tests)
    header = columns_of(tests)
    node: Decision = model.find(decision, Decision)
    table = next((each for each in model.tables if each.owner == node.name), None)
    if table is None:
        return ()
    columns = [name for name in header if name != NOTE and not name.startswith(EXPECT)]
    known = {tuple(cell_text(row.inputs[name]) for name in columns) for row in report.rows}
    names = [name if name in columns else None for name in _input_names(model, node.id, table)]
    found: list[Case] = []
    for rule, inputs, note in islice(_candidates(table, report, names), MOST):
        outcome = model.decide(node.id, nested(model, node.id, inputs))
        case = _case(header, inputs, rule, note, outcome.value)
        cells = tuple(case.cells[name] for name in columns)
        hit = {hit.rule for each in outcome.evidence if each.table == table.name for hit in each.hits}
        if cells not in known and (rule in hit or note != _unhit(rule)):
            known.add(cells)
            found.append(case)
    return tuple(found)


def _candidates(
    table: DecisionTable, report: Report, names: Sequence[str | None]
) -> Iterator[tuple[int, Mapping[str, Any], str]]:
    """Go through the rules: first the rule itself if no line hits it, then each limit that none is at."""
    grid = grid_of(table)
    unhit = set(report.unhit.get(table.name, ()))
    tested = {(name, literal(value)) for row in report.rows for name, value in row.inputs.items()}
    cover = Cover([row.sure for row in grid.rows], len(grid.space))
    quiet = [_quietest(grid, place) for place in range(len(grid.space))]
    for row, before in zip(grid.rows, preferred(grid), strict=True):
        if not all(row.box):
            continue
        left = cover.uncovered(row.box, 1, before).boxes if before else ()
        base = [
            domain.sample(calm if segments == space else segments)
            for domain, segments, space, calm in zip(
                grid.domains, left[0] if left else row.box, grid.space, quiet, strict=True
            )
        ]
        if row.number in unhit:
            tested |= {(name, literal(value)) for name, value in _inputs(names, base).items()}
            yield row.number, _inputs(names, base), _unhit(row.number)
        for place, value, note in _limits(grid, row):
            name = names[place]
            at = (name or "", literal(value))
            if name is not None and at not in tested:
                tested.add(at)
                yield row.number, _inputs(names, [*base[:place], value, *base[place + 1 :]]), note


def _unhit(rule: int) -> str:
    return f"rule {rule}"


def _quietest(grid: Grid, place: int) -> int:
    """Return the segment that the fewest rules ask for: there nothing else gets in the way."""
    asking = [row.box[place] for row in grid.rows if row.box[place] != grid.space[place]]
    return min(
        (1 << index for index in bits(grid.space[place])),
        key=lambda segment: sum(1 for box in asking if box & segment),
    )


def _input_names(model: Model, decision: str, table: DecisionTable) -> list[str | None]:
    """Return the input that each column is the first to show as it is; None where there is none."""
    inputs = model.inputs_of(decision)
    found: list[str | None] = []
    for column in table.inputs:
        path = path_of(getattr(column.expression, "node", None)) or ("",)
        name = ".".join(path)
        found.append(name if path[0] in inputs and name not in found else None)
    return found


def _inputs(names: Sequence[str | None], values: Sequence[Any]) -> Mapping[str, Any]:
    return {name: value for name, value in zip(names, values, strict=True) if name is not None}


def _limits(grid: Grid, row: Row) -> Iterator[tuple[int, Any, str]]:
    """Go through the values on and just beside each limit of a rule's cells."""
    for place, domain in enumerate(grid.domains):
        if not domain.ordered:
            continue
        for point in domain.edges(row.box[place]):
            for value in (_beside(domain, point, -1), point, _beside(domain, point, 1)):
                if value is not None and domain.segment_of(value) & grid.space[place]:
                    yield place, value, f"limit: {grid.labels[place]} {literal(point)}"


def _beside(domain: Domain, point: Any, step: int) -> Any:
    """Return the value one cent, day, second or month away."""
    if domain.kind is NUMBER:
        moved = numbers.add(point, step * CENT)
        whole = numbers.as_int(moved) if numbers.is_whole(moved) else None
        return moved if whole is None else whole
    ends = (None, point) if step < 0 else (point, None)
    return Interval(domain.kind, *ends).sample() if domain.kind is not None else None


def _case(header: Sequence[str], inputs: Mapping[str, Any], rule: int, note: str, value: Any) -> Case:
    expected = [name for name in header if name.startswith(EXPECT)]
    cells = dict.fromkeys(header, "")
    cells.update({name: cell_text(given) for name, given in inputs.items()})
    for name in expected:
        cells[name] = output_text(value, name.removeprefix(EXPECT), len(expected) == 1)
    return Case(cells | ({NOTE: note} if NOTE in cells else {}), rule)
