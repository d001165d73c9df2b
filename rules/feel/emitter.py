"""Turns a FEEL tree into Python nodes from a closed list; no part of the text becomes Python source."""

import ast
from collections.abc import Callable, Sequence
from typing import Any, Final

from rules.feel import nodes
from rules.feel import python_tree as py
from rules.feel.emit_logic import LogicEmitter
from rules.feel.emit_names import RUN, Frame
from rules.feel.errors import FeelSizeError
from rules.feel.functions import Parameter
from rules.feel.numbers import NUMBER_TYPES, negative
from rules.feel.types import ANY

_DEEPEST: Final = 150
_OPERATIONS: Final = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}


class Emitter(LogicEmitter):
    """Walks one tree, node by node."""

    def emit(self, node: nodes.Node) -> ast.expr:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FeelSizeError(self.text, node.span, f"operations nested more than {_DEEPEST} deep")
        python = _EMITTERS[type(node)](self, node)
        self.depth -= 1
        return python

    def _all(self, parts: Sequence[nodes.Node]) -> list[ast.expr]:
        return [self.emit(part) for part in parts]

    def _instance_of(self, node: nodes.InstanceOf) -> ast.expr:
        return py.call("is_instance", py.name(RUN), self.emit(node.value), self.keep(node.type))

    def _calculate(self, node: nodes.Calculate) -> ast.expr:
        return self.helper(_OPERATIONS[node.symbol], node, self.emit(node.left), self.emit(node.right))

    def _negate(self, node: nodes.Negate) -> ast.expr:
        if isinstance(node.value, nodes.Constant) and type(node.value.value) in NUMBER_TYPES:
            return self.value(negative(node.value.value))
        return self.helper("negate", node, self.emit(node.value))

    def _path(self, node: nodes.Path) -> ast.expr:
        return self.helper("member", node, self.emit(node.value), py.constant(node.name))

    def _filter(self, node: nodes.Filter) -> ast.expr:
        self.plain = False
        value = self.emit(node.value)
        item, entries = self.fresh("v"), self.fresh("v")
        self.frames.append(Frame({"item": item}))
        self.frames.append(Frame(entries=entries))
        condition = self.emit(node.condition)
        del self.frames[-2:]
        return self.helper("filtered", node, value, py.function([item, entries], condition))

    def _call(self, node: nodes.Call) -> ast.expr:
        arguments = py.sequence(self._all(node.arguments))
        function = self.emit(node.function)
        if node.names is None:
            return self.helper("call", node, function, arguments)
        return self.helper("call_by_name", node, function, self.keep(node.names), arguments)

    def _if(self, node: nodes.If) -> ast.expr:
        condition = py.is_true(self.emit(node.condition))
        return py.choose(condition, self.emit(node.then), self.emit(node.otherwise))

    def _for(self, node: nodes.For) -> ast.expr:
        domains, variables = self._domains(node.iterators)
        partial = self.fresh("v")
        uses_partial = nodes.mentions(node.body, "partial")
        if uses_partial:
            self.frames[-1].variables["partial"] = partial
        body = py.function([*variables, partial] if uses_partial else variables, self.emit(node.body))
        self.frames.pop()
        return self.helper("for_each", node, domains, body, py.constant(uses_partial))

    def _quantified(self, node: nodes.Quantified) -> ast.expr:
        domains, variables = self._domains(node.iterators)
        condition = py.function(variables, self.emit(node.condition))
        self.frames.pop()
        return self.helper(node.word, node, domains, condition)

    def _domains(self, iterators: Sequence[nodes.Iterator]) -> tuple[ast.expr, list[str]]:
        """Emit the domains, each a function of the variables before it; leave their frame open."""
        self.plain = False
        frame = Frame()
        self.frames.append(frame)
        domains: list[ast.expr] = []
        variables: list[str] = []
        for iterator in iterators:
            domains.append(py.function(list(variables), self.emit(iterator.domain)))
            variables.append(self.fresh("v"))
            frame.variables[iterator.name] = variables[-1]
        return py.sequence(domains), variables

    def _function(self, node: nodes.FunctionDefinition) -> ast.expr:
        self.plain = False
        if node.external:
            return self.helper("warn", node, self.keep("external functions are not run here"))
        variables = [self.fresh("v") for _ in node.parameters]
        names = [parameter for parameter, _ in node.parameters]
        self.frames.append(Frame(dict(zip(names, variables, strict=True))))
        ignored = [self.fresh("v"), self.fresh("v")]
        body = py.function([*ignored, *variables], self.emit(node.body))
        self.frames.pop()
        parameters = tuple(Parameter(name, kind or ANY) for name, kind in node.parameters)
        return py.call("make_function", self.keep(parameters), body)

    def _context(self, node: nodes.ContextLiteral) -> ast.expr:
        frame = Frame()
        self.frames.append(frame)
        values: list[ast.expr] = []
        for key, value in node.entries:
            variable = self.fresh("v")
            if isinstance(value, nodes.FunctionDefinition):
                frame.variables[key] = variable  # read when it is called, so that it may call itself
            values.append(py.bind(variable, self.emit(value)))
            frame.variables[key] = variable
        self.frames.pop()
        return py.mapping([key for key, _ in node.entries], values)

    def _list(self, node: nodes.ListLiteral) -> ast.expr:
        return py.list_of(self._all(node.items))

    def _range(self, node: nodes.RangeLiteral) -> ast.expr:
        low, high = self.emit(node.low), self.emit(node.high)
        closed = (py.constant(node.low_closed), py.constant(node.high_closed))
        return self.helper("make_range", node, low, closed[0], high, closed[1])

    def _unary(self, node: nodes.UnaryComparison) -> ast.expr:
        return py.call("comparison_range", py.constant(node.symbol), self.emit(node.right))


_EMITTERS: Final[dict[type, Callable[[Emitter, Any], ast.expr]]] = {
    nodes.Constant: Emitter._constant,
    nodes.Name: Emitter._name,
    nodes.Logic: Emitter._logic,
    nodes.Compare: Emitter._compare,
    nodes.Between: Emitter._between,
    nodes.In: Emitter._in,
    nodes.InstanceOf: Emitter._instance_of,
    nodes.Calculate: Emitter._calculate,
    nodes.Negate: Emitter._negate,
    nodes.Path: Emitter._path,
    nodes.Filter: Emitter._filter,
    nodes.Call: Emitter._call,
    nodes.If: Emitter._if,
    nodes.For: Emitter._for,
    nodes.Quantified: Emitter._quantified,
    nodes.FunctionDefinition: Emitter._function,
    nodes.ContextLiteral: Emitter._context,
    nodes.ListLiteral: Emitter._list,
    nodes.RangeLiteral: Emitter._range,
    nodes.UnaryComparison: Emitter._unary,
}
