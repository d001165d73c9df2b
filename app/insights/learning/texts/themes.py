"""Themes: groups of texts about one thing, as many as come out again of only some of the texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.texts import naming, space

# Fewer texts fall into groups by chance alone.
LEAST_TEXTS = 60
# A theme of fewer texts than this is an anecdote.
LEAST_IN_THEME = 8
CANDIDATES = (2, 3, 4, 5, 6, 8, 11, 15, 20, 27, 36, 48, 64, 80, 100, 125, 150)
SAMPLES, SAMPLED = 4, 0.8
# Between samples the index itself differs by about this much.
AS_GOOD = 0.05
# From here on, groups come out of each sample as they are.
WHOLE = 0.97
# A group that holds more than this share is what is left over, no theme.
MOST_IN_ONE = 0.6
_STARTS = 3


@dataclass(frozen=True, slots=True)
class Stability:
    """How much samples agree (adjusted Rand index), and which share of the texts the largest group holds."""

    agreement: float
    largest: float


@dataclass(frozen=True, slots=True)
class Theme:
    """A group: its terms with their weights, the numbers of typical texts, and of all its texts."""

    terms: dict[str, float]
    examples: tuple[int, ...]
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Themes:
    """All groups, largest first; `stability` by number of groups."""

    themes: tuple[Theme, ...]
    labels: np.ndarray
    stability: dict[int, Stability]


def find(texts: Sequence[str], seed: int = 0, k: int | None = None, usual: int | None = None) -> Themes:
    """Group texts into `k` themes, or as many as are most stable; raise TooLittleDataError.

    Where `usual` themes are as stable as any other number of them, there are that many again.

    A text said twice counts once where groups are found. The texts are condensed once; each sample draws four
    fifths of them and builds graph and groups anew.
    """
    once, back = different(texts)
    if len(once) < LEAST_TEXTS:
        raise TooLittleDataError("different needs to find themes in", len(once), LEAST_TEXTS)
    # On small tables several threads wait for each other longer than they reckon.
    with threadpool_limits(limits=1):
        return _find(texts, once, back, seed, k, usual)


def different(texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return each text once, however spaced and capitalised, and for all texts which of these it is."""
    numbers: dict[str, int] = {}
    back = [numbers.setdefault(" ".join(text.casefold().split()), len(numbers)) for text in texts]
    return list(numbers), np.array(back)


def _find(
    texts: Sequence[str],
    once: Sequence[str],
    back: np.ndarray,
    seed: int,
    k: int | None,
    usual: int | None,
) -> Themes:
    points = space.condense(once, seed)
    stability = {} if k else stabilities(points, seed, candidates(len(once)))
    chosen = k or _chosen(stability, usual)
    unfolded = space.unfold(points, axes(chosen), seed)
    labels = groups(space.leading(unfolded, axes(chosen)), chosen, seed)[back]
    order = np.argsort(-np.bincount(labels, minlength=chosen), kind="stable")
    labels = np.argsort(order)[labels]
    named = naming.name(texts, labels, chosen)
    typical = naming.typical(texts, points[back], labels, chosen)
    members = [tuple(int(each) for each in np.flatnonzero(labels == at)) for at in range(chosen)]
    return Themes(
        tuple(Theme(*each) for each in zip(named, typical, members, strict=True)), labels, stability
    )


def _chosen(stability: dict[int, Stability], usual: int | None) -> int:
    """Return the fewest groups that are as good as the stablest: more of them say the same in more words.

    Where groups come out whole each time, so do those that join some of them; the most of them tell most.

    A few strangers apart from all the rest come out again every time, and tell nothing.
    """
    apart = {k: each.agreement for k, each in stability.items() if each.largest <= MOST_IN_ONE}
    apart = apart or {k: each.agreement for k, each in stability.items()}
    best = max(apart.values())
    if usual in apart and apart[usual] >= best - AS_GOOD:
        return usual
    if best >= WHOLE:
        return max(k for k, value in apart.items() if value >= WHOLE)
    return min(k for k, value in apart.items() if value >= best - AS_GOOD)


def candidates(texts: int) -> tuple[int, ...]:
    """Return the numbers of groups worth asking about."""
    return tuple(k for k in CANDIDATES if k * LEAST_IN_THEME <= texts)


def stabilities(points: np.ndarray, seed: int, asked: Sequence[int]) -> dict[int, Stability]:
    """Return for each number of groups how much two samples agree on the texts that both hold.

    The adjusted Rand index is 0 where they agree by chance and 1 where they agree in all.
    """
    random = np.random.default_rng(seed)
    samples = []
    for number in range(SAMPLES):
        drawn = np.sort(random.choice(len(points), int(len(points) * SAMPLED), replace=False))
        samples.append((drawn, space.unfold(points[drawn], axes(max(asked)), seed + number)))
    return {k: _agreement(samples, len(points), k, seed) for k in asked}


def _agreement(samples: Sequence[tuple[np.ndarray, np.ndarray]], count: int, k: int, seed: int) -> Stability:
    labelled = []
    for number, (drawn, unfolded) in enumerate(samples):
        labels = np.full(count, -1)
        labels[drawn] = groups(space.leading(unfolded, axes(k)), k, seed + number)
        labelled.append(labels)
    found = []
    for one, other in combinations(labelled, 2):
        both = (one >= 0) & (other >= 0)
        found.append(adjusted_rand_score(one[both], other[both]))
    largest = [np.bincount(labels[labels >= 0]).max() / (labels >= 0).sum() for labels in labelled]
    return Stability(float(np.mean(found)), float(np.mean(largest)))


def groups(unfolded: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Return each point's group, 0 to k - 1."""
    return np.asarray(KMeans(n_clusters=k, n_init=_STARTS, random_state=seed).fit_predict(unfolded))


def axes(k: int) -> int:
    """Return how many axes tell k groups apart."""
    return min(k, space.MOST_AXES)
