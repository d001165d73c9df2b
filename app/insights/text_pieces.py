"""What a text is made of, in plain Python, so that the learner and the web count the same pieces.

English is cut into words and into n-grams of letters within them; Chinese, which sets no spaces, into n-grams
of its characters.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

# Bytes of a piece's digest: that two of a hundred thousand pieces share one is a chance of one in a billion.
DIGEST = 8
# A suggestion is made while somebody types: what a need is about is said in its first lines.
LONGEST = 400
# Pairs grow with the square of the words; a long text is read for pairs only this far.
MOST_PAIRED = 24
_LETTERS = range(2, 6)
_CHARACTERS = range(1, 4)
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(f"(?P<han>[{_HAN}]+)|(?P<other>[^{_HAN}]+)")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_ENDINGS = ("'s", "ing", "ied", "ies", "ed", "es", "s", "ly")
_SHORTEST_STEM = 3


def fragments(text: str) -> list[str]:
    """Return the n-grams of letters, padded where a word begins and ends, and those of Chinese characters."""
    found: list[str] = []
    for run, is_han in _runs(text):
        if is_han:
            found += _grams(run, _CHARACTERS)
        else:
            for word in run.split():
                found += _grams(f" {word} ", _LETTERS)
    return found


def words_and_pairs(text: str) -> list[str]:
    """Return each word once, and each pair of words that stand in one text, in whatever order."""
    distinct = sorted(set(words(text)[:MOST_PAIRED]))
    pairs = [f"{one} {other}" for at, one in enumerate(distinct) for other in distinct[at + 1 :]]
    return sorted(set(words(text))) + pairs


def words(text: str) -> list[str]:
    """Return the words without their endings; of Chinese, the pairs of neighbouring characters."""
    found: list[str] = []
    for run, is_han in _runs(text):
        if is_han:
            found += _grams(run, range(2, 3)) or [run]
        else:
            found += [_stem(word) for word in _WORD.findall(run)]
    return found


def surface(text: str) -> list[str]:
    """Return the words as they are written, in small letters; a run of Chinese stays whole."""
    found: list[str] = []
    for run, is_han in _runs(text):
        found += [run] if is_han else _WORD.findall(run)
    return found


def digests(pieces: Iterable[str], secret: bytes) -> list[bytes]:
    """Return what is kept in place of pieces, of which names could be read: digests (BLAKE2b) with a key."""
    return [hashlib.blake2b(each.encode(), key=secret, digest_size=DIGEST).digest() for each in pieces]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().replace("\u2019", "'")
    for run in _RUN.finditer(plain):
        yield run[0], run.lastgroup == "han"


def _grams(run: str, lengths: range) -> list[str]:
    return [run[at : at + length] for length in lengths for at in range(len(run) - length + 1)]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word
