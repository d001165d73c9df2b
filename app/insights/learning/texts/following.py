"""Themes over time: which of today's is which of last time's, and whether it grew by more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.insights.themes.courses import Course, course

# Below this likeness of their terms (cosine, 0 to 1) two themes are two things.
LEAST_ALIKE = 0.25


@dataclass(frozen=True, slots=True)
class Profile:
    """A theme of one period: its terms with their weights, and how many texts it holds."""

    terms: Mapping[str, float]
    size: int


@dataclass(frozen=True, slots=True)
class Followed:
    """A pair of themes by their numbers in the two periods; None where one has no counterpart."""

    before: int | None
    after: int | None
    course: Course


def follow(before: Sequence[Profile], after: Sequence[Profile]) -> list[Followed]:
    """Match the themes of two periods one to one: those of now in their order, then those gone."""
    pairs = _pairs(before, after)
    whole = sum(each.size for each in before), sum(each.size for each in after)
    found = []
    for at, theme in enumerate(after):
        earlier = pairs.get(at)
        how = Course.NEW if earlier is None else course(before[earlier].size, theme.size, *whole)
        found.append(Followed(earlier, at, how))
    met = set(pairs.values())
    return found + [Followed(at, None, Course.GONE) for at in range(len(before)) if at not in met]


def _pairs(before: Sequence[Profile], after: Sequence[Profile]) -> dict[int, int]:
    """Return after -> before, so that all pairs together are as alike as can be."""
    if not before or not after:
        return {}
    alike = np.array([[_alike(one.terms, other.terms) for other in after] for one in before])
    rows, columns = linear_sum_assignment(-alike)
    return {int(b): int(a) for a, b in zip(rows, columns, strict=True) if alike[a, b] >= LEAST_ALIKE}


def _alike(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    product = sum(weight * other.get(term, 0.0) for term, weight in one.items())
    lengths = sqrt(sum(w * w for w in one.values())) * sqrt(sum(w * w for w in other.values()))
    return product / lengths if lengths else 0.0
