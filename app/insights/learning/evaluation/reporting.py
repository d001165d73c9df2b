"""What an evaluation hands on: figures by name for programs, comparisons for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from app.insights.learning.evaluation.files import Files

# Told what goes on, a line at a time.
Say: TypeAlias = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the table: the model's value beside that of what it has to beat."""

    what: str
    value: float
    baseline: float
    baseline_is: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one subject came to; figures are named `subject.measure`, notes say how it was measured."""

    figures: Mapping[str, float]
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is measured: the command's option for its file, and the file's usual name."""

    name: str
    option: str
    pattern: str
    evaluate: Callable[[Files, int, Say], Report]
