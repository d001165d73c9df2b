"""The plainest way to evaluate a tree, node by node, without a compiler: compiled code must agree with it."""

from collections.abc import Mapping
from typing import Any

from rules.feel import access, calculating, calling, comparing, looping, nodes, types
from rules.feel.builtins.library import FUNCTIONS
from rules.feel.evaluation import Evaluation, Place
from rules.feel.functions import Function, Parameter
from rules.feel.machine import make_range
from rules.feel.ranges import comparison_range
from rules.feel.temporal import DateTime

PLACE = Place("", (0, 0))
OPERATIONS = {
    "+": calculating.add, "-": calculating.subtract, "*": calculating.multiply,
    "/": calculating.divide, "**": calculating.power,
    "=": comparing.equals, "!=": comparing.differs, "<": comparing.less, "<=": comparing.less_or_equal,
    ">": comparing.greater, ">=": comparing.greater_or_equal,
}  # fmt: skip


def walk_through(node: nodes.Node, scope: Mapping[str, Any], now: DateTime | None = None) -> Any:
    return _Walk(Evaluation(now)).value(node, scope)


class _Walk:
    """One evaluation; every method takes a node and what it can see."""

    def __init__(self, run: Evaluation) -> None:
        self.run = run

    def value(self, node: nodes.Node, scope: Mapping[str, Any]) -> Any:
        match node:
            case nodes.Constant(value=value):
                return value
            case nodes.Name(name=name):
                return self.run.admit(scope[name]) if name in scope else FUNCTIONS.get(name)
            case nodes.Logic(word=word, operands=operands):
                return _logic(word == "or", [self.value(each, scope) for each in operands])
            case nodes.Compare(symbol=symbol, left=left, right=right):
                return self._operate(symbol, left, right, scope)
            case nodes.Calculate(symbol=symbol, left=left, right=right):
                return self._operate(symbol, left, right, scope)
            case nodes.Between(value=value, low=low, high=high):
                ends = self._all([low, high], scope)
                return access.within(self.run, PLACE, self.value(value, scope), ends[0], True, ends[1], True)
            case nodes.In(value=value, tests=tests):
                tested = self.value(value, scope)
                return access.any_test([self._test(test, tested, scope) for test in tests])
            case nodes.If(condition=condition, then=then, otherwise=otherwise):
                return self.value(then if self.value(condition, scope) is True else otherwise, scope)
            case nodes.Negate(value=value):
                return calculating.negate(self.run, PLACE, self.value(value, scope))
            case nodes.InstanceOf(value=value, type=kind):
                return types.is_instance(self.value(value, scope), kind)
            case nodes.ListLiteral(items=items):
                return self._all(items, scope)
            case nodes.Path(value=value, name=name):
                return access.member(self.run, PLACE, self.value(value, scope), name)
            case nodes.RangeLiteral(low=low, low_closed=low_closed, high=high, high_closed=high_closed):
                ends = self._all([low, high], scope)
                return make_range(self.run, PLACE, ends[0], low_closed, ends[1], high_closed)
            case nodes.UnaryComparison(symbol=symbol, right=right):
                return comparison_range(symbol, self.value(right, scope))
            case nodes.Call():
                return self._call(node, scope)
        return self._with_names(node, scope)

    def _with_names(self, node: nodes.Node, scope: Mapping[str, Any]) -> Any:
        """Evaluate what brings names of its own."""
        match node:
            case nodes.ContextLiteral(entries=entries):
                seen: dict[str, Any] = {}
                for name, value in entries:
                    seen[name] = self.value(value, {**scope, **seen})
                return seen
            case nodes.Filter(value=value, condition=condition):
                return access.filtered(
                    self.run,
                    PLACE,
                    self.value(value, scope),
                    lambda item, entries: self.value(condition, {**scope, "item": item, **entries}),
                )
            case nodes.For(iterators=iterators, body=body):
                partial = nodes.mentions(body, "partial")
                names = [*(iterator.name for iterator in iterators), *(["partial"] if partial else [])]
                domains = self._domains(iterators, scope)
                return looping.for_each(self.run, PLACE, domains, self._body(names, body, scope), partial)
            case nodes.Quantified(word=word, iterators=iterators, condition=condition):
                quantify = looping.some if word == "some" else looping.every
                names = [iterator.name for iterator in iterators]
                domains = self._domains(iterators, scope)
                return quantify(self.run, PLACE, domains, self._body(names, condition, scope))
            case nodes.FunctionDefinition(parameters=parameters, body=body, external=False):
                call = self._body([name for name, _ in parameters], body, scope)
                return Function(
                    "this function",
                    tuple(Parameter(name, kind or types.ANY) for name, kind in parameters),
                    lambda run, place, *values: call(*values),
                )
        raise AssertionError(f"no {type(node).__name__} is walked through")

    def _all(self, parts: Any, scope: Mapping[str, Any]) -> list[Any]:
        return [self.value(part, scope) for part in parts]

    def _operate(self, symbol: str, left: nodes.Node, right: nodes.Node, scope: Mapping[str, Any]) -> Any:
        return OPERATIONS[symbol](self.run, PLACE, *self._all([left, right], scope))

    def _call(self, node: nodes.Call, scope: Mapping[str, Any]) -> Any:
        arguments = tuple(self._all(node.arguments, scope))
        function = self.value(node.function, scope)
        if node.names is None:
            return calling.call(self.run, PLACE, function, arguments)
        return calling.call_by_name(self.run, PLACE, function, node.names, arguments)

    def _domains(self, iterators: Any, scope: Mapping[str, Any]) -> tuple[Any, ...]:
        names = [iterator.name for iterator in iterators]
        return tuple(
            self._body(names[:position], iterator.domain, scope)
            for position, iterator in enumerate(iterators)
        )

    def _body(self, names: list[str], body: nodes.Node, scope: Mapping[str, Any]) -> Any:
        return lambda *values: self.value(body, {**scope, **dict(zip(names, values, strict=True))})

    def _test(self, test: nodes.Node, value: Any, scope: Mapping[str, Any]) -> bool | None:
        if isinstance(test, nodes.UnaryComparison):
            return OPERATIONS[test.symbol](self.run, PLACE, value, self.value(test.right, scope))
        if isinstance(test, nodes.RangeLiteral):
            ends = self._all([test.low, test.high], scope)
            return access.within(self.run, PLACE, value, ends[0], test.low_closed, ends[1], test.high_closed)
        return access.passes(self.run, PLACE, value, self.value(test, scope))


def _logic(decisive: bool, values: list[Any]) -> bool | None:
    if any(value is decisive for value in values):
        return decisive
    return not decisive if all(value is (not decisive) for value in values) else None
