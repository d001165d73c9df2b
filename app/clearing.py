"""Taking a person's words out of values as JSON holds them: names are replaced, free words are emptied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# What people say in free words, by the names that forms, answers and diagrams give it.
FREE_WORDS = ("note", "text", "comment")
LONGEST_SHORT = 4


def without(value: Any, replaced: Mapping[str, str]) -> Any:
    """Return a value with each of these words replaced, and what is said freely emptied.

    Numbers, days and ranges of FEEL, which are tagged, say nothing of a person and stay whole.
    """
    if isinstance(value, dict) and "$feel" in value:
        return {
            name: without(inside, replaced) if name == "entries" else inside for name, inside in value.items()
        }
    if isinstance(value, dict):
        return {
            name: "" if name in FREE_WORDS and isinstance(inside, str) else without(inside, replaced)
            for name, inside in value.items()
        }
    if isinstance(value, list):
        return [without(inside, replaced) for inside in value]
    return replaced_in(value, replaced) if isinstance(value, str) else value


def replaced_in(text: str, replaced: Mapping[str, str]) -> str:
    """Return a text with each of these words replaced, however its letters are written.

    A short name is found as a word of its own only: many others hold its letters.
    """
    if not replaced:
        return text
    instead = {word.lower(): put for word, put in replaced.items()}
    return _pattern(tuple(replaced)).sub(lambda found: instead.get(found[0].lower(), ""), text)


@lru_cache(maxsize=16)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_bounded, words)), re.IGNORECASE)


def _bounded(word: str) -> str:
    if len(word) > LONGEST_SHORT or not (word.isascii() and word.isalnum()):
        return re.escape(word)
    return f"(?<![A-Za-z0-9])(?-i:{re.escape(word)})(?![A-Za-z0-9])"
