"""What can be said of a decision table without a case: overlaps, gaps, rules that never count."""

from collections.abc import Callable, Iterator
from typing import Final

from rules.dmn.analysis import entangled, gaps, literals, outputs, overlaps, rows
from rules.dmn.analysis.grid import Grid, grid_of
from rules.dmn.findings import Finding
from rules.dmn.table import DecisionTable

_LOOKS: Final[tuple[Callable[[Grid], Iterator[Finding]], ...]] = (
    literals.misfits,
    literals.void,
    outputs.unfit,
    outputs.uncollectable,
    rows.contradictions,
    overlaps.overlaps,
    gaps.gaps,
    rows.hidden,
    outputs.alphabets,
    rows.duplicates,
    rows.mergeable,
    literals.near_misses,
    literals.unseen,
    entangled.entangled,
)


def analyse(table: DecisionTable) -> Iterator[Finding]:
    """Look at one table in every way; the worst comes first within each way only."""
    grid = grid_of(table)
    for look in _LOOKS:
        yield from look(grid)


__all__ = ["analyse"]
