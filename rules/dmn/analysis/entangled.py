"""Columns over the same variable, such as `x` and `x * 2`: not every case that their cells allow exists."""

from collections.abc import Callable, Iterator, Mapping, Set
from itertools import combinations, islice
from typing import Final, TypeAlias

from rules.dmn.analysis.examples import by_name, cases
from rules.dmn.analysis.grid import Grid
from rules.dmn.analysis.kinds import literal
from rules.dmn.analysis.regions import Box
from rules.dmn.findings import Finding
from rules.dmn.trace import Trace
from rules.feel import nodes
from rules.feel.compile import Expression
from rules.feel.errors import FeelError

TRIED: Final = 20
"""Cases that are tried for one finding."""
Path: TypeAlias = tuple[str, ...]


def entangled(grid: Grid) -> Iterator[Finding]:
    """Name the columns over which less is told."""
    places = sorted({place for knot in knots(grid) for place in knot})
    if places:
        yield Finding("entangled", grid.table.owner, columns=tuple(grid.labels[place] for place in places))


def knots(grid: Grid) -> list[tuple[int, int]]:
    """Return the pairs of columns whose values depend on each other; those of one expression are one."""
    paths = [
        _paths(column.expression) if domain.kind is not None else frozenset()
        for column, domain in zip(grid.table.inputs, grid.domains, strict=True)
    ]
    pairs = combinations(range(len(paths)), 2)
    return [pair for pair in pairs if any(_meet(*each) for each in _crossed(*(paths[at] for at in pair)))]


def is_tied(grid: Grid, tied: list[tuple[int, int]], box: Box) -> bool:
    """Say whether a box narrows down columns that depend on each other: it may hold no case at all."""
    return any(all(box[place] != grid.space[place] for place in knot) for knot in tied)


def found_case(grid: Grid, box: Box, wanted: Callable[[Set[int]], bool]) -> Mapping[str, str] | None:
    """Look in a box for a case that the rules of some numbers match, as the table itself says."""
    named = [place for place, domain in enumerate(grid.domains) if domain.kind is not None]
    for case in islice(cases(grid, box, named), TRIED):
        run = Trace(None)
        values = by_name(grid, case)
        try:
            seen, matched = grid.table.matched(values, run)
        except FeelError:
            return None
        if not run.warnings and wanted({rule.number for rule in matched}):
            return {
                grid.labels[place]: literal(seen[place]) for place in named if box[place] != grid.space[place]
            }
    return None


def _paths(expression: object) -> frozenset[Path]:
    """Return the variables that an expression reads, each with the entries that it takes of it."""
    if not isinstance(expression, Expression):
        return frozenset()
    return frozenset(path for path in _read(expression.node) if path[0] in expression.used)


def _read(node: nodes.Node) -> Iterator[Path]:
    inside = {id(part) for each in nodes.walk(node) for part in _heads(each)}
    for each in nodes.walk(node):
        path = path_of(each)
        if path is not None and id(each) not in inside:
            yield path


def _heads(node: nodes.Node) -> tuple[nodes.Node, ...]:
    """Return what is no value of its own: the beginning of a path, the function of a call."""
    if isinstance(node, nodes.Path):
        return (node.value,)
    return (node.function,) if isinstance(node, nodes.Call) else ()


def path_of(node: nodes.Node | None) -> Path | None:
    """Return a variable with the entries that are taken of it; None for anything else."""
    if isinstance(node, nodes.Path):
        whole = path_of(node.value)
        return None if whole is None else (*whole, node.name)
    return (node.name,) if isinstance(node, nodes.Name) else None


def _crossed(one: frozenset[Path], other: frozenset[Path]) -> Iterator[tuple[Path, Path]]:
    return ((left, right) for left in one for right in other)


def _meet(one: Path, other: Path) -> bool:
    """Say whether one is the other, or a part of it."""
    return all(left == right for left, right in zip(one, other, strict=False))
