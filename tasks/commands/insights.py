"""`placet insights`: what the models are worth, measured where anybody can repeat it."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from app.insights.learning import evaluation
from app.insights.learning.errors import LearningError
from app.insights.learning.evaluation import Files, Report, Subject, document
from app.moments import utc_now
from tasks.errors import InsightsError

Say: TypeAlias = Callable[[str], object]
# Of a source checkout; an installed Placet has no such file.
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "insights.md"


@dataclass
class _Run:
    """What came of an evaluation so far."""

    reports: dict[str, Report] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def evaluate(
    data: Path | None,
    given: Mapping[str, Files],
    only: Sequence[str],
    seed: int,
    out: Path | None,
    say: Say,
    note: Say,
    subjects: Sequence[Subject] = evaluation.SUBJECTS,
    kept_in: Path = DOCUMENT,
) -> None:
    """Measure each subject on its file, given by the subject's option or found in the folder.

    Figures go to `say`, progress to `note`. A subject without a file is named, and one whose file
    cannot be used is too, after the others were measured: then InsightsError is raised. The document
    is written only from the folder's own files, for its table tells of those.
    """
    run, begun = _Run(), time.monotonic()
    _check(only, subjects, out)
    for subject in subjects:
        if only and subject.name not in only:
            run.absent[subject.name] = "not asked for"
            continue
        _measure(run, subject, data, given.get(subject.option), seed, note)
    for report in run.reports.values():
        for name, value in report.figures.items():
            say(f"{name} {value:.4f}")
    if out:
        out.write_text(json.dumps(_plain(run, seed, begun), indent=1, ensure_ascii=False) + "\n", "utf-8")
    if data and not given and kept_in.exists():
        _keep(run, seed, kept_in, note)
    _complain(run)


def _check(only: Sequence[str], subjects: Sequence[Subject], out: Path | None) -> None:
    """Refuse at once what would be found out only after the long work."""
    known = [subject.name for subject in subjects]
    if strange := [name for name in only if name not in known]:
        raise InsightsError(f"there is no subject {strange[0]}; there are {', '.join(known) or 'none yet'}")
    if out and not out.resolve().parent.is_dir():
        raise InsightsError(f"{out}: there is no such folder")


def _measure(
    run: _Run, subject: Subject, data: Path | None, given: Files | None, seed: int, note: Say
) -> None:
    begun = time.monotonic()
    try:
        files = given or _found(subject, data)
        if files is None:
            where = f"in {data}" if data else "as no folder was given"
            run.absent[subject.name] = f"no {subject.pattern} {where}; name a file with --{subject.option}"
            note(f"{subject.name}: not measured: {run.absent[subject.name]}")
            return
        report = subject.evaluate(files, seed, lambda line: note(f"{subject.name}: {line}"))
    except LearningError as error:
        run.failed[subject.name] = str(error)
        note(f"{subject.name}: {error}")
        return
    except (ValueError, IndexError, ZeroDivisionError) as error:
        # What a library says of a file that is too odd or too small: the others are measured all the same.
        run.failed[subject.name] = f"could not be measured: {error}"
        note(f"{subject.name}: {run.failed[subject.name]}")
        return
    run.reports[subject.name] = report
    note(f"{subject.name}: measured in {time.monotonic() - begun:.0f} s")


def _found(subject: Subject, data: Path | None) -> Files | None:
    whole = evaluation.find(data, subject.pattern) if data else None
    return Files(whole=whole, folder=data) if whole else None


def _plain(run: _Run, seed: int, begun: float) -> dict[str, Any]:
    return {
        "figures": {name: value for each in run.reports.values() for name, value in each.figures.items()},
        "comparisons": {
            name: [asdict(each) for each in report.comparisons] for name, report in run.reports.items()
        },
        "notes": {name: report.notes for name, report in run.reports.items()},
        "not_measured": run.absent | run.failed,
        "seed": seed,
        "measured_at": utc_now().isoformat(timespec="seconds"),
        "machine": _machine(),
        "seconds": round(time.monotonic() - begun, 1),
    }


def _keep(run: _Run, seed: int, kept_in: Path, note: Say) -> None:
    measured = f"Measured on {utc_now():%Y-%m-%d} with seed {seed}, {_machine()}."
    for name, report in run.reports.items():
        try:
            document.write(kept_in, name, report, measured)
        except LearningError as error:
            run.failed[name] = str(error)
    note(f"tables written to {kept_in}")


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _complain(run: _Run) -> None:
    if run.failed:
        raise InsightsError("; ".join(f"{name}: {problem}" for name, problem in run.failed.items()))
    if not run.reports:
        raise InsightsError("nothing was measured: no subject has a file")
