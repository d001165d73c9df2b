"""`python -m tests.conformance.peer DIR [--reload]`: another engine's scenarios on ours.

Prints a line for each scenario that did not pass, and last `N passed, M refused, K failed`; exits 1 unless
all passed or were refused by name. Every verb takes and gives bytes, so each state is saved and loaded after
each step in any case; `--reload` also forgets the parsed deployment between steps, as another process would.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

import workflows
from workflows import catalog, clock

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class DifferenceError(Exception):
    """The engine did something else than the scenario says."""


@dataclass
class Running:
    """One instance of a case."""

    state: bytes
    tasks: dict[str, workflows.UserTask] = field(default_factory=dict)
    calls: dict[str, workflows.ServiceCall] = field(default_factory=dict)
    waiting: list[workflows.Subscription] = field(default_factory=list)
    incidents: list[workflows.Incident] = field(default_factory=list)
    ended: bool = False


class Case:
    """An empty engine with a scenario's diagrams."""

    def __init__(self, diagrams: Mapping[str, bytes], process: str, reload: bool) -> None:
        self.diagrams, self.process, self.reload = diagrams, process, reload
        self.now = START
        self.instances: list[Running] = []
        self.last_error: Exception | None = None

    @property
    def deployment(self) -> workflows.Deployment:
        if self.reload:
            catalog._cache.clear()
        return workflows.deploy(self.diagrams)

    def start(self, process: str, variables: Mapping[str, Any], message: str | None = None) -> None:
        running = Running(b"")
        self.instances.append(running)
        self.take(
            running,
            workflows.start(self.deployment, process, variables, self.now, str(len(self.instances)), message),
        )

    def take(self, running: Running, step: workflows.Step) -> None:
        running.state = step.state
        running.ended = step.finished is not None
        running.tasks.update({task.key: task for task in step.opened})
        for closed in step.closed:
            running.tasks.pop(closed.key, None)
        running.calls.update({call.key: call for call in step.calls})
        for key in step.withdrawn:
            running.calls.pop(key, None)
        running.waiting = list(step.subscriptions)
        running.incidents += step.incidents
        for sent in step.sent:
            if sent.kind == "signal":
                self.signal(sent.name, but=running)

    def signal(self, name: str, but: Running | None = None) -> None:
        for other in self.instances:
            if other is not but and any(w.kind == "signal" and w.name == name for w in other.waiting):
                self.take(
                    other,
                    workflows.receive(self.deployment, other.state, signal=name, payload={}, now=self.now),
                )

    def do(self, step: Mapping[str, Any]) -> None:
        (kind, value), *_ = step.items()
        getattr(self, f"do_{kind}")(value)

    def do_open(self, expected: list[str]) -> None:
        found = [task.element for running in self.instances for task in running.tasks.values()]
        if Counter(found) != Counter(expected):
            raise DifferenceError(f"open are {sorted(found)}, expected {sorted(expected)}")

    def do_complete(self, what: str | Mapping[str, Any]) -> None:
        element = what if isinstance(what, str) else what["task"]
        more = {} if isinstance(what, str) else what
        for _ in range(more.get("times", 1)):
            running, task = self._task(element)
            step = workflows.complete(self.deployment, running.state, task.key, more.get("set", {}), self.now)
            self.take(running, step)

    def _task(self, element: str) -> tuple[Running, workflows.UserTask]:
        for running in self.instances:
            for task in running.tasks.values():
                if task.element == element:
                    return running, task
        raise DifferenceError(f"no task {element} is open")

    def do_ended(self, expected: bool) -> None:
        if self.instances[0].ended is not expected:
            raise DifferenceError(f"ended is {self.instances[0].ended}, expected {expected}")

    def do_advance(self, duration: str) -> None:
        self.now = clock.after(duration, self.now)
        for running in self.instances:
            if not running.ended:
                self.take(running, workflows.tick(self.deployment, running.state, self.now))

    def do_message(self, what: str | Mapping[str, Any]) -> None:
        name = what if isinstance(what, str) else what["name"]
        element = None if isinstance(what, str) else what.get("to")
        found = [
            running
            for running in self.instances
            if any(
                w.kind == "message" and w.name == name and element in (None, w.element)
                for w in running.waiting
            )
        ]
        if len(found) != 1:
            raise DifferenceError(f"{len(found)} instances wait for {name}")
        step = workflows.receive(
            self.deployment, found[0].state, message=name, payload={}, now=self.now, element=element
        )
        self.take(found[0], step)

    def do_signal(self, name: str) -> None:
        self.signal(name)

    def do_refused(self, what: Mapping[str, str]) -> None:
        (kind, name), *_ = what.items()
        if any(w.kind == kind and w.name == name for r in self.instances for w in r.waiting):
            raise DifferenceError(f"{kind} {name} is awaited, expected a refusal")

    def do_waiting(self, expected: list[str]) -> None:
        awaited = {w.element for running in self.instances for w in running.waiting}
        if not set(expected) <= awaited:
            raise DifferenceError(f"waiting are {sorted(awaited)}, expected at least {expected}")

    def do_vars(self, expected: Mapping[str, Any]) -> None:
        found = workflows.variables(self.instances[0].state, self.deployment, self.now)
        for name, value in expected.items():
            if found.get(name) != value:
                raise DifferenceError(f"{name} is {found.get(name)!r}, expected {value!r}")

    def do_assignees(self, expected: Mapping[str, list[str]]) -> None:
        for element, people in expected.items():
            found = [t.assignee for r in self.instances for t in r.tasks.values() if t.element == element]
            if Counter(found) != Counter(people):
                raise DifferenceError(f"assignees of {element} are {found}, expected {people}")

    def do_set(self, variables: Mapping[str, Any]) -> None:
        first = self.instances[0]
        self.take(first, workflows.change(self.deployment, first.state, variables, self.now))

    def do_spawn(self, process: str) -> None:
        self.start(process, {})

    def do_fails(self, what: Mapping[str, str]) -> None:
        elements = [i.element for running in self.instances for i in running.incidents]
        if what["element"] not in elements:
            raise DifferenceError(f"incidents at {elements}, expected one at {what['element']}")


def run(file: Path, reload: bool = False) -> str:
    """Run one scenario; return "" when it passed, else "refused …" or "failed …"."""
    scenario = yaml.safe_load(file.read_text("utf-8"))
    diagrams = {name: (file.parent / name).read_bytes() for name in scenario["bpmn"]}
    try:
        workflows.deploy(diagrams)
    except workflows.RefusedError as error:
        named = [finding for finding in error.findings if finding.element]
        if not named:
            return f"failed: refused without an element: {error}"
        return f"refused: {named[0].element}: {named[0].message}"
    for case in scenario["cases"]:
        at = 0
        try:
            running = Case(diagrams, scenario["process"], reload)
            running.start(scenario["process"], case.get("start") or {}, case.get("start_message"))
            for at, step in enumerate(case.get("steps", []), 1):  # noqa: B007 - named in the report
                running.do(step)
        except (DifferenceError, workflows.WorkflowError, AttributeError) as error:
            return f"failed: case {case.get('name')}, step {at}: {type(error).__name__}: {error}"
    return ""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=Path)
    parser.add_argument("--reload", action="store_true")
    options = parser.parse_args(arguments)
    counts = Counter({"passed": 0, "refused": 0, "failed": 0})
    for file in sorted(options.dir.glob("*.yaml")):
        problem = run(file, options.reload)
        counts[problem.split(":")[0] or "passed"] += 1
        if problem:
            print(f"{file.stem}: {problem}")
    print(f"{counts['passed']} passed, {counts['refused']} refused, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
