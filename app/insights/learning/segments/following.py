"""Segments over time: which of today's are which of the version in use, so that their numbers stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

# Centres further apart than this, in spreads of all customers, are two segments.
MOST_APART = 1.0


def numbers_of(weights: Mapping[str, Any]) -> Sequence[int]:
    """Return the numbers of a version's segments; one without any has them in their order."""
    found: Sequence[int] = weights.get("numbers") or range(1, len(weights["centres"]) + 1)
    return found


def numbered(weights: Mapping[str, Any], before: Mapping[str, Any] | None) -> tuple[list[int], int]:
    """Return the numbers of new segments, those of the ones that they are, and the next that is free."""
    count = len(weights["centres"])
    if before is None:
        return list(range(1, count + 1)), count + 1
    former = numbers_of(before)
    following = before.get("next") or max(former) + 1
    # Both as customers are, each in logarithms, then in spreads of today's.
    apart = np.linalg.norm(
        (_as_they_are(before)[:, None, :] - _as_they_are(weights)[None, :, :]) / np.array(weights["spreads"]),
        axis=2,
    )
    rows, columns = linear_sum_assignment(apart)
    pairs = {
        int(new): former[old] for old, new in zip(rows, columns, strict=True) if apart[old, new] <= MOST_APART
    }
    found = []
    for at in range(count):
        if at in pairs:
            found.append(pairs[at])
        else:
            found.append(following)
            following += 1
    return found, following


def _as_they_are(weights: Mapping[str, Any]) -> np.ndarray:
    return np.array(weights["centres"]) * np.array(weights["spreads"]) + np.array(weights["means"])
