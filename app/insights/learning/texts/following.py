"""Themes over time: which of today's is which of last time's, and whether it grew by more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erfc, sqrt

import numpy as np
from scipy.optimize import linear_sum_assignment

# Below this likeness of their terms (cosine, 0 to 1) two themes are two things.
LEAST_ALIKE = 0.25
# A share has changed when chance alone would do it less often than this.
SURE = 0.01


class Course(StrEnum):
    NEW = "new"
    GREW = "grew"
    SHRANK = "shrank"
    SAME = "same"
    GONE = "gone"


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
        course = Course.NEW if earlier is None else _course(before[earlier].size, theme.size, whole)
        found.append(Followed(earlier, at, course))
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


def _course(before: int, after: int, whole: tuple[int, int]) -> Course:
    """Compare two shares by the pooled two-proportion z-test, both sides."""
    one, other = before / whole[0], after / whole[1]
    pooled = (before + after) / sum(whole)
    error = sqrt(pooled * (1 - pooled) * (1 / whole[0] + 1 / whole[1]))
    if not error or erfc(abs(other - one) / error / sqrt(2)) >= SURE:
        return Course.SAME
    return Course.GREW if other > one else Course.SHRANK
