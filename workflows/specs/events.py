"""Events: start, catch, throw, end, boundary."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition
from SpiffWorkflow.util.task import TaskState

from workflows import compensation, correlating, routing
from workflows.specs.races import win_race
from workflows.specs.waiting import Waiting


class EventNode(Waiting):
    def __init__(self, process: Any, name: str, **more: Any) -> None:
        super().__init__(process, name, event_definition=NoneEventDefinition(), **more)


class StartEvent(EventNode, defaults.StartEvent):
    kind = "startEvent"


class CatchEvent(EventNode, defaults.IntermediateCatchEvent):
    kind = "intermediateCatchEvent"

    def enter(self, token: Any) -> bool:
        if not self.trigger.waits:
            return True  # a link
        self.wait(token)
        return False

    def triggered(self, token: Any) -> None:
        win_race(token)
        token.instance.unwatch(token)
        token._ready()


class ThrowEvent(EventNode, defaults.IntermediateThrowEvent):
    kind = "intermediateThrowEvent"

    def run(self, token: Any) -> bool | None:
        trigger = self.trigger
        for name, value in self.inputs_map.items():
            token.data[name] = token.answer(value)
        if trigger.kind in ("message", "signal"):
            self._send(token, trigger.kind, token.named(trigger.text or ""))
        elif trigger.kind == "error":
            routing.throw_error(token, trigger.text or "", self.title)
        elif trigger.kind == "escalation":
            routing.throw_escalation(token, trigger.text or "")
        elif trigger.kind == "terminate":
            token.scope.clear(keep=token)
        elif trigger.kind == "compensation":
            return self._compensate(token)
        elif trigger.kind == "cancel":
            token.scope.clear(keep=token)
            return None if compensation.start(token, token.scope) else True
        return True

    def _send(self, token: Any, kind: str, name: str) -> None:
        instance = token.instance
        instance.note(self, "thrown", token, **{kind: name})
        instance.send(token, kind, name, correlating.given(token) if kind == "message" else {})
        if kind == "signal":
            routing.signal(instance, name, token.data)

    def _compensate(self, token: Any) -> bool | None:
        """Undo what was completed, and go on when that is done, or at once where the diagram says so."""
        trigger, scope = self.trigger, compensation.target(token.scope)
        token.instance.note(self, "thrown", token, compensation=trigger.text)
        if trigger.waits_for_completion:
            return None if compensation.start(token, scope, trigger.text) else True
        holder = token.scope.place(self, token.instance.next_id(), TaskState.STARTED)
        holder.internal_data["detached"] = True
        if not compensation.start(holder, scope, trigger.text):
            token.scope.forget(holder)
        return True

    def undone(self, token: Any) -> None:
        if "detached" in token.internal_data:
            token.scope.forget(token)
        else:
            token.complete()

    def drop_dependents(self, token: Any) -> None:
        if "groups" in token.internal_data:
            compensation.abandon(token)


class EndEvent(ThrowEvent, defaults.EndEvent):
    kind = "endEvent"

    def leave(self, token: Any) -> None:
        if token.scope is token.instance:
            token.instance.end_event = self.name
        super().leave(token)

    def go(self, token: Any, onward: Any) -> None:
        if self.trigger.kind == "cancel":
            routing.cancel_transaction(token)
        else:
            super().go(token, onward)


class BoundaryEvent(EventNode, defaults.BoundaryEvent):
    """Listens while its host lasts; then a token goes its way beside the host or instead of it."""

    kind = "boundaryEvent"
    attached_to = ""
    interrupts = True

    def __init__(self, process: Any, name: str, **more: Any) -> None:
        super().__init__(process, name, cancel_activity=True, **more)

    def listen(self, host: Any) -> None:
        if self.trigger.waits:
            host.scope.spawn(self.name, host=host.id)

    def enter(self, token: Any) -> bool:
        if not token.is_listening:
            return True
        self.wait(token)
        return False

    def triggered(self, token: Any) -> None:
        host = token.scope.tasks[token.internal_data["host"]]
        if token.internal_data.pop("once", False):
            token.scope.forget(token)
        self.fire(host)

    def fire(self, host: Any, values: Any = None) -> None:
        """Let the boundary's own path begin; an interrupting one ends its host first."""
        scope, job = host.scope, host.internal_data.get("job")
        if self.interrupts:
            host.cancel()
        if values:
            scope.task_tree.write(values)
        scope.spawn(self.name)
        if self.interrupts and job is not None and job in scope.top_workflow.index:
            # What a handler that was interrupted had to undo goes its own way now.
            compensation.done(scope.top_workflow, job)
