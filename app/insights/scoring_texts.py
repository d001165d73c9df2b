"""A learned classifier of texts, asked in plain Python: quick enough to answer while somebody types.

What `app.insights.learning.texts.classifier` exports is read here, without anything that learns.
"""

from __future__ import annotations

import base64
import math
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.insights import text_pieces

FORMAT = 2
# Fewer examples of a type teach nothing, and fewer types leave nothing to tell apart.
LEAST_OF_A_TYPE, LEAST_TYPES = 5, 3
_CUTS: Mapping[str, Callable[[str], list[str]]] = {
    "fragments": text_pieces.fragments,
    "words": text_pieces.words_and_pairs,
}
# A piece's rarity, the types that it speaks for or against, and how much, in steps.
Piece: TypeAlias = "tuple[float, bytes, array[int]]"


@dataclass(frozen=True, slots=True)
class Weights:
    """A classifier as it is asked; chances and doubt as `learning.texts.doubt` says.

    Pieces are known by their digests under `secret`, the organisation's: words of customers may be names.
    `usual` is the baseline's answer, the type that most texts had which were learned from; None where
    a training did not keep it.
    """

    types: tuple[str, ...]
    step: float
    offsets: tuple[float, ...]
    cuts: Mapping[str, Mapping[bytes, Piece]]
    doubt: Mapping[str, float]
    secret: bytes
    usual: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A type with its probability, or None where it is none of them; the likeliest in either case."""

    type: str | None
    confidence: float
    belongs: float
    likeliest: tuple[tuple[str, float], ...]


def is_known(exported: Mapping[str, Any]) -> bool:
    """Say whether these weights are of this version's format; those of before held words in clear."""
    return exported.get("format") == FORMAT


def load(exported: Mapping[str, Any], secret: bytes = b"") -> Weights:
    """Read weights exported under a secret; raise ValueError for a format that this version does not know."""
    if exported["format"] != FORMAT:
        raise ValueError(f"weights of format {exported['format']}, not {FORMAT}")
    return Weights(
        tuple(exported["types"]),
        exported["step"],
        tuple(exported["offsets"]),
        {name: _pieces(cut) for name, cut in exported["cuts"].items()},
        exported["doubt"],
        secret,
        exported.get("usual"),
    )


def _pieces(cut: Mapping[str, Any]) -> dict[bytes, Piece]:
    digests = base64.b64decode(cut["pieces"])
    types = base64.b64decode(cut["types"])
    steps = array("b", base64.b64decode(cut["steps"]))
    pieces, begun = {}, 0
    for at, (rarity, length) in enumerate(zip(cut["rarities"], cut["lengths"], strict=True)):
        end = begun + length
        piece = digests[at * text_pieces.DIGEST : (at + 1) * text_pieces.DIGEST]
        pieces[piece] = (rarity, types[begun:end], steps[begun:end])
        begun = end
    return pieces


def suggest(weights: Weights, text: str, most: int = 3) -> Suggestion:
    """Return the type of a text, or that it is none of those known, with the likeliest `most`."""
    found = margins(weights, text)
    chances = _softmax([weights.doubt["sharpness"] * margin for margin in found])
    order = sorted(range(len(found)), key=lambda at: -found[at])
    belongs = _belongs(weights, text, found[order[0]], found[order[0]] - found[order[1]])
    likeliest = tuple((weights.types[at], chances[at]) for at in order[:most])
    kept = belongs >= weights.doubt["threshold"]
    return Suggestion(likeliest[0][0] if kept else None, likeliest[0][1], belongs, likeliest)


def margins(weights: Weights, text: str) -> list[float]:
    """Return how far the text lies on each type's side."""
    sums = list(weights.offsets)
    for name, pieces in weights.cuts.items():
        for weight, types, steps in _weighed(_CUTS[name](text), pieces, weights.secret):
            factor = weight * weights.step
            for at, step in zip(types, steps, strict=True):
                sums[at] += factor * step
    return sums


def _weighed(
    found: list[str], pieces: Mapping[bytes, Piece], secret: bytes
) -> list[tuple[float, bytes, array[int]]]:
    """Weigh known pieces by how often they stand there and how rare they are; the whole has length one."""
    counts = Counter(found)
    known = zip(text_pieces.digests(counts, secret), counts.values(), strict=True)
    weighed = [
        ((1 + math.log(count)) * pieces[piece][0], *pieces[piece][1:])
        for piece, count in known
        if piece in pieces
    ]
    length = math.sqrt(sum(each[0] ** 2 for each in weighed)) or 1.0
    return [(weight / length, types, steps) for weight, types, steps in weighed]


def _softmax(values: list[float]) -> list[float]:
    highest = max(values)
    powers = [math.exp(value - highest) for value in values]
    total = sum(powers)
    return [power / total for power in powers]


def _belongs(weights: Weights, text: str, top: float, lead: float) -> float:
    words, vocabulary = text_pieces.digests(text_pieces.words(text), weights.secret), weights.cuts["words"]
    known = sum(word in vocabulary for word in words) / len(words) if words else 0.0
    doubt = weights.doubt
    sign = doubt["offset"] + doubt["top"] * top + doubt["lead"] * lead + doubt["known"] * known
    return 1 / (1 + math.exp(-sign))
