"""The child of `corpus`: imports the files that are named on its input, runs them, and says what came of it.

A line in, a line out. It is ended with its file where that takes too much of the processor, or of memory.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
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
    ("scripts in other languages", r"^(scripts|conditions|expressions) are FEEL;|^a script as a"),
    ("methods called in ${}", r"calls a method"),
    ("called processes that are not here", r"^the process .* is not here"),
)
"""What is refused by name for good, and by which words."""


def import_one(path: Path) -> dict[str, Any]:
    """Import a file alone; where that works, run its processes."""
    content = path.read_bytes()
    try:
        deployment = workflows.deploy({path.name: content})
        ran = [_walk(deployment, process) for process in deployment.processes]
        whole = all(each.severity != "error" for each in workflows.check({path.name: content}, {}))
    except workflows.RefusedError as error:
        return _refused(path.name, content, error.findings)
    except Exception as error:
        return _told("crashed", content, reasons=[(path.name, f"{type(error).__name__}: {error}")])
    return _told("imported", content, ran=ran, publishable=whole)


def _refused(name: str, content: bytes, errors: Sequence[workflows.Finding]) -> dict[str, Any]:
    known = _ids(content) | {name}
    reasons = [(each.element, each.message) for each in errors]
    named = all(each.message and (each.line is not None or each.element in known) for each in errors)
    outcome = "refused with element" if named else "refused without"
    apart = next((why for why, like in _APART if any(re.search(like, said) for _, said in reasons)), "")
    return _told(outcome, content, apart=apart, reasons=reasons)


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
            return _incident(deployment, process, step.incidents[0])
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


def _incident(
    deployment: workflows.Deployment, process: str, incident: workflows.Incident
) -> tuple[str, str]:
    known = incident.element in deployment.processes[incident.process or process].elements
    how = "stand at an incident" if known and incident.message else "stand at an incident that names nothing"
    return (how, f"{incident.element}: {incident.message}")


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


def main(seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_PROF, seconds)  # what it says, nobody hears: it ends the process
        told = import_one(Path(os.fsdecode(line.rstrip(b"\n"))))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]))
