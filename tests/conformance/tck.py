"""Runs the DMN Technology Compatibility Kit against `rules.dmn`, without any lenience.

python -m tests.conformance.tck --root DIR [--folders FILE] [--json OUT] [--fails OUT]
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from rules import dmn, feel
from tests.conformance.tck_cases import Case, cases_in

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
TOLERANCE = Decimal("1e-8")


@dataclass(frozen=True)
class Result:
    """A case with what came out; `got` is the reason where the model could not be asked."""

    case: Case
    passed: bool
    got: Any


def run_folder(folder: Path) -> Iterator[Result]:
    documents = {path.name: path.read_bytes() for path in folder.glob("*.dmn")}
    by_namespace = {_namespace(document): document for document in documents.values()}
    models: dict[str, dmn.Model | dmn.DmnError] = {}
    for case in cases_in(folder):
        if case.model not in models:
            models[case.model] = _load(documents.get(case.model, b""), by_namespace)
        yield _run(case, models[case.model])


def _namespace(document: bytes) -> str:
    return etree.fromstring(document).get("namespace") or ""


def _load(document: bytes, imports: Mapping[str, bytes]) -> dmn.Model | dmn.DmnError:
    try:
        return dmn.load(document, imports=imports)
    except dmn.DmnError as error:
        return error


def _run(case: Case, model: dmn.Model | dmn.DmnError) -> Result:
    if isinstance(model, dmn.DmnError):
        return Result(case, False, str(model))
    try:
        outcome = _ask(case, model)
    except (dmn.DmnError, feel.FeelError) as error:
        return Result(case, False, f"{type(error).__name__}: {error}")
    if case.is_error:
        # An error is null with a reason; a null that nothing explains is not what the case asks for.
        return Result(case, outcome.value is None and bool(outcome.warnings), outcome)
    return Result(case, equal(outcome.value, case.expected), outcome)


def _ask(case: Case, model: dmn.Model) -> dmn.Outcome:
    if case.kind == "decisionService":
        outcome = model.invoke_service(case.service or case.node, case.inputs, now=NOW)
        # A service with several outputs gives them all; the case asks for one of them.
        return replace(outcome, value=outcome.value[case.node]) if _is_one_of(case, outcome) else outcome
    return model.decide(case.node, case.inputs, now=NOW)


def _is_one_of(case: Case, outcome: dmn.Outcome) -> bool:
    several = isinstance(outcome.value, dict) and case.node in outcome.value
    return several and case.service is not None and case.service != case.node


def equal(got: Any, expected: Any) -> bool:
    """Compare exactly: same types, same keys, numbers to eight places."""
    if isinstance(expected, bool) or isinstance(got, bool) or expected is None or got is None:
        return got is expected
    if isinstance(expected, Decimal):
        return isinstance(got, int | Decimal) and abs(Decimal(got) - expected) <= TOLERANCE
    if type(got) is not type(expected):
        return False
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(equal, got, expected))
    if isinstance(expected, dict):
        return got.keys() == expected.keys() and all(equal(got[key], expected[key]) for key in expected)
    return bool(got == expected)


def folders_in(root: Path, only: Iterable[str] | None = None) -> Iterator[tuple[str, Path]]:
    """Go through the kit's folders with the level that each belongs to."""
    wanted = None if only is None else {line.strip().rpartition("/")[2] for line in only if line.strip()}
    for level in sorted(root.rglob("compliance-level-*")):
        for folder in sorted(level.iterdir()):
            if folder.is_dir() and (wanted is None or folder.name in wanted):
                yield level.name.rpartition("-")[2], folder


def summary(results: Iterable[tuple[str, Result]]) -> dict[str, dict[str, int]]:
    """Count test cases; one with several expected results passes when all of them do."""
    cases: dict[tuple[str, str], list[Result]] = {}
    for level, result in results:
        cases.setdefault((level, f"{result.case.source}#{result.case.id}"), []).append(result)
    levels: dict[str, dict[str, int]] = {}
    for (level, _), parts in cases.items():
        counts = levels.setdefault(level, {"cases": 0, "passed": 0, "nonnull_cases": 0, "nonnull_passed": 0})
        passed = all(part.passed for part in parts)
        nonnull = any(part.case.expected is not None for part in parts)
        counts["cases"] += 1
        counts["passed"] += passed
        counts["nonnull_cases"] += nonnull
        counts["nonnull_passed"] += nonnull and passed
    return levels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--folders", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--fails", type=Path)
    options = parser.parse_args()
    only = options.folders.read_text().splitlines() if options.folders else None
    results = [
        (level, result) for level, folder in folders_in(options.root, only) for result in run_folder(folder)
    ]
    levels = summary(results)
    for level, counts in levels.items():
        print(
            f"level {level}: {counts['passed']} of {counts['cases']}"
            f" (not null: {counts['nonnull_passed']} of {counts['nonnull_cases']})"
        )
    if options.json:
        options.json.write_text(json.dumps({"levels": levels}, indent=2) + "\n")
    if options.fails:
        failed = [result for _, result in results if not result.passed]
        options.fails.write_text("".join(f"{_explained(result)}\n" for result in failed))


def _explained(result: Result) -> str:
    got = result.got
    if isinstance(got, dmn.Outcome):
        got = f"{got.value!r} {[str(warning) for warning in got.warnings][:2]}"
    return f"{result.case.name}: expected {result.case.expected!r}, got {got}"


if __name__ == "__main__":
    main()
