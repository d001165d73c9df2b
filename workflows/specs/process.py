"""A process or subprocess as read: SpiffWorkflow's spec with what our scopes look up."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec


class ProcessSpec(BpmnProcessSpec):
    """Read once, shared by all instances and threads, never changed afterwards."""

    def __init__(self, name: str, process_id: str) -> None:
        super().__init__(name=name)
        # SpiffWorkflow's own Start, End and EndJoin would shadow elements with these ids.
        self.task_specs: dict[str, Any] = {}
        self.process_id = process_id
        self.title = ""
        self.event_subprocesses: list[str] = []
        self.handlers: set[str] = set()  # activities that compensate others
        self.locals: list[str] = []  # variables of an embedded subprocess alone: its data objects
        self.halts: str | None = None  # why nothing in it is executed, where it was read all the same
        self.undo: str | None = None  # the event subprocess that compensates this one

    def starts(self) -> list[Any]:
        return [spec for spec in self.task_specs.values() if spec.kind == "startEvent"]

    def first_start(self) -> str | None:
        """Return where an instance begins that nothing but a caller starts; None where only events do."""
        starts = self.starts()
        if starts:
            return next((str(spec.name) for spec in starts if spec.trigger.kind == "none"), None)
        return next(str(spec.name) for spec in self.task_specs.values() if self.is_beginning(spec))

    def is_beginning(self, spec: Any) -> bool:
        """Whether nothing leads to an element, so that a scope without a start event begins there."""
        return not (
            spec.incoming
            or spec.kind in ("startEvent", "boundaryEvent")
            or spec.is_event_subprocess
            or spec.name in self.handlers
        )

    def message_start(self, name: str) -> str | None:
        for spec in self.starts():
            if spec.trigger.kind == "message" and spec.trigger.text == name:
                return str(spec.name)
        return None
