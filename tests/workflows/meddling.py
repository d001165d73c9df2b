"""An operator by chance on a diagram by chance: what is told of the instance is what it holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import workflows
from tests.workflows.building import NOW
from tests.workflows.drawing import FACTS, as_bpmn, structured, unstructured
from workflows import state
from workflows.errors import WorkflowError

REFUSALS = (
    workflows.NotAwaitedError,
    workflows.NotMovableError,
    workflows.NotOpenError,
    workflows.StarvedError,
    workflows.UncaughtError,
    workflows.UndoingError,
)
STEPS = 30
MOST_OPEN = 40


class Meddling:
    """`faults` is what it is all for: what was wrong first, with all that was done until then."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        draw = structured if self.chance.random() < 0.6 else unstructured
        self.diagram = as_bpmn(draw(self.chance))
        self.deployment = workflows.deploy({"p.bpmn": self.diagram})
        self.now = NOW
        self.open: dict[str, str] = {}
        self.stuck: dict[str, str] = {}
        self.told: list[str] = []
        variables = {**self.facts(), "places2": [0, 1], "places3": [0, 1, 2]}
        self.take(workflows.start(self.deployment, "p", variables, self.now, "key"))

    def facts(self) -> dict[str, bool]:
        return {name: self.chance.random() < 0.5 for name in FACTS}

    def faults(self) -> list[str]:
        for _ in range(STEPS):
            found = self.compare()
            if found:
                return [*self.told, found, self.diagram.decode()]
            if self.step.finished or len(self.open) > MOST_OPEN:
                break
            self.chance.choice(_VERBS)(self)
        return []

    def take(self, step: workflows.Step) -> None:
        self.step = step
        for closed in step.closed:
            self.open.pop(closed.key, None)
        for key in step.overtaken:
            self.stuck.pop(key, None)
        self.open.update({task.key: task.element for task in step.opened})
        for incident in step.incidents:
            self.open.pop(incident.key, None)
            self.stuck[incident.key] = incident.element

    def do(self, verb: Callable[..., workflows.Step], *arguments: Any, **more: Any) -> None:
        """Do it or be refused; a refusal leaves everything as it was."""
        self.told.append(f"{verb.__name__} {arguments} {more}")
        try:
            step = verb(self.deployment, self.step.state, *arguments, **more)
        except REFUSALS as error:
            self.told.append(f"refused: {error}")
            return
        if verb in (workflows.complete, workflows.retry):
            self.open.pop(arguments[0], None)
            self.stuck.pop(arguments[0], None)
        self.take(step)

    def compare(self) -> str:
        """Say how what was told differs from what the saved state holds; nothing where it does not."""
        if self.step.finished:
            return ""
        try:
            instance = state.load(self.step.state, self.deployment, self.now)
        except (KeyError, WorkflowError) as error:
            return f"the state cannot be read: {error!r}"
        tokens = instance.index.items()
        is_open = {key for key, token in tokens if state.is_open(token)}
        is_stuck = {key for key, token in tokens if "incident" in token.internal_data}
        if state.save(instance) != self.step.state:
            return "saved again it is another state"
        if is_open != set(self.open):
            return f"open are {is_open}, told were {self.open}"
        if is_stuck != set(self.stuck):
            return f"at an incident are {is_stuck}, told were {self.stuck}"
        return (
            "" if is_open or is_stuck or self.step.subscriptions else "nothing can go on, and nobody was told"
        )


def _complete(run: Meddling) -> None:
    if run.open:
        run.do(workflows.complete, run.chance.choice(sorted(run.open)), run.facts(), run.now)


def _move(run: Meddling) -> None:
    if run.step.tokens:
        process, source = run.chance.choice(run.step.tokens)
        targets = (*workflows.places(run.deployment, process, source), source)
        run.do(workflows.move, process, source, run.chance.choice(targets), run.now)


def _help(run: Meddling) -> None:
    if not run.stuck:
        return
    key, way = run.chance.choice(sorted(run.stuck)), run.chance.choice(("retry", "skip", "answer"))
    if way == "retry":
        run.do(workflows.retry, key, run.now, run.facts())
    elif way == "skip":
        target = run.chance.choice(workflows.places(run.deployment, "p", ""))
        run.do(workflows.skip, key, target, run.now)
    else:
        run.do(workflows.raise_error, key, run.chance.choice(("x", "y")), "by chance", run.now)


def _message(run: Meddling) -> None:
    if run.step.subscriptions:
        awaited = run.chance.choice(run.step.subscriptions)
        run.do(workflows.receive, message=awaited.name, payload={}, now=run.now, element=awaited.element)


def _change(run: Meddling) -> None:
    run.do(workflows.change, run.facts(), run.now)


def _tick(run: Meddling) -> None:
    run.now += timedelta(hours=1)
    run.do(workflows.tick, run.now)


def _cancel(run: Meddling) -> None:
    if run.chance.random() < 0.2:
        run.do(workflows.cancel_undoing, run.now)


_VERBS = (_complete, _complete, _move, _move, _help, _message, _change, _tick, _cancel)
