"""Estimating what all customers would answer from those that were asked, stratum by stratum (Cochran, 1977).

Every answer stands for as many customers as there are in its stratum for each who answered; what a stratum
adds to the error falls to nothing as more of it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

LEVEL = 0.95
# A stratum's spread is not known from fewer answers.
LEAST_ANSWERS = 2


@dataclass(frozen=True, slots=True)
class Stratum:
    """One group of customers: how many there are, how many were asked, and what they answered.

    An answer is a number, or 1 and 0 for yes and no.
    """

    name: str
    population: int
    asked: int
    answers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over all customers of the strata that can be told, with its interval of 95 %.

    `covered` is the share of the customers in those strata, `missing` names the others. `design_effect` is
    how many times the squared error is that of a plain sample of as many.
    """

    mean: float
    low: float
    high: float
    answers: int
    response: float
    covered: float
    missing: tuple[str, ...]
    design_effect: float
    strata: tuple[tuple[str, float, int], ...]


def estimate(strata: Sequence[Stratum], is_share: bool) -> Estimate | None:
    """Return the stratified estimate; `None` where no stratum has two answers.

    The degrees of freedom are Satterthwaite's; a share's interval is kept between 0 and 1.
    """
    told = [each for each in strata if len(each.answers) >= LEAST_ANSWERS]
    if not told:
        return None
    population = sum(each.population for each in told)
    shares = np.array([each.population / population for each in told])
    counts = np.array([len(each.answers) for each in told], dtype=float)
    means = np.array([np.mean(each.answers) for each in told])
    spreads = np.array([np.var(each.answers, ddof=1) for each in told])
    left = 1 - counts / np.array([each.population for each in told])
    parts = shares**2 * left * spreads / counts
    mean, variance = float(shares @ means), float(parts.sum())
    width = _width(parts, counts, variance)
    low, high = mean - width, mean + width
    if is_share:
        low, high = max(low, 0.0), min(high, 1.0)
    return Estimate(
        mean,
        low,
        high,
        int(counts.sum()),
        sum(len(each.answers) for each in strata) / max(sum(each.asked for each in strata), 1),
        population / sum(each.population for each in strata),
        tuple(each.name for each in strata if each not in told),
        _design_effect(told, variance, population),
        tuple(zip((each.name for each in told), map(float, means), map(int, counts), strict=True)),
    )


def _width(parts: np.ndarray, counts: np.ndarray, variance: float) -> float:
    if variance == 0:
        return 0.0
    freedom = variance**2 / float((parts**2 / (counts - 1)).sum())
    return float(t.isf((1 - LEVEL) / 2, freedom)) * float(np.sqrt(variance))


def _design_effect(told: Sequence[Stratum], variance: float, population: int) -> float:
    """Return how much a plain sample of as many would gain or lose; 1 where nothing varies."""
    everything = np.concatenate([each.answers for each in told])
    weights = np.concatenate(
        [np.full(len(each.answers), each.population / len(each.answers)) for each in told]
    )
    mean = np.average(everything, weights=weights)
    spread = float(np.average((everything - mean) ** 2, weights=weights))
    plain = spread / len(everything) * (1 - len(everything) / population)
    return variance / plain if plain > 0 else 1.0
