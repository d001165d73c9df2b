"""Results of rules side by side, as they are written."""

from typing import Any

from rules.dmn.analysis.grid import Row
from rules.feel import nodes


def alike(one: Row, other: Row) -> bool:
    """Say whether two rules come to the same whatever the case."""
    return [_written(each) for each in one.rule.results] == [_written(each) for each in other.rule.results]


def constant(result: Any) -> tuple[bool, Any]:
    """Return whether a result is a fixed value, and which."""
    node = getattr(result, "node", None)
    if result is None:
        return True, None
    return (True, node.value) if isinstance(node, nodes.Constant) else (False, None)


def _written(result: Any) -> Any:
    fixed, value = constant(result)
    return ("value", type(value) is bool, value) if fixed else ("text", getattr(result, "text", id(result)))
