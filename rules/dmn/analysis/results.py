"""Results of rules side by side: as they are written, and as they come out in examples."""

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any, Final, TypeGuard

from rules.dmn.analysis.examples import by_name, cases, variable_of
from rules.dmn.analysis.grid import Grid, Row
from rules.dmn.analysis.kinds import CUTTABLE, literal
from rules.dmn.analysis.regions import Box
from rules.dmn.trace import Trace
from rules.feel.comparing import same
from rules.feel.errors import FeelError
from rules.feel.evaluation import Evaluation, Result
from rules.feel.types import kind_of

TRIED: Final = 40
"""Cases that two rules are tried on."""


class UntoldError(Exception):
    """What rules come to rests on more than the table's columns."""


def alike(one: Row, other: Row) -> bool:
    """Say whether two rules come to the same whatever the case."""
    run = Evaluation()
    for place, (result, another) in enumerate(zip(one.results, other.results, strict=True)):
        if _is_plain(result) and _is_plain(another):
            if same(run, result.value, another.value) is not True:
                return False
        elif _text(one, place) != _text(other, place):
            return False
    return True


def differing_case(grid: Grid, one: Row, other: Row, shared: Box) -> Mapping[str, str] | None:
    """Look in a box for a case in which two rules come to different results; None where none was found.

    Raises UntoldError where the columns do not show all that the results rest on.
    """
    used = {
        name for row in (one, other) for result in row.rule.results for name in getattr(result, "used", ())
    }
    varied = [
        place
        for place, (column, domain) in enumerate(zip(grid.table.inputs, grid.domains, strict=True))
        if variable_of(column) in used and domain.kind is not None
    ]
    for case in islice(cases(grid, shared, varied), TRIED if varied else 1):
        if not _agree(grid, one, other, by_name(grid, case)):
            return _told(grid, varied, shared, case)
    return None


def _agree(grid: Grid, one: Row, other: Row, values: Mapping[str, Any]) -> bool:
    run = Trace(None)
    try:
        results = [grid.table.results_of(row.rule, values, run) for row in (one, other)]
    except FeelError:
        raise UntoldError from None
    if run.warnings:
        raise UntoldError
    return same(run, *results) is True


def _told(grid: Grid, varied: Collection[int], box: Box, case: tuple[Any, ...]) -> Mapping[str, str]:
    """Write the values that the case turns on: those that the box narrows down or the results use."""
    return {
        label: literal(case[place])
        for place, label in enumerate(grid.labels)
        if box[place] != grid.space[place] or place in varied
    }


def _is_plain(result: Result | None) -> TypeGuard[Result]:
    return result is not None and (result.value is None or kind_of(result.value) in CUTTABLE)


def _text(row: Row, place: int) -> Any:
    return getattr(row.rule.results[place], "text", None)
