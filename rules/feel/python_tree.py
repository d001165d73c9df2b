"""The few kinds of Python node that a compiled expression may consist of: a closed list."""

import ast
from collections.abc import Sequence
from typing import Any, Final

LOAD = ast.Load()
STORE = ast.Store()
# Python wants a place for each node, and to give all of them one afterwards takes long.
_AT: Final[Any] = {"lineno": 1, "col_offset": 0}


def name(identifier: str) -> ast.expr:
    return ast.Name(identifier, LOAD, **_AT)


def constant(value: str | int | bool | None) -> ast.expr:
    return ast.Constant(value, **_AT)


def call(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(name(function), list(arguments), [], **_AT)


def choose(test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
    return ast.IfExp(test, then, otherwise, **_AT)


def bind(identifier: str, value: ast.expr) -> ast.expr:
    return ast.NamedExpr(ast.Name(identifier, STORE, **_AT), value, **_AT)


def every(tests: Sequence[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), list(tests), **_AT)


def some(tests: Sequence[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), list(tests), **_AT)


_COMPARISONS: dict[str, Any] = {
    "=": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
    "is": ast.Is, "in": ast.In,
}  # fmt: skip


def compare(left: ast.expr, symbol: str, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [_COMPARISONS[symbol]()], [right], **_AT)


def between(low: ast.expr, low_symbol: str, value: ast.expr, high_symbol: str, high: ast.expr) -> ast.expr:
    return ast.Compare(low, [_COMPARISONS[low_symbol](), _COMPARISONS[high_symbol]()], [value, high], **_AT)


def is_true(value: ast.expr) -> ast.expr:
    # Python warns of `5 is True`, and what a literal is can be said at once.
    if isinstance(value, ast.Constant):
        return constant(value.value is True)
    return compare(value, "is", constant(True))


def entry(container: str, key: str) -> ast.expr:
    return ast.Subscript(name(container), constant(key), LOAD, **_AT)


def sequence(items: Sequence[ast.expr]) -> ast.expr:
    return ast.Tuple(list(items), LOAD, **_AT)


def list_of(items: Sequence[ast.expr]) -> ast.expr:
    return ast.List(list(items), LOAD, **_AT)


def mapping(keys: Sequence[str], values: Sequence[ast.expr]) -> ast.expr:
    return ast.Dict([constant(key) for key in keys], list(values), **_AT)


def function(parameters: Sequence[str], body: ast.expr) -> ast.expr:
    arguments = ast.arguments([], [ast.arg(each, **_AT) for each in parameters], None, [], [], None, [])
    return ast.Lambda(arguments, body, **_AT)
