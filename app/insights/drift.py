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
