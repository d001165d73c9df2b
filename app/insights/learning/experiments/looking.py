"""One look at a running experiment: what it may say, given all the looks before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from app.insights.learning.experiments.analysis import Comparison, Summary, compare
from app.insights.learning.experiments.boundaries import NEVER, Course, critical_values

# Variants that come out so much more uneven than their weights hint at a fault in who was counted
# (Fabijan and others, KDD 2019, advise a small level: the test is made at every look).
UNEVEN = 0.0005


@dataclass(frozen=True, slots=True)
class Guard:
    """A metric that must not get worse by more than `margin` (a share of the control's mean)."""

    kind: str
    margin: float
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided before the start. `weights` by variant, the control's first."""

    kind: str
    higher_is_better: bool
    alpha: float
    planned_units: int
    weights: Mapping[str, float]
    guards: Mapping[str, Guard]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a look found: `verdict` is one of uneven, harmed, better, worse, alike, too_early.

    `winner` is set for better: the variant with the greatest difference among those that are better.
    `different` are the variants that were called different in either direction, and `boundary` the z from
    which they are; `None` where too few units were seen to compare anything: such a look spends nothing.
    """

    verdict: str
    winner: str | None
    boundary: float | None
    different: tuple[str, ...]
    comparisons: Mapping[str, Comparison]
    guards: Mapping[str, Mapping[str, Comparison]]
    harmed: tuple[str, ...]
    evenness: float


def look(
    plan: Plan,
    course: Course,
    primary: Mapping[str, Summary],
    guarded: Mapping[str, Mapping[str, Summary]],
) -> Reading:
    """Judge the variants; `primary` and each of `guarded` give a Summary by variant.

    Several variants share the level evenly (Bonferroni), so that by chance alone none is called different
    more often than `alpha`. A guard-rail is harmed where its interval lies beyond its margin.
    """
    control, *others = plan.weights
    boundary = critical_values(course, plan.alpha / len(others))[-1]
    comparisons = _against(plan.kind, control, primary, others, boundary)
    guards = {
        name: {
            each: compare(guard.kind, guarded[name][control], guarded[name][each], boundary)
            for each in others
        }
        for name, guard in plan.guards.items()
    }
    harmed = tuple(
        f"{name}:{each}"
        for name, found in guards.items()
        for each, comparison in found.items()
        if _is_harmed(plan.guards[name], comparison)
    )
    evenness = _evenness(plan.weights, primary)
    gains = _gains(plan, comparisons, boundary)
    verdict, winner = _verdict(course, comparisons, gains)
    if harmed:
        verdict, winner = "harmed", None
    if evenness < UNEVEN:
        verdict, winner = "uneven", None
    is_telling = any(each.difference is not None for each in comparisons.values())
    return Reading(
        verdict,
        winner,
        boundary if is_telling else None,
        tuple(gains),
        comparisons,
        guards,
        harmed,
        evenness,
    )


def _against(
    kind: str, control: str, summaries: Mapping[str, Summary], others: Sequence[str], boundary: float
) -> dict[str, Comparison]:
    return {each: compare(kind, summaries[control], summaries[each], boundary) for each in others}


def _gains(plan: Plan, comparisons: Mapping[str, Comparison], boundary: float) -> dict[str, float]:
    """Return by variant that is called different how much it gains; below 0 where it is worse."""
    sign = 1 if plan.higher_is_better else -1
    return {
        each: sign * comparison.difference
        for each, comparison in comparisons.items()
        if comparison.difference is not None and boundary < NEVER and abs(comparison.z) >= boundary
    }


def _verdict(
    course: Course, comparisons: Mapping[str, Comparison], gains: Mapping[str, float]
) -> tuple[str, str | None]:
    best = max(gains, key=lambda each: gains[each], default=None)
    if best is not None and gains[best] > 0:
        return "better", best
    if len(gains) == len(comparisons):
        return "worse", None
    is_told = all(each.difference is not None for each in comparisons.values())
    if is_told and course.information[-1] >= course.planned:
        return "alike", None
    return "too_early", None


def _is_harmed(guard: Guard, comparison: Comparison) -> bool:
    """Say whether even the kindest end of the interval is worse than the margin allows."""
    if comparison.low is None or comparison.high is None:
        return False
    # A count's difference is a ratio already; the others are measured against the control.
    scale = 1.0 if guard.kind == "count" else abs(comparison.control)
    if guard.higher_is_better:
        return comparison.high < -guard.margin * scale
    return comparison.low > guard.margin * scale


def _evenness(weights: Mapping[str, float], primary: Mapping[str, Summary]) -> float:
    """Return how likely it is that fair assignment comes out at least so uneven (chi-squared test)."""
    seen = np.array([primary[each].units for each in weights], dtype=float)
    if not seen.sum():
        return 1.0
    shares = np.array(list(weights.values()), dtype=float)
    expected = seen.sum() * shares / shares.sum()
    return float(chdtrc(len(seen) - 1, ((seen - expected) ** 2 / expected).sum()))
