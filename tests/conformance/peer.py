"""`python -m tests.conformance.peer DIR [--reload]`: another engine's scenarios on Placet.

Every scenario runs through the product: its diagrams are published for an organisation in an empty database,
its steps are the commands of people, programs and operators, what is due and what is sent goes as relay and
worker do it. Every command loads its instance from the tables and writes it back; `--reload` also forgets the
parsed diagrams after each step, as another process would not know them.

Prints a line for each scenario that did not pass, and last `N passed, M refused, K failed`; exits 1 unless
all passed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from app.errors import InvalidError, PlacetError
from tests.conformance.peer_case import Case, DifferenceError, installation
from workflows import WorkflowError


def run(file: Path, reload: bool = False) -> str:
    """Run one scenario; return "" when it passed, else "refused: …" or "failed: …"."""
    scenario = yaml.safe_load(file.read_text("utf-8"))
    diagrams = {_name_of(name): (file.parent / name).read_bytes() for name in scenario["bpmn"]}
    for case in scenario["cases"]:
        try:
            running = Case(diagrams, scenario["process"], reload=reload)
        except InvalidError as error:
            return _refused(error)
        problem = _run_case(running, case)
        if problem:
            return f"failed: case {case.get('name')}, {problem}"
    return ""


def _name_of(path: str) -> str:
    return f"{Path(path).name.split('.bpmn')[0]}.bpmn"


def _refused(error: InvalidError) -> str:
    """A refusal counts as one where its first sentence begins with an element."""
    element, _, reason = str(next(iter(error.fields.values()))[0]).partition(": ")
    return (
        f"refused: {element}: {reason}"
        if element and reason
        else f"failed: refused without an element: {error}"
    )


def _run_case(case: Case, said: Mapping[str, Any]) -> str:
    steps = said.get("steps", [])
    case.hire(name for step in steps for people in step.get("assignees", {}).values() for name in people)
    deeds = [lambda: case.start(said.get("start") or {}, said.get("start_message"))]
    deeds += [lambda step=step: case.do(step) for step in steps]
    for at, deed in enumerate(deeds):
        try:
            deed()
        except (DifferenceError, WorkflowError, PlacetError, AttributeError) as error:
            awaited = steps[at].get("fails", {}).get("element") if at < len(steps) else None
            if awaited and awaited in str(error):
                return ""
            return f"step {at}: {type(error).__name__}: {error}"
    return ""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=Path)
    parser.add_argument("--reload", action="store_true")
    options = parser.parse_args(arguments)
    counts = Counter({"passed": 0, "refused": 0, "failed": 0})
    with installation():
        for file in sorted(options.dir.glob("*.yaml")):
            problem = run(file, options.reload)
            counts[problem.split(":")[0] or "passed"] += 1
            if problem:
                print(f"{file.stem}: {problem}")
    print(f"{counts['passed']} passed, {counts['refused']} refused, {counts['failed']} failed")
    return 1 if counts["refused"] or counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
