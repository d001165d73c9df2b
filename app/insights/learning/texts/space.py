"""Texts as points: what they share in words and letters, condensed until texts about one thing lie together.

TF-IDF over three ways to cut a text, condensed by a truncated singular value decomposition (latent semantic
analysis); then a graph of nearest neighbours, and the leading eigenvectors of its normalised matrix (Ng,
Jordan, Weiss 2001). K-means on these finds groups that it misses among the words themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackNoConvergence, eigsh
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.preprocessing import normalize

from app.insights import text_pieces

CONDENSED, NEIGHBOURS, MOST_AXES = 200, 15, 50
# What stands in every fifth text tells none of them apart.
MOST_COMMON = 0.2
_BLOCK = 1_000
# Up to so many points the whole matrix is solved: exact, and quicker.
_SMALL = 600
STOP_WORDS = frozenset(ENGLISH_STOP_WORDS) | frozenset(
    ("的", "了", "我", "你", "您", "是", "在", "吗", "呢", "请问", "可以", "什么", "怎么", "一个", "我们")
)


def condense(texts: Sequence[str], seed: int) -> np.ndarray:
    """Return points of length one, texts x at most CONDENSED; a text of no known word is nought."""
    least = 1 + (len(texts) >= 300) + (len(texts) >= 3_000)
    content = [content_of(text) for text in texts]
    cuts = (
        (text_pieces.fragments, texts),
        (text_pieces.fragments, content),
        (_words_in_order, content),
    )
    matrices = [_counted(cut, given, least) for cut, given in cuts]
    joined = normalize(sparse.hstack([each for each in matrices if each is not None]))
    axes = max(2, min(CONDENSED, joined.shape[0] - 1, joined.shape[1] - 1))
    return np.asarray(normalize(TruncatedSVD(axes, random_state=seed).fit_transform(joined)))


def _counted(cut: Any, texts: Sequence[str], least: int) -> Any:
    try:
        vectorizer = TfidfVectorizer(analyzer=cut, sublinear_tf=True, min_df=least, max_df=MOST_COMMON)
        return vectorizer.fit_transform(texts)
    except ValueError:  # nothing is left of these texts: the other cuts say what there is to say
        return None


def content_of(text: str) -> str:
    """Return the text without the words that every text has."""
    return " ".join(word for word in text_pieces.surface(text) if word not in STOP_WORDS)


def _words_in_order(text: str) -> list[str]:
    found = text_pieces.words(text)
    return found + [f"{one} {other}" for one, other in pairwise(found)]


def unfold(points: np.ndarray, axes: int, seed: int) -> np.ndarray:
    """Return the points as their neighbours' graph sees them, points x at most `axes`, leading first."""
    neighbours = min(NEIGHBOURS, len(points) - 1)
    graph = _graph(points, neighbours)
    roots = sparse.diags(1 / np.sqrt(np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-12)))
    wanted = min(axes, len(points) - 2)
    scaled = roots @ graph @ roots
    if len(points) <= _SMALL:
        at = (len(points) - wanted, len(points) - 1)
        return np.asarray(eigh(scaled.toarray(), subset_by_index=at)[1][:, ::-1])
    start = np.random.default_rng(seed).random(len(points))
    try:
        values, vectors = eigsh(scaled, wanted, which="LA", v0=start, ncv=3 * wanted + 20)
    except ArpackNoConvergence:  # a graph in many pieces: the points themselves are apart enough
        return points[:, :wanted]
    return np.asarray(vectors[:, np.argsort(-values)])


def leading(unfolded: np.ndarray, axes: int) -> np.ndarray:
    """Return the leading axes of unfolded points, each point of length one on them."""
    return np.asarray(normalize(unfolded[:, :axes]))


def _graph(points: np.ndarray, neighbours: int) -> Any:
    """Join each point to its nearest ones; blocks keep the memory small."""
    small = points.astype(np.float32)
    count = len(small)
    nearest = np.empty((count, neighbours), np.int64)
    weights = np.empty((count, neighbours), np.float64)
    for begun in range(0, count, _BLOCK):
        alike = small[begun : begun + _BLOCK] @ small.T
        best = np.argpartition(-alike, neighbours - 1, axis=1)[:, :neighbours]
        nearest[begun : begun + _BLOCK] = best
        weights[begun : begun + _BLOCK] = np.clip(np.take_along_axis(alike, best, axis=1), 1e-6, 1) ** 2
    begins = np.arange(0, count * neighbours + 1, neighbours)
    joined = sparse.csr_matrix((weights.ravel(), nearest.ravel(), begins), shape=(count, count))
    return joined.maximum(joined.T)
