"""Rules that never count, that say the same, or that could be one."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from rules.dmn.analysis.grid import Grid, Row
from rules.dmn.analysis.regions import Cover, meeting
from rules.dmn.analysis.results import alike
from rules.dmn.findings import Finding


def contradictions(grid: Grid) -> Iterator[Finding]:
    """Find rules of which a cell accepts nothing that may be asked."""
    strange = {misfit.rule for misfit in grid.misfits}
    for row in grid.rows:
        for place, segments in enumerate(row.box):
            if not segments and row.number not in strange:
                yield Finding("never", grid.table.owner, (row.number,), (grid.labels[place],))


def hidden(grid: Grid) -> Iterator[Finding]:
    """Find rules all of whose cases go to rules that come before them."""
    cover = Cover([row.sure for row in grid.rows], len(grid.space))
    for row, before in zip(grid.rows, preferred(grid), strict=True):
        if before and all(row.box):
            found = cover.uncovered(row.box, 1, before)
            if found.whole and not found.boxes:
                yield Finding("hidden", grid.table.owner, (row.number,))


def duplicates(grid: Grid) -> Iterator[Finding]:
    """Find pairs with the same conditions and results, where the policy lets them stand."""
    if grid.table.policy.name in {"UNIQUE", "FIRST", "PRIORITY"}:
        return  # told as an overlap, or as hidden
    for one, other in combinations(grid.rows, 2):
        if one.box == other.box and all(one.sure) and alike(one, other):
            yield Finding("duplicate", grid.table.owner, (one.number, other.number))


def mergeable(grid: Grid) -> Iterator[Finding]:
    """Find pairs that differ in one column, come to the same for the same reason, and do not overlap."""
    counted = grid.table.policy.many
    for one, other in combinations(grid.rows, 2):
        if not (all(one.sure) and all(other.sure)) or one.rule.annotation != other.rule.annotation:
            continue
        differing = [place for place, segments in enumerate(one.box) if segments != other.box[place]]
        if len(differing) != 1 or not alike(one, other):
            continue
        if counted and meeting(one.box, other.box):
            continue  # the case in both counts twice
        if grid.table.policy.name == "FIRST" and not _nothing_between(grid, one, other):
            continue
        columns = (grid.labels[differing[0]],)
        yield Finding("mergeable", grid.table.owner, (one.number, other.number), columns)


def _nothing_between(grid: Grid, one: Row, other: Row) -> bool:
    return other.number == one.number + 1


def preferred(grid: Grid) -> list[Sequence[int]]:
    """Return for each rule the places of those that count instead of it wherever both match."""
    if grid.table.policy.name not in {"FIRST", "PRIORITY"}:
        return [()] * len(grid.rows)
    order = _order(grid)
    return [_before(order, place) for place in range(len(grid.rows))]


def _order(grid: Grid) -> Sequence[tuple[int, ...] | None]:
    """Return what each rule comes by where several match; None where only a case tells."""
    if grid.table.policy.name == "FIRST":
        return [()] * len(grid.rows)
    return [_rank(grid, row) for row in grid.rows]


def _before(order: Sequence[tuple[int, ...] | None], place: int) -> Sequence[int]:
    """Return the rules that are preferred to one wherever both match."""
    own = order[place]
    if own is None:
        return ()
    return [number for number, each in enumerate(order) if each is not None and (each, number) < (own, place)]


def _rank(grid: Grid, row: Row) -> tuple[int, ...] | None:
    """Return how important a rule's results are, the smallest first; None where only a case tells."""
    if any(result is None for result in row.results):
        return None
    pairs = zip(grid.table.outputs, row.results, strict=True)
    return tuple(output.rank(result.value) for output, result in pairs if result is not None)
