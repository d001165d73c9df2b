"""The tree of a FEEL text: frozen, each node knowing its span, read by the compiler and by table checks."""

from collections.abc import Iterator as Iterator_
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from rules.feel.errors import Span
from rules.feel.types import Type

Comparison: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
Arithmetic: TypeAlias = Literal["+", "-", "*", "/", "**"]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a text."""

    span: Span


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A number, string, boolean, null or `@"…"`; the value is null where the text names none."""

    value: Any
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A reference to a variable or a function; `?` is the value under test."""

    name: str


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and` or `or`, flat however many operands there are."""

    word: Literal["and", "or"]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """Two values compared."""

    symbol: Comparison
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high`, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in tests`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Calculate(Node):
    """An arithmetic operation."""

    symbol: Arithmetic
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """A minus in front of a value."""

    value: Node


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`value.name`."""

    value: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`value[condition]`, or an item by its position."""

    value: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function called by position, or by name where `names` is given."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition then one else other`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in domain`."""

    name: str
    domain: Node


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for … return body`."""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some … satisfies condition` or `every …`."""

    word: Literal["some", "every"]
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """`function(parameters) body`."""

    parameters: tuple[tuple[str, Type | None], ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`{key: value, …}`; an entry sees the ones before it."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[item, …]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """`[low..high]` in any of its brackets."""

    low: Node
    low_closed: bool
    high: Node
    high_closed: bool


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """`< 10`, `!= "a"`: a comparison whose left side is the value under test."""

    symbol: Comparison
    right: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """The content of a table's input cell; no tests at all (`-`) accept anything."""

    tests: tuple[Node, ...]
    negated: bool = False


def walk(node: Node) -> Iterator_[Node]:
    """Go through a node and everything below it, in the order of the text."""
    yield node
    for field in fields(node):
        yield from _walk_part(getattr(node, field.name))


def mentions(node: Node, name: str) -> bool:
    return any(isinstance(each, Name) and each.name == name for each in walk(node))


def _walk_part(part: Any) -> Iterator_[Node]:
    if isinstance(part, Node):
        yield from walk(part)
    elif isinstance(part, Iterator):
        yield from walk(part.domain)
    elif isinstance(part, tuple):
        for each in part:
            yield from _walk_part(each)
