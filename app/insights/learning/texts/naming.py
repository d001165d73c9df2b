"""What a group of texts is called: terms that stand there more than elsewhere, and typical texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from app.insights import text_pieces
from app.insights.learning.texts.space import STOP_WORDS

TERMS, EXAMPLES = 5, 3
# As long as a Chinese word gets; longer ones are names.
_HAN_TERM = range(2, 5)
_HAN = re.compile("[\u3400-\u9fff]")


def name(texts: Sequence[str], groups: np.ndarray, count: int) -> list[dict[str, float]]:
    """Return for each group its terms with their weights, the most telling first.

    A term weighs share x log(share in the group / share elsewhere): the part that it has in the group's
    distance (Kullback-Leibler) from all others.
    """
    least = 2 if len(texts) > 50 else 1
    counter = CountVectorizer(analyzer=terms_of, min_df=least, binary=True)
    stands = counter.fit_transform(texts)
    terms = counter.get_feature_names_out()
    sizes = np.bincount(groups, minlength=count)
    inside = np.vstack([np.asarray(stands[groups == at].sum(axis=0)).ravel() for at in range(count)])
    everywhere = inside.sum(axis=0)
    named = []
    for at in range(count):
        share = inside[at] / max(1, sizes[at])
        elsewhere = (everywhere - inside[at] + 1) / (len(texts) - sizes[at] + 1)
        weights = share * np.log(np.maximum(share, 1e-9) / elsewhere)
        order = np.argsort(-weights, kind="stable")[: TERMS * 6]
        named.append(_distinct([(str(terms[i]), float(weights[i])) for i in order if weights[i] > 0]))
    return named


def _distinct(found: list[tuple[str, float]]) -> dict[str, float]:
    """Leave out what a term that weighs more says already, as a part of it or as the longer form."""
    kept: dict[str, float] = {}
    for term, weight in found:
        if not any(term in other or other in term for other in kept):
            kept[term] = round(weight, 6)
        if len(kept) == TERMS:
            break
    return kept


def terms_of(text: str) -> list[str]:
    """Return the words that say something, and pairs of them; of Chinese, two to four characters."""
    return sorted(set(_terms(text)))


def _terms(text: str) -> Iterator[str]:
    before = ""
    for word in text_pieces.surface(text):
        if _HAN.search(word):
            yield from (word[a : a + n] for n in _HAN_TERM for a in range(len(word) - n + 1))
            before = ""
        elif word in STOP_WORDS or len(word) < 2:
            before = ""
        else:
            yield word
            if before:
                yield f"{before} {word}"
            before = word


def typical(
    texts: Sequence[str], points: np.ndarray, groups: np.ndarray, count: int
) -> list[tuple[int, ...]]:
    """Return for each group the numbers of the texts nearest to its middle, none said twice."""
    found = []
    for at in range(count):
        members = np.flatnonzero(groups == at)
        middle = points[members].mean(axis=0)
        order = members[np.argsort(-(points[members] @ middle), kind="stable")]
        said: dict[str, int] = {}
        for number in order:
            said.setdefault(" ".join(texts[number].casefold().split()), int(number))
            if len(said) == EXAMPLES:
                break
        found.append(tuple(said.values()))
    return found
