"""The child of `corpus`: imports the files that are named on its input, runs them, and says what came of it.

A line in, a line out. It is ended with its file where that takes too long, and may take little memory.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import workflows
from workflows.reading.xml import BPMN, UnreadableError, read

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
STEPS = 30
_MEMORY = 2 * 1024**3
_APART = (
    (
        "other languages",
        r"^(scripts|conditions|expressions) are FEEL;|^a script as a",
    ),
    ("expressions that are no FEEL", r"is not FEEL: |is no function of FEEL"),
    ("methods called in ${}", r"calls a method"),
    ("foreign code", r"runs foreign code|^camunda:(class|delegateExpression|expression) on an event"),
    ("called processes that are not here", r"^the (process|case) .* is not here|^calledElement must name"),
    ("decisions that are not here", r"^no table here decides|^names no decision$|^a decision chosen by"),
)
_INCOMPLETE = re.compile(
    "^("
    + "|".join(
        (
            "a subprocess starts with its",
            "an event subprocess needs one",
            "another event there catches",
            "compensates, and stands in no flow",
            "has nowhere to start",
            "is associated with no",
            "is attached to no",
            "is no id",
            "is repeated without end",
            "leads ",
            "needs a condition",
            "the event has no condition",
            "the id stands twice",
            "the timer (says|'[^']*' cannot be read)",
            "waits for nothing",
        )
    )
    + ")"
)
"""What no engine could execute: the diagram says too little, or contradicts itself."""


def import_one(path: Path) -> dict[str, Any]:
    """Import a file alone; where that works, run its processes."""
    content = path.read_bytes()
    try:
        deployment = workflows.deploy({path.name: content})
        ran = [_walk(deployment, process) for process in deployment.processes]
    except workflows.RefusedError as error:
        return _refused(path.name, content, error.findings)
    except Exception as error:
        return _told("crashed", content, reasons=[(path.name, f"{type(error).__name__}: {error}")])
    return _told("imported", content, ran=ran)


def _refused(name: str, content: bytes, errors: Sequence[workflows.Finding]) -> dict[str, Any]:
    known = _ids(content) | {name}
    reasons = [(each.element, each.message) for each in errors]
    named = all(each.message and (each.line is not None or each.element in known) for each in errors)
    outcome = "refused with element" if named else "refused without"
    apart = next((why for why, like in _APART if any(re.search(like, said) for _, said in reasons)), "")
    incomplete = all(_INCOMPLETE.search(said) for _, said in reasons)
    return _told(outcome, content, apart=apart, incomplete=incomplete, reasons=reasons)


def _ids(content: bytes) -> set[str]:
    try:
        return {node.get("id") for node in read(content).iter() if node.get("id")}
    except UnreadableError:
        return set()


def _told(outcome: str, content: bytes, **more: Any) -> dict[str, Any]:
    try:
        processes = read(content).iter(BPMN + "process")
        executable = any(each.get("isExecutable") == "true" for each in processes)
    except UnreadableError:
        executable = False
    return {"outcome": outcome, "executable": executable, "reasons": [], "ran": []} | more


def _walk(deployment: workflows.Deployment, process: str) -> tuple[str, str]:
    """Run a process for some steps: people and machines answer with nothing, time passes, messages come."""
    now, step = NOW, _begin(deployment, process)
    open_keys: list[str] = []
    for _ in range(STEPS):
        if step.incidents:
            incident = step.incidents[0]
            return ("stand at an incident", f"{incident.element}: {incident.message}")
        if step.finished is not None:
            return ("ran to an end", "")
        gone = {closed.key for closed in step.closed} | set(step.withdrawn)
        open_keys += [each.key for each in (*step.opened, *step.calls)]
        open_keys = [key for key in open_keys if key not in gone]
        if open_keys:
            step = workflows.complete(deployment, step.state, open_keys.pop(0), {}, now)
        elif step.next_due is not None:
            now = step.next_due
            step = workflows.tick(deployment, step.state, now)
        elif step.subscriptions:
            return ("wait for a message or a signal", step.subscriptions[0].element)
        elif _awaits_change(deployment, step):
            return ("wait for a condition", "")
        else:
            return ("stand still", ", ".join(element for _, element in step.tokens))
    return (f"went on for {STEPS} steps", "")


def _begin(deployment: workflows.Deployment, process: str) -> workflows.Step:
    """Begin at the start without a trigger, or at the first that there is."""
    starts = deployment.processes[process].starts
    at = starts[0].element if starts and all(start.kind != "none" for start in starts) else None
    return workflows.start(deployment, process, {}, NOW, "key", at=at)


def _awaits_change(deployment: workflows.Deployment, step: workflows.Step) -> bool:
    """Whether a token waits for a condition, which no subscription tells of."""
    names = {element for _, element in step.tokens}
    specs = (spec for process in deployment.specs.values() for spec in process.task_specs.values())
    triggers = (spec.trigger for spec in specs if spec.name in names and hasattr(spec, "trigger"))
    return any(trigger.kind == "condition" for trigger in triggers)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for line in sys.stdin.buffer:
        told = import_one(Path(os.fsdecode(line.rstrip(b"\n"))))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
