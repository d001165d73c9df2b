"""A case out of a box, named only where it matters."""

from collections.abc import Mapping

from rules.dmn.analysis.grid import Grid
from rules.dmn.analysis.kinds import literal
from rules.dmn.analysis.regions import Box


def example(grid: Grid, box: Box) -> Mapping[str, str]:
    """Write one value for each column that the box narrows down, by the column's label."""
    return {
        label: literal(domain.sample(segments))
        for label, domain, segments, space in zip(grid.labels, grid.domains, box, grid.space, strict=True)
        if segments != space
    }
