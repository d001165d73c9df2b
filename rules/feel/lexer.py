"""Cuts a FEEL text into tokens; which tokens make up a name only the parser can know."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rules.feel import bounds
from rules.feel.errors import FeelSizeError, FeelSyntaxError, Span

Kind: TypeAlias = Literal["name", "number", "string", "temporal", "symbol", "end"]

_SPACE: Final = re.compile(r"(?:\s|\ufeff|\u180e|\u200b|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER: Final = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NAME: Final = re.compile(r"[^\W\d][\w?\u00b7\u0300-\u036f\u203f\u2040\u200c\u200d]*|\?")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PAIRS: Final = frozenset({"**", "..", "<=", ">=", "!=", "->"})
_ESCAPE: Final = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))",
    re.DOTALL,
)
# Half a character beyond the first 65,536, as JSON may hold it: no file and no page can be written of it.
_HALF: Final = re.compile("[\ud800-\udfff]")
KEYWORDS: Final = frozenset(
    {
        "and", "or", "in", "between", "instance", "of", "if", "then", "else", "for", "return", "some",
        "every", "satisfies", "function", "external", "true", "false", "null",
    }
)  # fmt: skip
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; `value` is the text of a string without its quotes and escapes."""

    kind: Kind
    text: str
    start: int
    end: int
    value: str = ""

    @property
    def span(self) -> Span:
        return self.start, self.end


def tokenize(text: str) -> list[Token]:
    """Cut a text into tokens, the last of kind `end`."""
    if len(text) > bounds.TEXT:
        raise FeelSizeError(text, (bounds.TEXT, len(text)), f"longer than {bounds.TEXT:,} characters")
    if half := _HALF.search(text):
        raise FeelSyntaxError(text, half.span(), "half a character")
    tokens: list[Token] = []
    position = _skip_space(text, 0)
    while position < len(text):
        tokens.append(_next(text, position))
        position = _skip_space(text, tokens[-1].end)
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def name_key(name: str) -> tuple[str, ...]:
    """Cut a name into the tokens that spell it, so that spaces in it do not matter."""
    return tuple(token.text for token in tokenize(name)[:-1])


def is_plain_name(text: str) -> bool:
    """Say whether a text is a name of letters, digits and spaces only, and no word of the language."""
    try:
        tokens = tokenize(text)[:-1]
    except FeelSyntaxError:
        return False
    words = [token.text for token in tokens]
    return bool(tokens) and all(token.kind == "name" for token in tokens) and not KEYWORDS & set(words)


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _next(text: str, position: int) -> Token:
    character = text[position]
    if character == '"':
        return _string(text, position, position)
    if character == "@" and (quote := _skip_space(text, position + 1)) < len(text) and text[quote] == '"':
        return _string(text, position, quote)
    if match := _NUMBER.match(text, position):
        # In `1..5` the first point belongs to the range.
        return Token("number", match[0], position, match.end())
    if match := _NAME.match(text, position):
        return Token("name", match[0], position, match.end())
    if ord(character) > 0x2000:
        return _pictograph(text, position)
    end = position + (2 if text[position : position + 2] in _PAIRS else 1)
    return Token("symbol", text[position:end], position, end)


def _pictograph(text: str, position: int) -> Token:
    """Read a name of characters that Python counts neither as letters nor as spaces, such as emoji."""
    end = position
    while end < len(text) and (ord(text[end]) > 0x2000 or text[end].isalnum() or text[end] == "_"):
        end += 1
    return Token("name", text[position:end], position, end)


def _string(text: str, start: int, quote: int) -> Token:
    match = _STRING.match(text, quote)
    if not match:
        raise FeelSyntaxError(text, (quote, len(text)), "a string without its closing quote")
    kind: Kind = "string" if start == quote else "temporal"
    value = _ESCAPE.sub(_unescape, match[1])
    if _HALF.search(value):
        half = next(each for each in _ESCAPE.finditer(text, quote) if _HALF.search(_unescape(each)))
        raise FeelSyntaxError(text, half.span(), "half a character")
    return Token(kind, text[start : match.end()], start, match.end(), value)


def _unescape(match: re.Match[str]) -> str:
    high, low, short, long, single = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    code = int(short or long or "0", 16)
    if short or long:
        return chr(code) if code <= 0x10FFFF else match[0]
    return _ESCAPED.get(single, match[0])
