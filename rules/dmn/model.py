"""A DMN model that can be asked: by the name or the id of a decision, with inputs by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules.dmn.errors import UnknownDecisionError
from rules.dmn.graph import Decision, InputData, Need, Node, Service
from rules.dmn.scope import Fault
from rules.dmn.session import Session
from rules.dmn.table import DecisionTable
from rules.dmn.trace import Outcome, Trace
from rules.feel.errors import FeelLimitError
from rules.feel.intake import to_feel
from rules.feel.temporal import DateTime
from rules.feel.types import Type


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A document ready to be asked; threads may share it."""

    name: str
    namespace: str
    nodes: Mapping[str, Node]
    aliases: "Mapping[str, tuple[str, Model]]"
    """Imported models by their namespace, each with the name that this model gives it."""
    types: Mapping[str, Type]
    members: frozenset[str]
    faults: tuple[Fault, ...]
    """What will come to null when asked: broken texts, functions that are not run here, unknown types."""
    tables: tuple[DecisionTable, ...]

    @property
    def decisions(self) -> tuple[str, ...]:
        return tuple(node.name for node in self.nodes.values() if isinstance(node, Decision))

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(node.name for node in self.nodes.values() if isinstance(node, Service))

    def inputs_of(self, decision: str) -> tuple[str, ...]:
        """Name the input data that a decision rests on, directly or through others."""
        return tuple(self.input_types(decision))

    def input_types(self, decision: str) -> Mapping[str, Type | None]:
        """Return the declared types of the input data that a decision rests on, by name."""
        found: dict[str, Type | None] = {}
        for node in self._reached(decision):
            if isinstance(node, InputData):
                found.setdefault(node.name, node.type)
        return found

    def owners_of(self, decision: str) -> frozenset[str]:
        """Name a decision and all that it rests on."""
        return frozenset(node.name for node in self._reached(decision))

    def _reached(self, decision: str) -> Iterator[Node]:
        """Go through a decision and all that it rests on, each once, in the order of the requirements."""
        seen: set[Node] = set()
        waiting: list[Node] = [self.find(decision, Decision)]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                yield node
                needs: list[Need] = getattr(node, "needs", [])
                waiting += [need.node for need in reversed(needs)]

    def find(self, name: str, kind: type[Node]) -> Any:
        """Find an element by its id, else by its name."""
        node = self.nodes.get(name)
        if isinstance(node, kind):
            return node
        for node in self.nodes.values():
            if node.name == name and isinstance(node, kind):
                return node
        raise UnknownDecisionError(name)

    def decide(
        self, decision: str, inputs: Mapping[str, Any], now: datetime | DateTime | None = None
    ) -> Outcome:
        """Answer a decision; a value outside FEEL raises FeelValueError, all else that fails is null."""
        node: Decision = self.find(decision, Decision)
        return self._ask(node, node, inputs, now)

    def invoke_service(
        self, service: str, inputs: Mapping[str, Any], now: datetime | DateTime | None = None
    ) -> Outcome:
        """Answer a decision service, whose inputs may be input data and decisions."""
        node: Service = self.find(service, Service)
        return self._ask(node, None, inputs, now)

    def _ask(
        self,
        node: Node,
        table_of: Decision | None,
        inputs: Mapping[str, Any],
        now: datetime | DateTime | None,
    ) -> Outcome:
        run = Trace(to_feel(now))
        values = {name: to_feel(value) for name, value in inputs.items()}
        session = Session(values, run, {})
        try:
            value = session.offer(node) if isinstance(node, Service) else session.value_of(node)
        except RecursionError:
            raise FeelLimitError("the decisions nest too deep") from None
        run.measure(value)
        own = [each for each in run.evidence if table_of is not None and each.decision == table_of.name]
        matched = tuple(hit.rule for hit in own[-1].hits) if own else ()
        return Outcome(value, matched, tuple(run.warnings), tuple(run.evidence))
