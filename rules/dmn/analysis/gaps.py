"""Cases that no rule covers, each as the row that would fill it and as an example."""

from collections.abc import Iterator, Mapping
from typing import Final

from rules.dmn.analysis.entangled import found_case, is_tied, knots
from rules.dmn.analysis.examples import example
from rules.dmn.analysis.grid import Grid
from rules.dmn.analysis.regions import Cover
from rules.dmn.findings import Finding

SHOWN: Final = 20


def gaps(grid: Grid) -> Iterator[Finding]:
    """Find the cases without a rule; a table whose outputs all have defaults has none.

    Where rules are collected, none is an answer too: an empty list, or a count of zero.
    A cell that cannot be seen counts as accepting everything, so that each gap told is one.
    """
    table = grid.table
    if table.outputs and all(output.default is not None for output in table.outputs):
        return
    many = table.policy.many and table.policy.nothing is not None
    cover = Cover([row.box for row in grid.rows], len(grid.space))
    found = cover.uncovered(grid.space, SHOWN + 1, range(len(grid.rows)))
    tied = knots(grid)
    for box in found.boxes[:SHOWN]:
        case: Mapping[str, str] | None = example(grid, box)
        if is_tied(grid, tied, box):
            case = found_case(grid, box, lambda matched: not matched)
        if case is None:
            continue
        cells = tuple(
            "-" if segments == space else domain.text(segments)
            for domain, segments, space in zip(grid.domains, box, grid.space, strict=True)
        )
        yield Finding("nothing" if many else "gap", table.owner, case=case, cells=cells)
    if len(found.boxes) > SHOWN and not many:
        yield Finding("more gaps", table.owner)
    if not found.whole:
        yield Finding("unsearched", table.owner)
