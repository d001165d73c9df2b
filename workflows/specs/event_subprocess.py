"""Event subprocesses: they listen while their scope lives, and run beside its tokens or instead of them."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults

from workflows.specs.subprocess import Subprocess
from workflows.specs.waiting import Waiting


class EventSubprocess(Waiting, Subprocess, defaults.EventSubprocess):
    """The waiting token has `listener` and keeps no scope alive."""

    is_event_subprocess = True
    interrupts = True
    start = ""
    """Its start event, whose trigger it has."""

    @property
    def awaited_at(self) -> str:
        return self.start

    def listen(self, scope: Any) -> None:
        if self.trigger.waits:
            scope.spawn(self.name, listener=True)

    def enter(self, token: Any) -> bool:
        if not token.is_listening:
            return super().enter(token)
        self.wait(token)
        return False

    def first_start(self, scope: Any) -> str:
        return self.start

    def triggered(self, token: Any) -> None:
        if token.internal_data.pop("once", False):
            token.scope.forget(token)
        self.fire(token)

    def fire(self, token: Any, values: Any = None) -> None:
        """Begin in the scope of a token: its listener, or one that an error or escalation reached."""
        scope = token.scope
        if self.interrupts:
            scope.clear()
        if values:
            scope.task_tree.write(values)
        scope.spawn(self.name)
