"""Results that are the same in every case and do not suit their column, or what the table makes of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rules.dmn.analysis.grid import Grid, simple_base
from rules.dmn.analysis.kinds import ORDERED
from rules.dmn.findings import Finding, of_fault
from rules.dmn.scope import Fault, Spot, fault_at
from rules.feel.coercion import MISFIT, coerce
from rules.feel.comparing import describe
from rules.feel.evaluation import Warning
from rules.feel.types import NUMBER, STRING, Simple, kind_of

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A cell that comes to one value, made to fit its column, or to null with the reason."""

    spot: Spot
    value: Any
    why: Warning | None


def unfit(grid: Grid) -> Iterator[Finding]:
    """Find results that fail whatever the case, or that are of another type than their column."""
    for cell in _fixed(grid):
        if cell.why is not None:
            yield of_fault(fault_at(grid.table.owner, cell.spot, cell.why))


def uncollectable(grid: Grid) -> Iterator[Finding]:
    """Find results of which COLLECT cannot make one value: with them it comes to null."""
    aggregator = grid.table.policy.aggregator
    if aggregator not in {"SUM", "MIN", "MAX"}:
        return
    cells = [cell for cell in _fixed(grid) if cell.why is None]
    kind = NUMBER if aggregator == "SUM" else _kind(grid, cells)
    for cell in cells:
        if kind_of(cell.value) is not kind:
            where = f"{grid.table.owner}, {cell.spot}"
            fault = Fault(
                where, f"COLLECT {aggregator} works on values of one kind that have an order", spot=cell.spot
            )
            if aggregator == "SUM":
                fault = Fault(where, "COLLECT SUM works on numbers", spot=cell.spot)
            yield of_fault(fault)


def alphabets(grid: Grid) -> Iterator[Finding]:
    """Find texts of which COLLECT takes the first or the last of the alphabet."""
    aggregator = grid.table.policy.aggregator
    cells = [cell for cell in _fixed(grid) if aggregator in {"MIN", "MAX"} and isinstance(cell.value, str)]
    if cells:
        numbers = tuple(cell.spot.rule for cell in cells[:SHOWN])
        columns = (cells[0].spot.column,)
        yield Finding("alphabet", grid.table.owner, numbers, columns, detail=f"COLLECT {aggregator}")


def _fixed(grid: Grid) -> Iterator[_Fixed]:
    for row in grid.rows:
        for output, written, result in zip(grid.table.outputs, row.rule.results, row.results, strict=True):
            if result is None:
                continue
            spot = Spot(row.number, output.label)
            fitted = coerce(result.value, output.type)
            why = next(iter(result.warnings), None) if result.value is None else None
            if fitted is MISFIT:
                text = getattr(written, "text", "")
                reason = f"{describe(result.value)} does not fit the column's type"
                why = Warning(text, (0, len(text)), reason)
            yield _Fixed(spot, fitted, why)


def _kind(grid: Grid, cells: list[_Fixed]) -> Simple | None:
    """Return the kind that values should have to be compared: the column's, else the first one's."""
    kinds = [simple_base(grid.table.outputs[0].type), *(kind_of(cell.value) for cell in cells)]
    return next((kind for kind in kinds if kind in (*ORDERED, STRING)), None)
