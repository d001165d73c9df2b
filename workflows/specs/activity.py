"""What all activities share: boundary events listen, parameters are evaluated on the way in."""

from __future__ import annotations

from typing import Any

from workflows.specs.node import Node


class Activity(Node):
    kind = "activity"

    def enter(self, token: Any) -> bool:
        self.attach(token)
        self.read_inputs(token)
        return True

    def attach(self, token: Any) -> None:
        if token.internal_data.get("attached"):
            return
        token.internal_data["attached"] = True
        for name in self.boundaries:
            token.scope.spec.task_specs[name].listen(token)

    def read_inputs(self, token: Any) -> None:
        """Local variables of this activity, evaluated once."""
        for name, value in self.inputs_map.items():
            token.data[name] = token.answer(value)
