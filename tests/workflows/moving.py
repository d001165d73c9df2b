"""Instances under test that change their version on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import workflows
from tests.workflows.building import Run


class Mover(Run):
    """A run that can be carried to other diagrams, and goes on there."""

    revised: tuple[workflows.UserTask, ...] = ()

    def plan_to(self, *diagrams: bytes, **chosen: str | None) -> workflows.Plan:
        plan = workflows.plan(self.deployment, workflows.deploy(_files(diagrams)), "p")
        for old, new in chosen.items():
            plan = plan.choose("p", old, new)
        return plan

    def move_to(
        self,
        *diagrams: bytes,
        entered: Mapping[tuple[str, str], datetime] | None = None,
        **chosen: str | None,
    ) -> workflows.Step:
        plan = self.plan_to(*diagrams, **chosen)
        new = workflows.deploy(_files(diagrams), self.tables)
        moved = workflows.migrate(self.deployment, new, self.step.state, plan, self.now, entered)
        assert workflows.restate(new, moved.step.state, self.now).state == moved.step.state
        said = moved.step
        assert not any((said.opened, said.calls, said.sent, said.withdrawn, said.closed, said.incidents))
        assert said.finished is None
        self.files, self.revised = _files(diagrams), moved.revised
        for key, element in moved.elements.items():
            self._rename(key, element)
        for task in moved.revised:
            self.open[task.key] = task
        return self.take(moved.step)

    def _rename(self, key: str, element: str) -> None:
        if key in self.open:
            (task,) = (each for each in self.open.values() if each.key == key)
            self.open[key] = workflows.UserTask(
                **{name: getattr(task, name) for name in task.__slots__} | {"element": element}
            )

    def reasons(self, *diagrams: bytes, **chosen: str | None) -> list[str]:
        """Say why this cannot be carried over: each reason behind its element."""
        plan = self.plan_to(*diagrams, **chosen)
        new = workflows.deploy(_files(diagrams), self.tables)
        found = workflows.verdict(self.deployment, new, self.step.state, plan, self.now)
        return [f"{each.element}: {each.why}" for each in found]


def _files(diagrams: tuple[bytes, ...]) -> dict[str, bytes]:
    return {f"{number}.bpmn": content for number, content in enumerate(diagrams)}


def pairs(plan: workflows.Plan) -> dict[str, Any]:
    """Return what stands for what, where the ids differ."""
    return {pair.old: (pair.new, pair.why) for pair in plan.pairs if pair.old != pair.new}
