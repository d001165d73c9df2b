"""Pairs of rules that match the same case, and whether the hit policy minds."""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import Final, TypeAlias

from rules.dmn.analysis.examples import example
from rules.dmn.analysis.grid import Grid, Row
from rules.dmn.analysis.regions import Box, meeting
from rules.dmn.analysis.results import alike
from rules.dmn.findings import Finding, Kind

SHOWN: Final = 20
_Pair: TypeAlias = tuple[Row, Row, Box]


def overlaps(grid: Grid) -> Iterator[Finding]:
    """Find the pairs; a cell that cannot be seen accepts nothing here, so that each overlap told is one.

    Rules of FIRST are meant to overlap: what is hidden by it is looked for elsewhere.
    """
    policy = grid.table.policy.name
    if policy == "FIRST":
        return
    pairs = list(_pairs(grid.rows))
    if policy == "ANY":
        pairs = [pair for pair in pairs if not alike(*pair[:2])]
    if policy not in {"UNIQUE", "ANY"}:
        for pair in pairs[:1]:
            yield _finding("overlap", grid, pair, str(len(pairs)))
        return
    for pair in islice(pairs, SHOWN):
        yield _finding("overlap of unique" if policy == "UNIQUE" else "overlap of different", grid, pair)
    if len(pairs) > SHOWN:
        yield Finding("more overlaps", grid.table.owner, detail=str(len(pairs) - SHOWN))


def _pairs(rows: Sequence[Row]) -> Iterator[_Pair]:
    for one, other in combinations(rows, 2):
        shared = meeting(one.sure, other.sure)
        if shared is not None:
            yield one, other, shared


def _finding(kind: Kind, grid: Grid, pair: _Pair, detail: str = "") -> Finding:
    one, other, shared = pair
    case = example(grid, shared)
    return Finding(kind, grid.table.owner, (one.number, other.number), case=case, detail=detail)
