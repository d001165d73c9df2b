"""What parts of a table come to in every case: found out by asking FEEL, before there is a case."""

from typing import Final

from rules.dmn.expressions import Answering
from rules.feel import nodes
from rules.feel.compile import Expression, compile
from rules.feel.errors import FeelError
from rules.feel.evaluation import Result

NOTHING: Final = Result(None, ())
_MOVING: Final = frozenset({"now", "today"})


def of_result(result: Answering | None) -> Result | None:
    """Return what a result comes to; None where only a case tells, and null for an empty cell."""
    if result is None:
        return NOTHING
    if not isinstance(result, Expression) or result.used or result.unknown or _moves(result.node):
        return None
    try:
        return result.run({})
    except FeelError:
        return None


def of_part(node: nodes.Node, text: str) -> Result | None:
    """Return what a part of a cell's text comes to; None where only a case tells."""
    if isinstance(node, nodes.Constant) and node.fault is None:
        return Result(node.value, ())
    try:
        return of_result(compile(text[slice(*node.span)], frozenset()))
    except FeelError:
        return None


def _moves(node: nodes.Node) -> bool:
    return any(isinstance(each, nodes.Name) and each.name in _MOVING for each in nodes.walk(node))
