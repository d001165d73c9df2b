"""How a token waits for an event: it is put on the watch for its kind, with what is due computed once."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflows import clock, conditions, correlating
from workflows.specs.node import Node
from workflows.specs.triggers import Trigger


def remember_name(token: Any) -> None:
    """Put a computed name into the memo: it is what it was when the wait began."""
    _, text = token.task_spec.awaited
    if text.startswith("=") and "name" not in token.internal_data:
        token.internal_data["name"] = token.named(text)


class Waiting(Node):
    """An element with a trigger."""

    trigger = Trigger()

    @property
    def awaited(self) -> tuple[str, str]:
        return (self.trigger.kind, self.trigger.text or "")

    def wait(self, token: Any) -> None:
        token._set_state(TaskState.WAITING)
        kind, memo = self.trigger.watched_as, token.internal_data
        if kind == "timer" and "due" not in memo:
            memo.update(clock.schedule(token, self.trigger))
        if kind in ("message", "signal"):
            remember_name(token)
        if kind == "message":
            correlating.remember(token)
        token.instance.watch[kind][token.id] = token
        if kind == "timer":
            token.instance.timed.append(token)
        if kind == "condition":
            conditions.begin(token)

    def fire_timer(self, token: Any) -> None:
        """A cycle goes on unless it was its last time; missed rounds fire once together."""
        token.instance.note(self, "fired", token)
        if not clock.again(token):
            token.internal_data["once"] = True
        self.triggered(token)

    def triggered(self, token: Any) -> None:
        raise AssertionError(f"{self.name} waits for nothing")
