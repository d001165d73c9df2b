"""Values in cells that look wrong: of another kind than their column, or almost like another."""

from collections.abc import Iterator

from rules.dmn.analysis.grid import Grid
from rules.dmn.analysis.kinds import literal
from rules.dmn.findings import Finding, of_fault
from rules.dmn.scope import Spot, fault_at
from rules.feel import nodes


def misfits(grid: Grid) -> Iterator[Finding]:
    """Find cells that compare with a value of a kind that the column never holds."""
    for misfit in grid.misfits:
        label = grid.labels[misfit.column]
        yield Finding("misfit", grid.table.owner, (misfit.rule,), (label,), detail=misfit.text)


def near_misses(grid: Grid) -> Iterator[Finding]:
    """Find strings of one column that differ only in capitals or spaces."""
    for place, label in enumerate(grid.labels):
        alike: dict[str, dict[str, int]] = {}
        for rule in grid.table.rules:
            for node in nodes.walk(rule.conditions[place].tests):
                if isinstance(node, nodes.Constant) and isinstance(node.value, str):
                    alike.setdefault(folded(node.value), {}).setdefault(node.value, rule.number)
        for spellings in alike.values():
            if len(spellings) > 1:
                numbers = tuple(sorted(set(spellings.values())))
                written = ", ".join(literal(each) for each in spellings)
                yield Finding("near miss", grid.table.owner, numbers, (label,), detail=written)


def unseen(grid: Grid) -> Iterator[Finding]:
    """Name the cells that the analysis could not see: there may be gaps and overlaps in them."""
    for cell in grid.unseen:
        if cell.fault is None:
            label = grid.labels[cell.column]
            yield Finding("unseen", grid.table.owner, (cell.rule,), (label,), detail=cell.text)


def void(grid: Grid) -> Iterator[Finding]:
    """Find cells with a part that is null in every case, such as a day that does not exist."""
    for cell in grid.unseen:
        if cell.fault is not None:
            spot = Spot(cell.rule, grid.labels[cell.column])
            yield of_fault(fault_at(grid.table.owner, spot, cell.fault))


def folded(text: str) -> str:
    """Return what strings have in common that a reader takes for the same."""
    return " ".join(text.split()).casefold()
