"""One diagram, three engines: saved and loaded at each step, never saved, the small game; all must agree."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import workflows
from tests.workflows.drawing import FACTS, as_bpmn, structured, unstructured
from tests.workflows.token_game import Game
from workflows import state
from workflows.instance import Instance

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = 25
MOST_TASKS = 25


class Kept:
    """An instance that stays in memory, moved as the verbs move theirs."""

    def __init__(self, deployment: workflows.Deployment, variables: dict[str, Any]) -> None:
        self.instance = Instance(deployment, "p", NOW)
        self.instance.business_key = "key"
        self.instance.plant("0.0")
        self.instance.data.update(variables)
        self.instance.spawn(self.instance.spec.first_start())
        self.instance.advance()

    def complete(self, key: str, variables: dict[str, Any]) -> None:
        token = self.instance.index[key]
        token.task_spec.take_result(token, dict(variables))
        self.instance.guard(token, token.complete)
        self.instance.advance()

    def message(self, name: str) -> None:
        workflows.routing.message(self.instance, name, {})
        self.instance.advance()


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
        self.kept = Kept(self.deployment, variables)
        self.take(workflows.start(self.deployment, "p", variables, NOW, "key"))
        self.told = [f"start {facts}"]

    def facts(self) -> dict[str, bool]:
        return {name: self.chance.random() < 0.5 for name in FACTS}

    def take(self, step: workflows.Step) -> None:
        self.step = step
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
        if self.step.state != state.save(self.kept.instance):
            return f"state {self.step.state!r}, never saved {state.save(self.kept.instance)!r}"
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
        self.take(workflows.receive(self.deployment, self.step.state, message=name, payload={}, now=NOW))
        self.kept.message(name)
        self.game.message(name)

    def complete(self, key: str) -> None:
        task, facts = self.open[key], self.facts()
        oldest = min((each for each in self.open.values() if _place(each) == _place(task)), key=_age)
        self.told.append(f"complete {_place(task)} {facts}")
        self.take(workflows.complete(self.deployment, self.step.state, oldest.key, facts, NOW))
        self.kept.complete(oldest.key, facts)
        self.game.complete(*_place(task), facts)


def _place(task: workflows.UserTask) -> tuple[str, tuple[int, ...]]:
    return task.element, tuple(int(each) for each in task.inputs["at"])


def _age(task: workflows.UserTask) -> int:
    return int(task.key)
