"""One request to a model: walks the requirements, each element valued once."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules.dmn.boxed import fit, make_function
from rules.dmn.graph import Decision, InputData, Knowledge, Need, Node, Service
from rules.dmn.trace import Trace
from rules.feel.calling import call
from rules.feel.evaluation import Evaluation, Place
from rules.feel.functions import Function, Parameter


class Session:
    """The values known so far; a decision service opens a session of its own."""

    def __init__(self, inputs: Mapping[str, Any], run: Trace, given: Mapping[Node, Any]) -> None:
        self._inputs = inputs
        self._run = run
        self._values: dict[Node, Any] = dict(given)

    def value_of(self, node: Node) -> Any:
        if node not in self._values:
            self._values[node] = self._find(node)
        return self._values[node]

    def _find(self, node: Node) -> Any:
        if isinstance(node, InputData):
            return self._input(node)
        if isinstance(node, Decision):
            return self._decide(node)
        if isinstance(node, Knowledge):
            return self._function(node)
        return self.service(node) if isinstance(node, Service) else None

    def _input(self, node: InputData) -> Any:
        for key in (node.key, node.name):
            if key in self._inputs:
                return fit(self._run, node.place, self._inputs[key], node.type)
        self._run.warn(node.place, f"no value is given for {node.name!r}")
        return None

    def _decide(self, node: Decision) -> Any:
        if node.logic is None:
            self._run.warn(node.place, f"{node.name!r} holds no expression")
            return None
        values = self._around(node.needs)
        self._run.decisions.append(node.name)
        value = node.logic(values, self._run)
        self._run.decisions.pop()
        return fit(self._run, node.place, value, node.type)

    def _around(self, needs: Sequence[Need]) -> dict[str, Any]:
        """Gather the values that an element may name; an import's stand in a context of its own."""
        values: dict[str, Any] = {}
        for need in needs:
            value = self.value_of(need.node)
            if need.alias:
                values.setdefault(need.alias, {})[need.node.name] = value
            else:
                values[need.node.name] = value
        return values

    def _function(self, node: Knowledge) -> Function | None:
        if node.logic is None:
            self._run.warn(node.place, f"{node.name!r} holds no function")
            return None
        return make_function(
            node.name, node.parameters, node.type, node.logic, self._around(node.needs), self._run
        )

    def offer(self, node: Service) -> Any:
        """Answer a service from the inputs of this session."""
        given = [self._inputs.get(each.key, self._inputs.get(each.name)) for each in node.inputs]
        return call(self._run, node.place, self.service(node), tuple(given))

    def service(self, node: Service) -> Function:
        """Return a decision service as a function: input data first, then input decisions."""
        parameters = tuple(Parameter(each.name, each.type) for each in node.inputs)

        def body(_run: Evaluation, _place: Place, /, *arguments: Any) -> Any:
            given = dict(zip(node.inputs, arguments, strict=True))
            inner = Session({}, self._run, given)
            values = {output.name: inner.value_of(output) for output in node.outputs}
            return next(iter(values.values())) if len(values) == 1 else values

        return Function(node.name, parameters, body, node.type)
