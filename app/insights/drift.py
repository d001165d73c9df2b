"""How far the present has moved from what a model learned: the population stability index."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from app.insights.trained import Distribution

# What credit scoring takes for "look at it" and "it has moved" (Siddiqi, Credit Risk Scorecards, 2006).
NOTABLE, LARGE = 0.1, 0.25
_LEAST_SHARE = 0.0005  # an empty bin would make the index infinite


def stability_index(reference: Distribution, recent: Distribution) -> float | None:
    """Return sum((q - p) ln(q / p)) over the bins; None where one is empty or the bins are others."""
    same = (reference.edges, reference.words) == (recent.edges, recent.words)
    if not same or not sum(reference.counts) or not sum(recent.counts):
        return None
    pairs = zip(_shares(reference.counts), _shares(recent.counts), strict=True)
    return sum((q - p) * math.log(q / p) for p, q in pairs)


def beyond_chance(reference: Distribution, recent: Distribution) -> float | None:
    """Return the index less what 95 of 100 pairs of samples of this size show where nothing moved.

    Without drift the index is spread as (1/n + 1/m) times chi-squared of one less than the bins (Yurdakul,
    Statistical Properties of Population Stability Index, 2018); its quantile is Wilson's and Hilferty's.
    """
    index = stability_index(reference, recent)
    if index is None:
        return None
    free = max(len(reference.counts) - 1, 1)
    quantile = free * (1 - 2 / (9 * free) + 1.645 * math.sqrt(2 / (9 * free))) ** 3
    chance = quantile * (1 / sum(reference.counts) + 1 / sum(recent.counts))
    return max(0.0, index - chance)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts)
    return [max(count / total, _LEAST_SHARE) for count in counts]


def of_numbers(values: Iterable[float], edges: Sequence[float]) -> Distribution:
    """Count values into the bins between these ascending edges."""
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_left(edges, value)] += 1
    return Distribution(tuple(counts), edges=tuple(edges))


def of_words(values: Iterable[str], words: Sequence[str]) -> Distribution:
    """Count values that are among these words; the last bin counts all others."""
    at = {word: place for place, word in enumerate(words)}
    counts = [0] * (len(words) + 1)
    for value in values:
        counts[at.get(value, len(words))] += 1
    return Distribution(tuple(counts), words=tuple(words))


def deciles(values: Iterable[float]) -> tuple[float, ...]:
    """Return the edges between tenths of the values, each once."""
    ordered = sorted(values)
    if not ordered:
        return ()
    cuts = {float(ordered[min(len(ordered) * tenth // 10, len(ordered) - 1)]) for tenth in range(1, 10)}
    return tuple(sorted(cuts))


def as_json(distributions: Mapping[str, Distribution]) -> dict[str, dict[str, list[object]]]:
    return {
        name: {"counts": list(found.counts), "edges": list(found.edges), "words": list(found.words)}
        for name, found in distributions.items()
    }


def from_json(kept: Mapping[str, Mapping[str, Sequence[object]]]) -> dict[str, Distribution]:
    return {
        name: Distribution(
            tuple(int(str(count)) for count in found["counts"]),
            tuple(float(str(edge)) for edge in found["edges"]),
            tuple(str(word) for word in found["words"]),
        )
        for name, found in kept.items()
    }
