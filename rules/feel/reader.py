"""The reading of tokens, one after the other, that all of FEEL's grammar stands on."""

from typing import Final, TypeVar

from rules.feel import bounds, hints, nodes
from rules.feel.errors import FeelSizeError, FeelSyntaxError, Span
from rules.feel.lexer import Token, tokenize
from rules.feel.names import Scope

_NODE = TypeVar("_NODE", bound=nodes.Node)
_OPENINGS: Final = {")": "(", "]": "[", "}": "{", ">": "<"}
_SPELLING: Final = frozenset({"name", "number"})
_WORDS: Final = 20
"""On either side of a word, that may make a name with it."""


class TokenReader:
    """Knows where in the text the reading stands; used once."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.scope = scope
        self._depth = 0
        self._nodes = 0

    def deepen(self) -> None:
        self._depth += 1
        if self._depth > bounds.DEPTH:
            raise self.excess(f"nested more than {bounds.DEPTH} deep")

    def rise(self) -> None:
        self._depth -= 1

    @property
    def peek(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.tokens[self.position]
        if token.kind == "end":
            raise self.fault("the text ends too early")
        self.position += 1
        return token

    def at(self, symbol: str) -> bool:
        return self.peek.kind == "symbol" and self.peek.text == symbol

    def accept(self, symbol: str) -> bool:
        if not self.at(symbol):
            return False
        self.position += 1
        return True

    def accept_word(self, word: str) -> bool:
        if self.peek.kind != "name" or self.peek.text != word:
            return False
        self.position += 1
        return True

    def expect(self, symbol: str) -> Token:
        if not self.at(symbol):
            raise self.fault(f"`{symbol}` should stand here{self._unclosed(symbol)}")
        return self.advance()

    def _unclosed(self, symbol: str) -> str:
        """Find the opening bracket that this one would close."""
        opening = _OPENINGS.get(symbol)
        open_ones: list[int] = []
        for token in self.tokens[: self.position]:
            if token.kind == "symbol" and token.text == opening:
                open_ones.append(token.start)
            elif token.kind == "symbol" and token.text == symbol and open_ones:
                open_ones.pop()
        return hints.of_unclosed(self.text, open_ones[-1]) if open_ones else ""

    def made(self, node: _NODE) -> _NODE:
        self._nodes += 1
        if self._nodes > bounds.NODES:
            raise self.excess(f"more than {bounds.NODES:,} parts")
        return node

    def fault(self, reason: str, span: Span | None = None) -> FeelSyntaxError:
        span = span or self.peek.span
        return FeelSyntaxError(self.text, span, reason + hints.of_sign(self.text, span[0]))

    def excess(self, reason: str) -> FeelSizeError:
        return FeelSizeError(self.text, self.peek.span, reason)

    def expect_end(self) -> None:
        if self.peek.kind != "end":
            raise self.fault(f"`{self.peek.text}` is one too many{self._misspelled()}")

    def _misspelled(self) -> str:
        """Say which name of several words may be meant where words stand side by side that make none."""
        if hints.of_sign(self.text, self.peek.start):
            return ""
        first = last = self.position
        while first > self.position - _WORDS and first and self.tokens[first - 1].kind in _SPELLING:
            first -= 1
        while last < self.position + _WORDS and self.tokens[last].kind in _SPELLING:
            last += 1
        names = [name for name in self.scope.names if " " in name]
        for end in range(last, self.position, -1):
            near = hints.nearest(" ".join(token.text for token in self.tokens[first:end]), sorted(names))
            if near is not None:
                return f"; did you mean {near!r}?"
        return hints.of_call(self.peek.text)

    def since(self, start: int) -> Span:
        return start, self.tokens[self.position - 1].end
