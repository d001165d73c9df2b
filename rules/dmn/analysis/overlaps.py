"""Pairs of rules that match the same case, and whether the hit policy minds."""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import Final, TypeAlias

from rules.dmn.analysis.entangled import found_case, is_tied, knots
from rules.dmn.analysis.examples import example
from rules.dmn.analysis.grid import Grid, Row
from rules.dmn.analysis.regions import Box, meeting
from rules.dmn.analysis.results import UntoldError, alike, differing_case
from rules.dmn.findings import Finding, Kind

SHOWN: Final = 20
COMPARED: Final = 500
"""Pairs whose results are tried on cases."""
PROVED: Final = 50
"""Pairs that are tried on cases where it is not sure that one exists."""
_Pair: TypeAlias = tuple[Row, Row, Box]


def overlaps(grid: Grid) -> Iterator[Finding]:
    """Find the pairs; a cell that cannot be seen accepts nothing here, so that each overlap told is one.

    Rules of FIRST are meant to overlap: what is hidden by it is looked for elsewhere.
    """
    policy = grid.table.policy.name
    if policy == "FIRST":
        return
    if policy == "ANY":
        yield from _different(grid)
        return
    tied = knots(grid)
    pairs = [pair for pair in _pairs(grid.rows) if not is_tied(grid, tied, pair[2])]
    if policy == "UNIQUE":
        for pair in pairs[:SHOWN]:
            yield _finding("overlap of unique", grid, pair)
        yield from _more(grid, len(pairs) - SHOWN)
        yield from _shown(grid, tied)
    else:
        for pair in pairs[:1]:
            yield _finding("overlap", grid, pair, str(len(pairs)))


def _shown(grid: Grid, tied: list[tuple[int, int]]) -> Iterator[Finding]:
    """Find the pairs over columns that depend on each other, as far as a case shows them."""
    pairs = (pair for pair in _pairs(grid.rows) if is_tied(grid, tied, pair[2]))
    for one, other, shared in islice(pairs, PROVED if tied else 0):
        numbers = (one.number, other.number)
        case = found_case(grid, shared, set(numbers).issubset)
        if case is not None:
            yield Finding("overlap of unique", grid.table.owner, numbers, case=case)


def _different(grid: Grid) -> Iterator[Finding]:
    """Find the pairs with different results: only those of which a case shows it."""
    tied = knots(grid)
    different, untold = 0, []
    for pair in islice((each for each in _pairs(grid.rows) if not alike(*each[:2])), COMPARED):
        one, other, shared = pair
        if is_tied(grid, tied, shared):
            untold.append(pair)
            continue
        try:
            case = differing_case(grid, one, other, shared)
        except UntoldError:
            untold.append(pair)
            continue
        if case is not None:
            different += 1
            if different <= SHOWN:
                numbers = (one.number, other.number)
                yield Finding("overlap of different", grid.table.owner, numbers, case=case)
    yield from _more(grid, different - SHOWN)
    for pair in untold[:1]:
        yield _finding("untold", grid, pair, str(len(untold)))


def _more(grid: Grid, count: int) -> Iterator[Finding]:
    if count > 0:
        yield Finding("more overlaps", grid.table.owner, detail=str(count))


def _pairs(rows: Sequence[Row]) -> Iterator[_Pair]:
    for one, other in combinations(rows, 2):
        shared = meeting(one.sure, other.sure)
        if shared is not None:
            yield one, other, shared


def _finding(kind: Kind, grid: Grid, pair: _Pair, detail: str = "") -> Finding:
    one, other, shared = pair
    case = example(grid, shared)
    return Finding(kind, grid.table.owner, (one.number, other.number), case=case, detail=detail)
