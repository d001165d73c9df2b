"""Cases out of a box, named only where it matters."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from rules.dmn.analysis.grid import Grid
from rules.dmn.analysis.kinds import literal
from rules.dmn.analysis.regions import Box
from rules.dmn.table import Input
from rules.feel import nodes

PROBED: Final = 6
"""Values of one column that are tried."""


def example(grid: Grid, box: Box) -> Mapping[str, str]:
    """Write one value for each column that the box narrows down, by the column's label."""
    return {
        label: literal(domain.sample(segments))
        for label, domain, segments, space in zip(grid.labels, grid.domains, box, grid.space, strict=True)
        if segments != space
    }


def cases(grid: Grid, box: Box, varied: Collection[int]) -> Iterator[tuple[Any, ...]]:
    """Go through some cases of a box: its example, some columns changed alone, then all of them at once."""
    base = tuple(domain.sample(segments) for domain, segments in zip(grid.domains, box, strict=True))
    others = {place: list(islice(grid.domains[place].probes(box[place]), PROBED)) for place in varied}
    yield base
    for place, values in others.items():
        for value in values:
            yield *base[:place], value, *base[place + 1 :]
    for step in range(PROBED):
        yield tuple(
            others[place][step] if step < len(others.get(place, ())) else value
            for place, value in enumerate(base)
        )


def by_name(grid: Grid, case: tuple[Any, ...]) -> Mapping[str, Any]:
    """Return the variables that columns show as they are."""
    shown = zip(grid.table.inputs, grid.domains, case, strict=True)
    return {
        name: value
        for column, domain, value in shown
        if domain.kind is not None and (name := variable_of(column)) is not None
    }


def variable_of(column: Input) -> str | None:
    """Return the variable that a column shows as it is."""
    node = getattr(column.expression, "node", None)
    return node.name if isinstance(node, nodes.Name) else None
