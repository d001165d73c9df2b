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

    def starts(self) -> list[Any]:
        return [spec for spec in self.task_specs.values() if spec.kind == "startEvent"]

    def first_start(self) -> str | None:
        """Return where an instance begins that no message starts; None where only messages do."""
        starts = self.starts()
        if starts:
            return next((str(spec.name) for spec in starts if spec.trigger.kind == "none"), None)
        return next(
            str(spec.name)
            for spec in self.task_specs.values()
            if not spec.incoming and spec.kind != "boundaryEvent"
        )

    def message_start(self, name: str) -> str | None:
        for spec in self.starts():
            if spec.trigger.kind == "message" and spec.trigger.text == name:
                return str(spec.name)
        return None
