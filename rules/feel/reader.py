"""The reading of tokens, one after the other, that all of FEEL's grammar stands on."""

from typing import TypeVar

from rules.feel import bounds, nodes
from rules.feel.errors import FeelSyntaxError, Span
from rules.feel.lexer import Token, tokenize
from rules.feel.names import Scope

_NODE = TypeVar("_NODE", bound=nodes.Node)


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
            raise self.fault(f"nested more than {bounds.DEPTH} deep")

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
            raise self.fault(f"`{symbol}` should stand here")
        return self.advance()

    def made(self, node: _NODE) -> _NODE:
        self._nodes += 1
        if self._nodes > bounds.NODES:
            raise self.fault(f"more than {bounds.NODES:,} parts")
        return node

    def fault(self, reason: str, span: Span | None = None) -> FeelSyntaxError:
        return FeelSyntaxError(self.text, span or self.peek.span, reason)

    def expect_end(self) -> None:
        if self.peek.kind != "end":
            raise self.fault(f"`{self.peek.text}` is one too many")

    def since(self, start: int) -> Span:
        return start, self.tokens[self.position - 1].end
