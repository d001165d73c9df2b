"""Comparing a variant with the control: shares by two proportions, amounts by Welch, events by rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

# Fewer units than these in a variant, or fewer that did and did not among both, say nothing that holds.
LEAST_UNITS = 20
LEAST_OF_EACH = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """What the units of one variant did: how many there are, and the sum and the sum of squares of a value.

    The value of a unit is 0 or 1 for a proportion, an amount for a mean, a number of events for a count.
    """

    units: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.units if self.units else 0.0

    @property
    def variance(self) -> float:
        """The sample's variance, with n - 1."""
        if self.units < 2:
            return 0.0
        return max(self.squares - self.units * self.mean**2, 0.0) / (self.units - 1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A variant against the control. `low` to `high` holds `difference` at the boundary that was given.

    `difference` is absolute for a proportion and a mean, and the ratio of the rates less one for a count; it
    is `None` with its interval where too few units were seen.
    """

    control: float
    variant: float
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    z: float = 0.0


def compare(kind: str, control: Summary, variant: Summary, boundary: float) -> Comparison:
    """Compare at a boundary in standard errors; `kind` is proportion, mean or count.

    Proportions: the pooled z of two proportions, and the interval of Agresti and Caffo (The American
    Statistician 54, 2000). Means: Welch's t, turned into the z of the same tail. Counts: the logarithm of the
    ratio of two mean numbers of events, with a variance out of the sample, for events of one unit often come
    together: so many times the Poisson's as both samples show as one (McCullagh and Nelder, Generalized
    Linear Models, 1989, chapter 6). Each sample by itself would seem surest where it holds the fewest events
    by chance: twice as many differences as promised were called where events are rare and come in crowds.
    """
    plain = Comparison(control.mean, variant.mean)
    if min(control.units, variant.units) < LEAST_UNITS:
        return plain
    match kind:
        case "proportion":
            return _proportions(plain, control, variant, boundary)
        case "mean":
            return _means(plain, control, variant, boundary)
        case "count":
            return _counts(plain, control, variant, boundary)
    raise ValueError(f"a metric is a proportion, a mean or a count, not {kind!r}")


def _proportions(plain: Comparison, control: Summary, variant: Summary, boundary: float) -> Comparison:
    did = control.total + variant.total
    units = control.units + variant.units
    if min(did, units - did) < LEAST_OF_EACH:
        return plain
    pooled = did / units
    error = np.sqrt(pooled * (1 - pooled) * (1 / control.units + 1 / variant.units))
    one, other = ((each.total + 1) / (each.units + 2) for each in (control, variant))
    width = boundary * np.sqrt(
        one * (1 - one) / (control.units + 2) + other * (1 - other) / (variant.units + 2)
    )
    difference = variant.mean - control.mean
    middle = other - one
    return _found(plain, difference, middle - width, middle + width, difference / error)


def _means(plain: Comparison, control: Summary, variant: Summary, boundary: float) -> Comparison:
    one, other = control.variance / control.units, variant.variance / variant.units
    if one + other == 0:
        return plain
    error = np.sqrt(one + other)
    freedom = _freedom(one, control.units, other, variant.units)
    difference = variant.mean - control.mean
    width = _wider(boundary, freedom) * error
    z = _as_z(difference / error, freedom)
    return _found(plain, difference, difference - width, difference + width, z)


def _counts(plain: Comparison, control: Summary, variant: Summary, boundary: float) -> Comparison:
    if min(control.total, variant.total) < LEAST_OF_EACH:
        return plain
    units, freedom = control.units + variant.units, control.units + variant.units - 2
    within = ((control.units - 1) * control.variance + (variant.units - 1) * variant.variance) / freedom
    if within == 0:
        return plain
    together = within / ((control.total + variant.total) / units)
    error = np.sqrt(together * (1 / control.total + 1 / variant.total))
    ratio = np.log(variant.mean / control.mean)
    width = _wider(boundary, freedom) * error
    low, high = np.expm1(ratio - width), np.expm1(ratio + width)
    return _found(plain, np.expm1(ratio), low, high, _as_z(ratio / error, freedom))


def _freedom(one: float, units: int, other: float, others: int) -> float:
    """Return the degrees of freedom of Welch and Satterthwaite."""
    return float((one + other) ** 2 / (one**2 / (units - 1) + other**2 / (others - 1)))


def _wider(boundary: float, freedom: float) -> float:
    """Return the boundary of Student's t that leaves as much outside as `boundary` does of the normal."""
    return float(-stdtrit(freedom, ndtr(-boundary)))


def _as_z(statistic: float, freedom: float) -> float:
    return float(np.sign(statistic) * -ndtri(stdtr(freedom, -abs(statistic))))


def _found(plain: Comparison, difference: float, low: float, high: float, z: float) -> Comparison:
    return Comparison(plain.control, plain.variant, float(difference), float(low), float(high), float(z))
