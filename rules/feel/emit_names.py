"""The names and constants of compiled code: user text goes to a table, never into Python source."""

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Final

from rules.feel import hints, nodes
from rules.feel import python_tree as py
from rules.feel.builtins.library import FUNCTIONS
from rules.feel.evaluation import Place

RUN: Final = "run"
SCOPE: Final = "scope"
_SUGGESTIONS: Final = 5


@dataclass(slots=True)
class Frame:
    """Names that a construct brings: variables of its own, or whatever entries an item has."""

    variables: dict[str, str] = field(default_factory=dict)
    entries: str | None = None


class NameEmitter(ABC):
    """Collects the constants and the outer names that the code of one tree needs."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.text = text
        self.names = names
        self.constants: dict[str, Any] = {}
        self.used: dict[str, Place] = {}
        self.unknown: dict[str, Place] = {}
        self._reasons: dict[str, str] = {}
        self.frames: list[Frame] = []
        self.plain = True
        self._fresh = 0
        self.depth = 0

    def fresh(self, prefix: str = "t") -> str:
        self._fresh += 1
        return f"{prefix}{self._fresh}"

    def keep(self, value: Any) -> ast.expr:
        """Put a value into the table of constants."""
        key = self.fresh("k")
        self.constants[key] = value
        return py.name(key)

    def place(self, node: nodes.Node) -> Place:
        return Place(self.text, node.span)

    def helper(self, function: str, node: nodes.Node, *arguments: ast.expr) -> ast.expr:
        return py.call(function, py.name(RUN), self.keep(self.place(node)), *arguments)

    @abstractmethod
    def emit(self, node: nodes.Node) -> ast.expr: ...

    def _constant(self, node: nodes.Constant) -> ast.expr:
        if node.fault is not None:
            return self.helper("warn", node, self.keep(node.fault))
        return self.value(node.value)

    def value(self, value: Any) -> ast.expr:
        return py.constant(value) if value is None or type(value) in {bool, int, str} else self.keep(value)

    def _name(self, node: nodes.Name) -> ast.expr:
        return self._reference(node, admitted=True)

    def _reference(self, node: nodes.Name, *, admitted: bool) -> ast.expr:
        """Look a name up: the entries of filtered items first, then variables, the scope, the built-ins."""
        items: list[str] = []
        found: ast.expr | None = None
        for frame in reversed(self.frames):
            if node.name in frame.variables:
                found = py.name(frame.variables[node.name])
                break
            if frame.entries is not None:
                items.append(frame.entries)
        found = found or self._outer(node, admitted=admitted)
        for entries in reversed(items):
            found = py.choose(
                py.compare(py.constant(node.name), "in", py.name(entries)),
                py.entry(entries, node.name),
                found,
            )
        return found

    def _outer(self, node: nodes.Name, *, admitted: bool) -> ast.expr:
        if node.name in self.names:
            self.used.setdefault(node.name, self.place(node))
            read = py.entry(SCOPE, node.name)
            return py.call("admit", py.name(RUN), read) if admitted else read
        if node.name in FUNCTIONS:
            return self.keep(FUNCTIONS[node.name])
        self.unknown.setdefault(node.name, self.place(node))
        # A name that stands there a thousand times is looked for once.
        if node.name not in self._reasons:
            self._reasons[node.name] = self.unnamed(node.name)
        return self.helper("warn", node, self.keep(self._reasons[node.name]))

    def unnamed(self, name: str) -> str:
        """Say that nothing has a name; of a text with many such, only the first get a suggestion."""
        if len(self.unknown) > _SUGGESTIONS:
            return hints.unnamed(name, ())
        own = (variable for frame in self.frames for variable in frame.variables)
        return hints.unnamed(name, [*own, *sorted(self.names), *FUNCTIONS])

    def operand(self, node: nodes.Node) -> ast.expr:
        """Emit a value whose type the code tests at once, so that it need not be admitted before."""
        return self._reference(node, admitted=False) if isinstance(node, nodes.Name) else self.emit(node)

    def admit(self, identifier: str, node: nodes.Node) -> ast.expr:
        outer = isinstance(node, nodes.Name) and node.name in self.names
        return py.call("admit", py.name(RUN), py.name(identifier)) if outer else py.name(identifier)
