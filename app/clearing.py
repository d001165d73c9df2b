"""Taking a person's words out of values as JSON holds them: names are replaced, free words are emptied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What people say in free words, by the names that forms, answers and diagrams give it.
FREE_WORDS = ("note", "text", "comment")


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
    if isinstance(value, str):
        for word, instead in replaced.items():
            value = value.replace(word, instead)
    return value
