"""Events: start, catch, throw, end, boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition
from SpiffWorkflow.util.task import TaskState

from workflows import clock, routing
from workflows.specs.node import Node
from workflows.specs.races import win_race


@dataclass(frozen=True, slots=True)
class Trigger:
    """What an event waits for or throws.

    `kind` is none, message, signal, error, terminate, or a timer's: date, duration, cycle.
    `text` is the message's or signal's name, the error's code (None: any), or the timer's expression.
    A caught error tells its code and message to the variables that the diagram names.
    """

    kind: str = "none"
    text: str | None = None
    code_variable: str | None = None
    message_variable: str | None = None

    @property
    def waits(self) -> bool:
        return self.kind in ("message", "signal", *clock.KINDS)

    def told(self, code: str, message: str) -> dict[str, str]:
        pairs = ((self.code_variable, code), (self.message_variable, message))
        return {name: value for name, value in pairs if name}


class EventNode(Node):
    trigger = Trigger()

    def __init__(self, process: Any, name: str, **more: Any) -> None:
        super().__init__(process, name, event_definition=NoneEventDefinition(), **more)

    @property
    def awaited(self) -> tuple[str, str]:
        return (self.trigger.kind, self.trigger.text or "")

    def wait(self, token: Any) -> None:
        """Put the token on the watch for its kind; what is due is computed once."""
        token._set_state(TaskState.WAITING)
        kind = "timer" if self.trigger.kind in clock.KINDS else self.trigger.kind
        if kind == "timer" and "due" not in token.internal_data:
            token.internal_data.update(clock.schedule(token, self.trigger))
        token.instance.watch[kind][token.id] = token

    def fire_timer(self, token: Any) -> None:
        """A cycle goes on unless it was its last time; missed rounds fire once together."""
        token.instance.note(self, "fired", token)
        if not clock.again(token):
            token.internal_data["once"] = True
        self.triggered(token)

    def triggered(self, token: Any) -> None:
        raise AssertionError(f"{self.name} waits for nothing")


class StartEvent(EventNode, defaults.StartEvent):
    kind = "startEvent"


class CatchEvent(EventNode, defaults.IntermediateCatchEvent):
    kind = "intermediateCatchEvent"

    def enter(self, token: Any) -> bool:
        self.wait(token)
        return False

    def triggered(self, token: Any) -> None:
        win_race(token)
        token.instance.unwatch(token)
        token._ready()


class ThrowEvent(EventNode, defaults.IntermediateThrowEvent):
    kind = "intermediateThrowEvent"

    def run(self, token: Any) -> bool:
        trigger, instance = self.trigger, token.instance
        self.read_payload(token)
        if trigger.kind == "error":
            routing.throw_error(token, trigger.text or "", self.title)
        elif trigger.kind == "signal":
            instance.note(self, "thrown", token, signal=trigger.text)
            instance.send("signal", trigger.text or "", dict(token.data))
            routing.signal(instance, trigger.text or "", token.data)
        elif trigger.kind == "message":
            instance.note(self, "thrown", token, message=trigger.text)
            instance.send("message", trigger.text or "", dict(token.data))
        elif trigger.kind == "terminate":
            token.scope.clear(keep=token)
        return True

    def read_payload(self, token: Any) -> None:
        for name, value in self.inputs_map.items():
            token.data[name] = token.answer(value)


class EndEvent(ThrowEvent, defaults.EndEvent):
    kind = "endEvent"

    def leave(self, token: Any) -> None:
        if token.scope is token.instance:
            token.instance.end_event = self.name
        super().leave(token)


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
        if "host" not in token.internal_data:
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
        scope = host.scope
        if self.interrupts:
            host.cancel()
        token = scope.spawn(self.name)
        if values:
            token.write(values)
