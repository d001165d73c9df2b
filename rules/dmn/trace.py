"""One decision being made: what it is made of, and what an auditor may want to see of it later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.feel.evaluation import Evaluation, Warning
from rules.feel.temporal import DateTime


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched: its number from 1, its id, and what its author wrote beside it."""

    rule: int
    rule_id: str
    annotation: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One decision table evaluated: the rules that counted and the inputs that they saw."""

    decision: str
    table: str
    hits: tuple[Hit, ...]
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to, and why."""

    value: Any
    matched: tuple[int, ...]
    """Numbers, from 1, of the rules that counted in the decision's own table."""
    warnings: Sequence[Warning]
    evidence: Sequence[Evidence]


class Trace(Evaluation):
    """An evaluation that also gathers evidence; its values were converted before it began."""

    __slots__ = ("decisions", "evidence")

    def __init__(self, now: DateTime | None) -> None:
        super().__init__(now)
        self.evidence: list[Evidence] = []
        self.decisions: list[str] = []

    def admit(self, value: Any) -> Any:
        return value
