"""Which names a text may use: FEEL's names hold spaces and signs, so only their list can cut them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from rules.feel.errors import FeelSyntaxError
from rules.feel.lexer import Token, name_key
from rules.feel.types import Type

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """What a text can see: variables, entry names that hold signs or keywords, and named types."""

    names: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    types: Mapping[str, Type] = field(default_factory=dict, hash=False, compare=False)


class NameTable:
    """Names by their first token, to find the longest one that starts at a token."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[Key, str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        key = _key(name)
        if key:
            known = self._by_first.setdefault(key[0], [])
            known.append((key, name))
            known.sort(key=lambda entry: -len(entry[0]))

    def longest(self, tokens: list[Token], position: int) -> tuple[str, int] | None:
        """Return the longest name at a position and how many tokens spell it."""
        for key, name in self._by_first.get(tokens[position].text, ()):
            end = position + len(key)
            if end < len(tokens) and all(
                token.kind != "string" and token.text == part
                for token, part in zip(tokens[position:end], key, strict=True)
            ):
                return name, len(key)
        return None


@lru_cache(maxsize=4_096)
def _key(name: str) -> Key:
    try:
        return name_key(name)
    except FeelSyntaxError:
        return ()  # a name that FEEL cannot spell can still be reached by `get value`
