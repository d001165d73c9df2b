"""Texts as numbers: two ways to cut them, weighed by how rare their pieces are, each of length one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from app.insights import text_pieces

CUTS: Mapping[str, Callable[[str], list[str]]] = {
    "fragments": text_pieces.fragments,
    "words": text_pieces.words_and_pairs,
}
# Rarities are rounded before anything is learned, so that what is written down is what was learned with.
DIGITS = 4
# From how many texts on a piece must stand in two of them, and in three, to be counted at all.
TWO_FROM, THREE_FROM = 1_000, 4_000


@dataclass(frozen=True, slots=True)
class Views:
    """How a set of texts is counted and weighed, by the name of their cut."""

    counters: Mapping[str, CountVectorizer]
    weighers: Mapping[str, TfidfTransformer]

    def matrix(self, texts: Sequence[str]) -> Any:
        """Return a sparse matrix, texts x pieces, the views side by side."""
        parts = [self.weighers[name].transform(each.transform(texts)) for name, each in self.counters.items()]
        return sparse.hstack(parts).tocsr()

    def pieces(self, cut: str) -> list[str]:
        """Return a view's pieces in the order of its columns."""
        return [str(piece) for piece in self.counters[cut].get_feature_names_out()]

    def known(self, texts: Sequence[str]) -> np.ndarray:
        """Return for each text which share of its words was ever seen, 0 to 1."""
        vocabulary = self.counters["words"].vocabulary_
        shares = []
        for text in texts:
            words = text_pieces.words(text)
            shares.append(sum(word in vocabulary for word in words) / len(words) if words else 0.0)
        return np.array(shares)


def fit(texts: Sequence[str]) -> tuple[Views, Any]:
    """Learn which pieces there are and how rare each is; return that with the texts' own matrix."""
    least = 1 + (len(texts) >= TWO_FROM) + (len(texts) >= THREE_FROM)
    counters, weighers, parts = {}, {}, []
    for name, cut in CUTS.items():
        counters[name] = CountVectorizer(analyzer=cut, min_df=least)
        counts = counters[name].fit_transform(texts)
        weighers[name] = TfidfTransformer(sublinear_tf=True).fit(counts)
        weighers[name].idf_ = np.round(weighers[name].idf_, DIGITS)
        parts.append(weighers[name].transform(counts))
    return Views(counters, weighers), sparse.hstack(parts).tocsr()
