"""What every element of ours has in common: it enters, runs, leaves along its flows; nothing is predicted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.correlating import Key
from workflows.errors import ElementError
from workflows.specs.flow import Flow


class Node:
    """A mix-in before one of SpiffWorkflow's spec classes, whose hooks lead to `enter`, `run` and `leave`."""

    # SpiffWorkflow's
    name: str
    _inputs: list[str]
    _outputs: list[str]

    kind = "node"
    opens_scope = False
    calls_process = False
    waits_for_machine = False
    is_event_subprocess = False

    def __init__(self, process: Any, name: str, **more: Any) -> None:
        super().__init__(process, name, **more)  # type: ignore[call-arg] # of the SpiffWorkflow class behind
        self.title = ""
        self.line: int | None = None
        self.documentation = ""
        self.flows: list[Flow] = []
        self.incoming: list[Flow] = []
        self.boundaries: list[str] = []
        self.attributes: Mapping[str, str] = {}
        self.properties: Mapping[str, str] = {}
        self.inputs_map: Mapping[str, Any] = {}
        self.outputs_map: Mapping[str, Any] = {}
        self.correlates: tuple[Key, ...] = ()
        self.halts: str | None = None
        """Why it is not executed, where its diagram was read all the same."""

    @property
    def awaited_at(self) -> str:
        """The element that a message or signal to this one may name."""
        return self.name

    # SpiffWorkflow's hooks

    def test(self) -> None:
        """Nothing to check at run time: `check` did it at deployment."""

    def _predict_hook(self, token: Any) -> None:
        """Nothing is predicted: a token is made when a flow is taken."""

    def _update_hook(self, token: Any) -> bool:
        if self.halts is not None:
            raise ElementError(self.name, self.halts)
        return self.enter(token)

    def _on_ready_hook(self, token: Any) -> None:
        self.ready(token)

    def _run_hook(self, token: Any) -> bool | None:
        return self.run(token)

    def _on_complete_hook(self, token: Any) -> None:
        # A throw may have cancelled the very token that threw.
        if token.is_alive:
            self.leave(token)

    def _on_error_hook(self, token: Any) -> None:
        """An incident is noted by the loop, which knows why."""

    def _on_cancel(self, token: Any) -> None:
        token.scope.forget(token)
        if not token.is_listening:
            token.instance.note(self, "cancelled", token)
        token.instance.close_scope(token)
        self.drop_dependents(token)
        token.instance.overtake(token)
        self.cancelled(token)

    # ours

    def enter(self, token: Any) -> bool:
        """Say whether the token may run at once."""
        return True

    def ready(self, token: Any) -> None:
        token.instance.queue.append(token)

    def run(self, token: Any) -> bool | None:
        """Do what the element does; None: it goes on later."""
        return True

    def cancelled(self, token: Any) -> None:
        """Tell the world what it need not do any more."""

    def leave(self, token: Any) -> None:
        self.write_outputs(token)
        onward = self.onward(token)
        token.scope.forget(token)
        token.instance.note(self, "completed", token)
        self.drop_dependents(token)
        self.go(token, onward)

    def onward(self, token: Any) -> Any:
        """Decide where to go, before anything is given up; raise ElementError where that has no answer."""
        return self.choose(token)

    def go(self, token: Any, onward: Any) -> None:
        for flow in onward:
            token.scope.spawn(flow.target, via=flow.id)

    def choose(self, token: Any) -> list[Flow]:
        """Activities and events take every flow without a condition and every one whose condition holds."""
        if not any(flow.condition or flow.is_default for flow in self.flows):
            return self.flows
        taken = [
            flow
            for flow in self.flows
            if not flow.is_default and (flow.condition is None or self.holds(token, flow))
        ]
        return taken or self.otherwise()

    def holds(self, token: Any, flow: Flow) -> bool:
        """Answer a flow's condition; raise ElementError where it has no answer, or none that we execute."""
        if flow.halts is not None:
            raise ElementError(self.name, f"{flow.id}: {flow.halts}")
        return bool(token.test(flow.condition))

    def otherwise(self) -> list[Flow]:
        """Return the default flow; raise ElementError where there is none."""
        default = [flow for flow in self.flows if flow.is_default]
        if not default:
            raise ElementError(self.name, "no condition holds and there is no default flow")
        if default[0].halts is not None:
            raise ElementError(self.name, f"{default[0].id}: {default[0].halts}")
        return default

    def write_outputs(self, token: Any) -> None:
        for name, value in self.outputs_map.items():
            token.write_outside({name: token.answer(value)})

    def drop_dependents(self, token: Any) -> None:
        """Boundary events stop listening with their host."""
        if self.boundaries:
            token.scope.cancel_those("host", token.id)
