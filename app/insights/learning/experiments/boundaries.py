"""How far apart variants must be before a look that comes early may call it a difference.

Whoever looks five times at the 5 % level is wrong 14 % of the time where nothing differs. An error-spending
function (Lan and DeMets, Biometrika 70, 1983) divides the 5 % among the looks, whenever they come: here the
one that resembles O'Brien and Fleming's boundaries, on each side for itself, which spends almost nothing
early and so costs little power at the end. The boundaries follow by the recursive integration of Armitage,
McPherson and Rowe (1969).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

# Where the boundary is beyond this many standard errors, a look decides nothing.
NEVER = 8.0
# Nodes of the quadrature; the boundaries change in the sixth place if they are doubled.
NODES = 121
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)


@dataclass(frozen=True, slots=True)
class Course:
    """The looks so far, the newest last.

    `information` is what each knew (units, in any scale), `planned` what the plan wants to know.
    """

    information: tuple[float, ...]
    planned: float

    @property
    def fractions(self) -> tuple[float, ...]:
        """How much of the plan was known at each look: from above 0 to 1."""
        return tuple(min(each / self.planned, 1.0) for each in self.information)


def spent(fraction: float, alpha: float) -> float:
    """Return how much of a two-sided `alpha` may be spent until this fraction of the information is known."""
    return float(4 * ndtr(ndtri(alpha / 4) / np.sqrt(fraction)))


@lru_cache(maxsize=512)
def critical_values(course: Course, alpha: float) -> tuple[float, ...]:
    """Return for each look the absolute z from which a difference is called one.

    Over all the looks together the chance of doing so where nothing differs is `alpha` (two-sided).
    """
    information = np.asarray(course.information, dtype=float) / course.information[-1]
    budget = [spent(fraction, alpha) for fraction in course.fractions]
    found: list[float] = []
    # What is known as a sum with independent steps: its density where no look has decided yet.
    sums, density = np.zeros(1), np.ones(1)
    weights = np.ones(1)
    before = spent_before = 0.0
    for now, allowed in zip(information, budget, strict=True):
        step = np.sqrt(now - before)
        boundary = _boundary(sums, density * weights, step, np.sqrt(now), allowed - spent_before)
        found.append(boundary)
        reach = boundary * np.sqrt(now)
        ahead = _POINTS * reach
        density = _bell((ahead[:, None] - sums[None, :]) / step) / step @ (density * weights)
        sums, weights = ahead, _WEIGHTS * reach
        before, spent_before = now, allowed
    return tuple(found)


def _bell(x: np.ndarray) -> np.ndarray:
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _boundary(sums: np.ndarray, mass: np.ndarray, step: float, scale: float, allowed: float) -> float:
    """Return the z at which so much of the undecided mass leaves, to both sides together."""

    def leaves(z: float) -> float:
        above = ndtr((sums - z * scale) / step)
        below = ndtr((-z * scale - sums) / step)
        return float((above + below) @ mass) - allowed

    if allowed <= 0 or leaves(NEVER) >= 0:
        return NEVER
    return float(brentq(leaves, 0.0, NEVER, xtol=1e-9))
