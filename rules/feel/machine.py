"""Makes Python code objects of emitted trees, in a world that holds FEEL's helpers and nothing else."""

import ast
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import CodeType, FunctionType
from typing import Any, Final

from rules.feel import access, calculating, calling, comparing, looping, types
from rules.feel import python_tree as py
from rules.feel.evaluation import Evaluation, Place
from rules.feel.functions import Function, Parameter
from rules.feel.logic import undecided
from rules.feel.ranges import Range, comparison_range

_ADMITTED: Final = frozenset({type(None), bool, str})


def admit(run: Evaluation, value: Any) -> Any:
    return value if type(value) in _ADMITTED else run.admit(value)


def warn(run: Evaluation, place: Place, reason: str) -> None:
    run.warn(place, reason)


def second(_first: Any, value: Any) -> Any:
    """Let an expression bind a variable first and use it then."""
    return value


def is_instance(run: Evaluation, value: Any, expected: types.Type) -> bool:
    if not isinstance(expected, types.Simple):
        run.measure(value, per_step=2)
    return types.is_instance(value, expected)


def hits(conditions: tuple[bool, ...]) -> list[int]:
    """List the rows, counted from 0, whose conditions all hold."""
    return [row for row, holds in enumerate(conditions) if holds]


def make_function(parameters: tuple[Parameter, ...], body: Any) -> Function:
    return Function("this function", parameters, body)


def make_range(
    run: Evaluation, place: Place, low: Any, low_closed: bool, high: Any, high_closed: bool
) -> Range | None:
    """Make a range of two ends that have an order; a null end is allowed and decides nothing."""
    if low is not None and high is not None and comparing.order_keys(low, high) is None:
        run.warn(place, f"there is no range from {comparing.describe(low)} to {comparing.describe(high)}")
        return None
    return Range(low, low_closed, high, high_closed)


HELPERS: Final[Mapping[str, Any]] = {
    "__builtins__": {},
    "type": type,
    "int": int,
    "str": str,
    "bool": bool,
    "Decimal": Decimal,
    **{
        helper.__name__: helper
        for helper in (
            admit, warn, second, hits, make_function, make_range, undecided, comparison_range, is_instance,
            access.member, access.filtered, access.within, access.passes, access.answers, access.any_test,
            calculating.add, calculating.subtract, calculating.multiply, calculating.divide,
            calculating.power, calculating.negate, calling.call, calling.call_by_name,
            comparing.equals, comparing.differs, comparing.less, comparing.less_or_equal,
            comparing.greater, comparing.greater_or_equal, looping.for_each, looping.some, looping.every,
        )
    },
}  # fmt: skip


def build(parameters: Sequence[str], body: ast.expr, constants: Mapping[str, Any]) -> Callable[..., Any]:
    """Compile one emitted tree to a function that sees the helpers and its own constants only."""
    tree = ast.Expression(py.function(parameters, body))
    outer = compile(tree, "<feel>", "eval")
    code = next(each for each in outer.co_consts if isinstance(each, CodeType))
    return FunctionType(code, {**HELPERS, **constants})
