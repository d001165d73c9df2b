"""One diagram, three engines: saved and loaded at each step, never saved, the small game; all must agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import workflows
from tests.workflows.drawing import FACTS, as_bpmn, structured, unstructured
from tests.workflows.kept import Kept
from tests.workflows.token_game import Game

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = 25
MOST_TASKS = 25


class Walk:
    """A diagram by chance and a way through it by chance; `differences` is what it is all for."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        draw = structured if self.chance.random() < 0.6 else unstructured
        self.net = draw(self.chance)
        self.diagram = as_bpmn(self.net)
        self.deployment = workflows.deploy({"p.bpmn": self.diagram})
        facts = self.facts()
        variables = {**facts, "places2": [0, 1], "places3": [0, 1, 2]}
        self.open: dict[str, workflows.UserTask] = {}
        self.stuck = False
        self.game = Game(self.net, facts)
        self.kept = Kept(self.deployment)
        self.take(
            workflows.start(self.deployment, "p", variables, NOW, "key"),
            self.kept.start("p", variables, NOW, "key"),
        )
        self.told = [f"start {facts}"]

    def facts(self) -> dict[str, bool]:
        return {name: self.chance.random() < 0.5 for name in FACTS}

    def take(self, step: workflows.Step, kept: workflows.Step) -> None:
        self.step, self.never_saved = step, kept
        self.stuck |= bool(step.incidents)
        self.open.update({task.key: task for task in step.opened})
        for closed in step.closed:
            self.open.pop(closed.key, None)

    @property
    def tasks(self) -> list[tuple[str, tuple[int, ...]]]:
        return sorted(map(_place, self.open.values()))

    def differences(self) -> list[str]:
        """Walk; return how the three differ, with all that was done, or nothing."""
        for _ in range(STEPS):
            found = self.compare()
            if found:
                return [*self.told, found, self.diagram.decode()]
            if self.step.finished or not self.open or len(self.open) > MOST_TASKS:
                break
            self.go_on()
        return []

    def compare(self) -> str:
        if self.tasks != self.game.tasks:
            return f"tasks {self.tasks}, in the game {self.game.tasks}"
        if bool(self.step.finished) != self.game.finished:
            return f"finished {self.step.finished}, in the game {self.game.finished}"
        if not self.open and not self.step.finished and not self.stuck:
            return "nothing can go on, and nobody was told"
        if in_any_order(self.step) != in_any_order(self.never_saved):
            return f"{self.step}, never saved {self.never_saved}"
        return ""

    def go_on(self) -> None:
        heard = sorted({each.name for each in self.step.subscriptions})
        awaited = [name for name in heard if self.game.waiting(name) == 1]
        if awaited and self.chance.random() < 0.25:
            self.message(self.chance.choice(awaited))
        else:
            self.complete(self.chance.choice(sorted(self.open, key=int)))

    def message(self, name: str) -> None:
        self.told.append(f"message {name}")
        self.do(workflows.receive, message=name, payload={}, now=NOW)
        self.game.message(name)

    def complete(self, key: str) -> None:
        task, facts = self.open[key], self.facts()
        oldest = min((each for each in self.open.values() if _place(each) == _place(task)), key=_age)
        self.told.append(f"complete {_place(task)} {facts}")
        self.do(workflows.complete, oldest.key, facts, NOW)
        self.game.complete(*_place(task), facts)

    def do(self, verb: Callable[..., workflows.Step], *arguments: Any, **more: Any) -> None:
        self.take(
            verb(self.deployment, self.step.state, *arguments, **more),
            self.kept.do(verb, *arguments, **more),
        )


def in_any_order(step: workflows.Step) -> workflows.Step:
    """Return the step without the order in which tokens are listed: by age, or by scope once loaded."""
    return replace(step, tokens=tuple(sorted(step.tokens)), crowds=tuple(sorted(step.crowds, key=repr)))


def _place(task: workflows.UserTask) -> tuple[str, tuple[int, ...]]:
    return task.element, tuple(int(each) for each in task.inputs["at"])


def _age(task: workflows.UserTask) -> int:
    return int(task.key)
