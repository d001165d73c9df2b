"""The plainest way to evaluate a tree, node by node, without a compiler: compiled code must agree with it."""

from collections.abc import Mapping
from typing import Any

from rules.feel import access, calculating, comparing, nodes
from rules.feel.evaluation import Evaluation, Place
from rules.feel.machine import make_range
from rules.feel.ranges import comparison_range

PLACE = Place("", (0, 0))
OPERATIONS = {
    "+": calculating.add, "-": calculating.subtract, "*": calculating.multiply,
    "/": calculating.divide, "**": calculating.power,
    "=": comparing.equals, "!=": comparing.differs, "<": comparing.less, "<=": comparing.less_or_equal,
    ">": comparing.greater, ">=": comparing.greater_or_equal,
}  # fmt: skip


def walk_through(node: nodes.Node, scope: Mapping[str, Any]) -> Any:
    run = Evaluation()
    match node:
        case nodes.Constant(value=value):
            return value
        case nodes.Name(name=name):
            return run.admit(scope[name])
        case nodes.Logic(word=word, operands=operands):
            return _logic(word == "or", [walk_through(each, scope) for each in operands])
        case nodes.Compare(symbol=symbol, left=left, right=right):
            return OPERATIONS[symbol](run, PLACE, walk_through(left, scope), walk_through(right, scope))
        case nodes.Calculate(symbol=symbol, left=left, right=right):
            return OPERATIONS[symbol](run, PLACE, walk_through(left, scope), walk_through(right, scope))
        case nodes.Between(value=value, low=low, high=high):
            ends = [walk_through(end, scope) for end in (low, high)]
            return access.within(run, PLACE, walk_through(value, scope), ends[0], True, ends[1], True)
        case nodes.In(value=value, tests=tests):
            return access.any_test([_test(run, test, walk_through(value, scope), scope) for test in tests])
        case nodes.If(condition=condition, then=then, otherwise=otherwise):
            return walk_through(then if walk_through(condition, scope) is True else otherwise, scope)
        case nodes.Negate(value=value):
            return calculating.negate(run, PLACE, walk_through(value, scope))
        case nodes.ListLiteral(items=items):
            return [walk_through(item, scope) for item in items]
        case nodes.ContextLiteral(entries=entries):
            return {name: walk_through(value, scope) for name, value in entries}
        case nodes.Path(value=value, name=name):
            return access.member(run, PLACE, walk_through(value, scope), name)
        case nodes.RangeLiteral(low=low, low_closed=low_closed, high=high, high_closed=high_closed):
            ends = [walk_through(end, scope) for end in (low, high)]
            return make_range(run, PLACE, ends[0], low_closed, ends[1], high_closed)
        case nodes.UnaryComparison(symbol=symbol, right=right):
            return comparison_range(symbol, walk_through(right, scope))
    raise AssertionError(f"no {type(node).__name__} is walked through")


def _logic(decisive: bool, values: list[Any]) -> bool | None:
    if any(value is decisive for value in values):
        return decisive
    return not decisive if all(value is (not decisive) for value in values) else None


def _test(run: Evaluation, test: nodes.Node, value: Any, scope: Mapping[str, Any]) -> bool | None:
    if isinstance(test, nodes.UnaryComparison):
        return OPERATIONS[test.symbol](run, PLACE, value, walk_through(test.right, scope))
    if isinstance(test, nodes.RangeLiteral):
        ends = [walk_through(end, scope) for end in (test.low, test.high)]
        return access.within(run, PLACE, value, ends[0], test.low_closed, ends[1], test.high_closed)
    return access.passes(run, PLACE, value, walk_through(test, scope))
