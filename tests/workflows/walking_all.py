"""Ways through diagrams of everything: saved and loaded at each step or never, and nobody ever forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import workflows
from tests.workflows.drawing_all import FACTS, diagrams
from tests.workflows.kept import Kept
from tests.workflows.walking import in_any_order

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = 30
MOST_OPEN = 40


class Story:
    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.now = NOW
        self.diagrams = diagrams(self.chance)
        self.deployment = workflows.deploy({f"{n}.bpmn": content for n, content in enumerate(self.diagrams)})
        self.kept = Kept(self.deployment)
        self.open: set[str] = set()
        self.calls: set[str] = set()
        self.incidents: set[str] = set()
        self.told: list[str] = []
        given = ("p", {**self.facts(), "places": ["a", "b", "c"]}, NOW, "key")
        self.take(workflows.start(self.deployment, *given), self.kept.start(*given))

    def facts(self) -> dict[str, Any]:
        return {name: self.chance.random() < 0.5 for name in FACTS}

    def differences(self) -> list[str]:
        for _ in range(STEPS):
            found = self.wrong()
            if found:
                return [*self.told, found, *(each.decode() for each in self.diagrams)]
            moves = self.moves()
            if not moves or len(self.open) + len(self.calls) > MOST_OPEN or self.went_on_without_end:
                break
            self.chance.choice(moves)()
        return []

    @property
    def went_on_without_end(self) -> bool:
        """Whether the limit of steps struck; what it left to do is done later in another order."""
        return any("without waiting" in incident.message for incident in self.step.incidents)

    def wrong(self) -> str:
        if in_any_order(self.step) != in_any_order(self.never_saved):
            return f"{self.step}, never saved {self.never_saved}"
        if self.step.finished:
            left = self.open | self.calls | self.incidents
            return f"ended, and {left} are still shown" if left else ""
        if not self.moves() and not self.incidents:
            return "nothing can go on, and nobody was told"
        return ""

    def moves(self) -> list[Callable[[], None]]:
        """Return what may happen next; what people do comes more often than the rest."""
        found: list[Callable[[], None]] = []
        if self.step.finished:
            return found
        if self.open:
            found += [self.complete] * 6
        if self.calls:
            found += [self.answer] * 3 + [self.fail]
        if self.step.subscriptions:
            found += [self.hear] * 2
        if self.step.next_due:
            found.append(self.wait)
        if found or "conditional" in "".join(map(bytes.decode, self.diagrams)):
            found.append(self.change)
        return found

    def complete(self) -> None:
        self.do(workflows.complete, self.chance.choice(sorted(self.open)), self.facts(), self.now)

    def answer(self) -> None:
        key = self.chance.choice(sorted(self.calls))
        self.calls.discard(key)
        self.do(workflows.complete, key, self.facts(), self.now)

    def fail(self) -> None:
        key = self.chance.choice(sorted(self.calls))
        self.calls.discard(key)
        self.do(workflows.fail, key, "broken", "why", {}, self.now)

    def hear(self) -> None:
        heard = self.chance.choice(sorted(self.step.subscriptions, key=lambda each: each.key))
        alike = [each for each in self.step.subscriptions if each.element == heard.element]
        if heard.kind == "signal":
            self.do(workflows.receive, signal=heard.name, payload=self.facts(), now=self.now)
        elif len(alike) == 1:
            self.do(
                *(workflows.receive,),
                message=heard.name,
                payload=self.facts(),
                now=self.now,
                element=heard.element,
            )

    def wait(self) -> None:
        assert self.step.next_due
        self.now = max(self.now, self.step.next_due) + timedelta(hours=self.chance.choice((0, 0, 1, 12)))
        self.do(workflows.tick, self.now)

    def change(self) -> None:
        self.do(workflows.change, self.facts(), self.now)

    def do(self, verb: Callable[..., workflows.Step], *arguments: Any, **more: Any) -> None:
        self.told.append(f"{verb.__name__} {arguments} {more}")
        before = self.step.state
        self.take(verb(self.deployment, before, *arguments, **more), self.kept.do(verb, *arguments, **more))

    def take(self, step: workflows.Step, kept: workflows.Step) -> None:
        self.step, self.never_saved = step, kept
        self.open |= {task.key for task in step.opened}
        self.calls |= {call.key for call in step.calls}
        self.open -= {closed.key for closed in step.closed}
        self.calls -= {*step.withdrawn}
        self.incidents |= {each.key for each in step.incidents}
        self.incidents -= {*step.overtaken}
