"""Whether a candidate is published: better than the baseline, and better than the model in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.insights.trained import Measured


@dataclass(frozen=True, slots=True)
class Metric:
    """What a kind is judged by; it must be better by more than `least_gain`, a share of the other's."""

    name: str
    higher_is_better: bool
    least_gain: float = 0.0

    def is_better(self, mine: float, other: float) -> bool:
        gain = mine - other if self.higher_is_better else other - mine
        return gain > abs(other) * self.least_gain


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it passed, and each reason as a code with its values (`app/insights/said.py` has the words)."""

    passed: bool
    reasons: tuple[tuple[str, Mapping[str, Any]], ...]


def judge(metric: Metric, measured: Measured) -> Verdict:
    """Compare on the same held-back rows; what cannot be compared (not a number) does not pass."""
    mine, base = measured.candidate[metric.name], measured.baseline[metric.name]
    used = measured.in_use.get(metric.name) if measured.in_use else None
    beats_base = metric.is_better(mine, base)
    figures = {"metric": metric.name, "mine": mine, "other": base}
    reasons: list[tuple[str, Mapping[str, Any]]] = [
        ("beats_baseline" if beats_base else "not_above_baseline", figures)
    ]
    beats_used = True
    if used is None:
        reasons.append(("first", {}))
    else:
        beats_used = metric.is_better(mine, used)
        figures = {"metric": metric.name, "mine": mine, "other": used}
        reasons.append(("beats_in_use" if beats_used else "not_above_in_use", figures))
        if metric.is_better(base, used):
            figures = {"metric": metric.name, "mine": used, "other": base}
            reasons.append(("in_use_below_baseline", figures))
    return Verdict(beats_base and beats_used, tuple(reasons))
