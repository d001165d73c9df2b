"""What a cell asks of its column, as far as it can be told without a case: comparisons with fixed values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from rules.dmn import fixed
from rules.dmn.analysis.domains import Domain
from rules.dmn.analysis.kinds import CUTTABLE, ORDERED
from rules.feel import nodes
from rules.feel.evaluation import Result, Warning
from rules.feel.ranges import UNDEFINED, Range
from rules.feel.rows import Cell
from rules.feel.types import Simple, kind_of


class UnseenError(Exception):
    """A cell asks for something that only a case can answer; the text is the test that does.

    Or a part of it comes to null in every case, for the reason of `fault`.
    """

    def __init__(self, text: str, fault: Warning | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Against:
    """The column's value compared with a fixed one."""

    symbol: nodes.Comparison
    value: Any


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold."""

    asked: "tuple[Asked, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """One of these holds."""

    asked: "tuple[Asked, ...]"


@dataclass(frozen=True, slots=True)
class Opposite:
    """This does not hold."""

    asked: "Asked"


Asked: TypeAlias = Against | Every | Some | Opposite


def read(cell: Cell) -> Asked:
    """Return what a cell asks; raise UnseenError where a case must tell."""
    asked = Some(tuple(_test(test, cell.text) for test in cell.tests.tests))
    return Opposite(asked) if cell.tests.negated else asked if cell.tests.tests else Every(())


def values_of(asked: Asked) -> Iterator[Any]:
    """Go through the fixed values that something asked compares with."""
    match asked:
        case Against(_, value):
            yield value
        case Opposite(part):
            yield from values_of(part)
        case _:
            for part in asked.asked:
                yield from values_of(part)


def accepted(asked: Asked, domain: Domain) -> int:
    """Return the segments of a domain whose values a cell accepts."""
    return _judged(asked, domain)[0]


def _judged(asked: Asked, domain: Domain) -> tuple[int, int]:
    """Return the segments for which it holds, and those for which it does not; for others it is null."""
    match asked:
        case Against("=" | "!=" as symbol, None):
            holds = (domain.null, domain.everything & ~domain.null)
            return holds if symbol == "=" else holds[::-1]
        case Against(symbol, value):
            return _compared(symbol, value, domain)
        case Opposite(part):
            return _judged(part, domain)[::-1]
        case Every(parts):
            true, false = domain.everything, 0
            for each in (_judged(part, domain) for part in parts):
                true, false = true & each[0], false | each[1]
            return true, false
        case _:
            true, false = 0, domain.everything
            for each in (_judged(part, domain) for part in asked.asked):
                true, false = true | each[0], false & each[1]
            return true, false


def _compared(symbol: nodes.Comparison, value: Any, domain: Domain) -> tuple[int, int]:
    if kind_of(value) is not domain.kind:
        return 0, 0
    true = domain.matching(symbol, value)
    rest = domain.everything & ~true
    # Null is equal to nothing else, but it has no order.
    return true, rest if symbol in {"=", "!="} else rest & ~domain.null


def _test(node: nodes.Node, text: str) -> Asked:
    """Read one test of a cell, or an operand of `in`; what a case must tell is named with its operator."""
    try:
        return _read_test(node, text)
    except UnseenError as error:
        raise UnseenError(_shown(node, text), error.fault) from None


def _read_test(node: nodes.Node, text: str) -> Asked:
    match node:
        case nodes.UnaryComparison(symbol=symbol, right=right):
            return _against(symbol, right, text)
        case nodes.RangeLiteral(low=low, high=high):
            _fixed(low, text), _fixed(high, text)
            return _within(_fixed(node, text), node, text)
    if nodes.mentions(node, "?"):
        return _condition(node, text)
    return _fitting(_fixed(node, text), node, text)


def _condition(node: nodes.Node, text: str) -> Asked:
    """Read a test that speaks of the value by its name, `?`."""
    match node:
        case nodes.Logic(word=word, operands=operands):
            parts = tuple(_condition(operand, text) for operand in operands)
            return Every(parts) if word == "and" else Some(parts)
        case nodes.Compare(symbol=symbol, left=nodes.Name(name="?"), right=right):
            return _against(symbol, right, text)
        case nodes.Compare(symbol=symbol, left=left, right=nodes.Name(name="?")):
            return _against(_TURNED[symbol], left, text)
        case nodes.Between(value=nodes.Name(name="?"), low=low, high=high):
            return Every((_against(">=", low, text), _against("<=", high, text)))
        case nodes.In(value=nodes.Name(name="?"), tests=tests):
            return Some(tuple(_test(test, text) for test in tests))
        case nodes.Call(function=nodes.Name(name="not"), arguments=(argument,), names=None):
            return Opposite(_condition(argument, text))
    raise UnseenError(_shown(node, text))


def _against(symbol: nodes.Comparison, node: nodes.Node, text: str) -> Asked:
    value = _fixed(node, text)
    kind = kind_of(value)
    ordering = symbol not in {"=", "!="}
    if (value is not None and kind not in CUTTABLE) or (ordering and kind not in ORDERED):
        raise UnseenError(_shown(node, text))
    return Against(symbol, value)


def _fitting(value: Any, node: nodes.Node, text: str) -> Asked:
    """Read a fixed value as a test: equal to it, inside of it, or fitting one of its items."""
    if isinstance(value, list):
        return Some(tuple(_fitting(item, node, text) for item in value))
    if isinstance(value, Range):
        return _within(value, node, text)
    if value is not None and kind_of(value) not in CUTTABLE:
        raise UnseenError(_shown(node, text))
    return Against("=", value)


def _within(value: Range, node: nodes.Node, text: str) -> Asked:
    if value.symbol:
        return Against(value.symbol, value.low)
    ends: list[Asked] = []
    for end, symbol in (
        (value.low, ">=" if value.low_closed else ">"),
        (value.high, "<=" if value.high_closed else "<"),
    ):
        if end is UNDEFINED:
            continue
        if kind_of(end) not in ORDERED:
            raise UnseenError(_shown(node, text))
        ends.append(Against(symbol, end))  # type: ignore[arg-type] # one of the four above
    return Every(tuple(ends))


def _fixed(node: nodes.Node, text: str) -> Any:
    """Return the value of a part that is the same in every case."""
    result = fixed.of_part(node, text)
    if result is None or result.warnings:
        raise UnseenError(_shown(node, text), _fault(result))
    return result.value


def _fault(result: Result | None) -> Warning | None:
    return None if result is None or result.value is not None else next(iter(result.warnings), None)


def _shown(node: nodes.Node, text: str) -> str:
    return text[slice(*node.span)]


def kind_among(values: list[Any]) -> Simple | None:
    """Return the one kind that values have; None where there is none, or several."""
    kinds = {kind_of(value) for value in values if value is not None}
    return kinds.pop() if len(kinds) == 1 else None


_TURNED: Final[dict[str, nodes.Comparison]] = {
    "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!=",
}  # fmt: skip
