"""Gateways: choice on the way out, counted arrivals per incoming flow on the way in."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition
from SpiffWorkflow.util.task import TaskState

from workflows.specs.flow import Flow
from workflows.specs.node import Node
from workflows.starving import upstream


class ExclusiveGateway(Node, defaults.ExclusiveGateway):
    kind = "exclusiveGateway"

    def choose(self, token: Any) -> list[Flow]:
        if len(self.flows) == 1 and self.flows[0].condition is None and self.flows[0].halts is None:
            return self.flows
        for flow in self.flows:
            if not flow.is_default and flow.condition is not None and self.holds(token, flow):
                return [flow]
        return self.otherwise()


class Join(Node):
    """Collects arrivals in one waiting token; arrivals beyond the first of a flow stay for the next round."""

    needs_all = True

    def collect(self, token: Any) -> Any:
        via = token.internal_data.pop("via", "")
        for other in token.scope.tokens():
            if other is not token and other.task_spec is self and other.state == TaskState.WAITING:
                token.scope.forget(token)
                token = other
                break
        else:
            token._set_state(TaskState.WAITING)
            token.internal_data["arrived"] = {}
        arrived = token.internal_data["arrived"]
        arrived[via] = arrived.get(via, 0) + 1
        return token

    def empty(self, token: Any) -> list[Flow]:
        return [flow for flow in self.incoming if flow.id not in token.internal_data["arrived"]]

    def open(self, token: Any) -> None:
        if "incident" in token.internal_data:
            # What it starved of is gone: it goes on by itself, and nobody need help.
            token.instance.overtake(token)
            del token.internal_data["incident"]
        arrived = token.internal_data.pop("arrived")
        token.instance.watch["join"].pop(token.id, None)
        token._ready()
        for via, count in arrived.items():
            for _ in range(count - 1):
                token.scope.spawn(self.name, via=via)


class ParallelGateway(Join, defaults.ParallelGateway):
    kind = "parallelGateway"

    def enter(self, token: Any) -> bool:
        if len(self.incoming) < 2:
            return True
        token = self.collect(token)
        if not self.empty(token):
            self.open(token)
        return False

    def choose(self, token: Any) -> list[Flow]:
        return self.flows

    def lacking(self, token: Any, moving: set[str]) -> list[Flow]:
        """Return the empty flows that none of the moving tokens can reach."""
        return [flow for flow in self.empty(token) if not upstream(token, [flow]) & moving]


class InclusiveGateway(Join, defaults.InclusiveGateway):
    kind = "inclusiveGateway"
    needs_all = False

    def enter(self, token: Any) -> bool:
        if len(self.incoming) < 2:
            return True
        token = self.collect(token)
        token.instance.watch["join"][token.id] = token
        return False

    def may_open(self, token: Any) -> bool:
        """Say whether no other token of the scope can still arrive at a flow that is empty.

        BPMN 2.0.2, 13.4.3, with Camunda's reading of tokens that can reach both.
        """
        ahead = upstream(token, self.empty(token))
        return not any(
            other.task_spec is not self and other.task_spec.name in ahead for other in token.scope.tokens()
        )

    def lacking(self, token: Any, moving: set[str]) -> list[Flow]:
        empty = self.empty(token)
        return [] if upstream(token, empty) & moving else empty


class EventBasedGateway(Node, defaults.EventBasedGateway):
    """Every target waits; the first whose event comes wins."""

    kind = "eventBasedGateway"

    def __init__(self, process: Any, name: str, **more: Any) -> None:
        super().__init__(process, name, event_definition=NoneEventDefinition(), **more)

    def leave(self, token: Any) -> None:
        token.scope.forget(token)
        token.instance.note(self, "completed", token)
        for flow in self.flows:
            token.scope.spawn(flow.target, via=flow.id, race=token.id)
