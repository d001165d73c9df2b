"""Walking ahead: an instance is advanced in memory, as if everybody did their part, and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import workflows

LONGEST_WALK = 200
# Answers of these tell a diagram nothing: a letter that went out changes no way.
TELLS_NOTHING = frozenset({"mail.send"})
# Where a token stands for what goes on inside.
ENCLOSING = frozenset({"subProcess", "callActivity"})

Answer = Callable[[workflows.UserTask], Mapping[str, Any] | None]


@dataclass(slots=True)
class Ahead:
    """What lies ahead, as far as it can be seen.

    `asked`: the user tasks that open, in their order. `decided`: the evidence of the tables on the way.
    `depends_on`: names of steps whose answer nobody knows yet; "nothing in particular" was assumed.
    `reached`: the milestone where the walk was to end; None where it cannot be seen how it goes on after
    the step named by `lost_at`.
    """

    asked: list[workflows.UserTask] = field(default_factory=list)
    decided: list[Mapping[str, Any]] = field(default_factory=list)
    depends_on: list[str] = field(default_factory=list)
    reached: str | None = None
    lost_at: str | None = None


def walk_ahead(
    deployment: workflows.Deployment,
    step: workflows.Step,
    until: Collection[str],
    answer: Answer,
    now: datetime,
) -> Ahead:
    """Go on from a step until a milestone of `until` is entered; `answer` fills in forms, if it can."""
    return _Walk(deployment, until, answer, now).go(step)


class _Walk:
    def __init__(
        self, deployment: workflows.Deployment, until: Collection[str], answer: Answer, now: datetime
    ) -> None:
        self._deployment = deployment
        self._until = until
        self._answer = answer
        self._now = now
        self._tasks: dict[str, workflows.UserTask] = {}
        self._calls: dict[str, workflows.ServiceCall] = {}
        self._ahead = Ahead()

    def go(self, step: workflows.Step) -> Ahead:
        for _ in range(LONGEST_WALK):
            self._learn(step)
            if self._is_over(step):
                break
            following = self._next(step)
            if following is None:
                self._ahead.lost_at = self._place(step)
                break
            step = following
        else:
            self._ahead.lost_at = self._place(step)
        return self._ahead

    def _learn(self, step: workflows.Step) -> None:
        self._tasks.update({task.key: task for task in step.opened})
        self._ahead.asked.extend(step.opened)
        self._ahead.decided.extend(event.detail for event in step.events if event.kind == "decided")
        self._calls.update({call.key: call for call in step.calls})
        for closed in step.closed:
            self._tasks.pop(closed.key, None)
        for key in step.withdrawn:
            self._calls.pop(key, None)

    def _is_over(self, step: workflows.Step) -> bool:
        reached = [milestone for milestone in step.milestones if milestone in self._until]
        if reached:
            self._ahead.reached = reached[0]
        elif step.incidents:
            self._ahead.lost_at = self._name(step.incidents[0].element)
        elif step.finished:
            self._ahead.lost_at = self._name(step.finished)
        return bool(reached or step.incidents or step.finished)

    def _next(self, step: workflows.Step) -> workflows.Step | None:
        """Advance by one answer: a machine's, a person's, or else by the time that passes."""
        if self._calls:
            call = self._calls.pop(next(iter(self._calls)))
            if call.handler not in TELLS_NOTHING:
                self._ahead.depends_on.append(self._name(call.element))
            return workflows.complete(self._deployment, step.state, call.key, {}, self._now)
        if self._tasks:
            task = self._tasks.pop(next(iter(self._tasks)))
            given = self._answer(task)
            if given is None:
                self._ahead.asked.remove(task)
                return None
            return workflows.complete(self._deployment, step.state, task.key, given, self._now)
        if step.next_due is None:
            return None
        self._now = max(self._now, step.next_due)
        return workflows.tick(self._deployment, step.state, self._now)

    def _place(self, step: workflows.Step) -> str:
        """Name where a step stands: its last token that does not stand for what goes on inside it."""
        processes = self._deployment.processes
        for process, element in reversed(step.tokens):
            if processes[process].elements[element].kind not in ENCLOSING:
                return self._name(element)
        return ""

    def _name(self, element: str) -> str:
        for process in self._deployment.processes.values():
            if element in process.elements:
                return process.elements[element].name or element
        return element
