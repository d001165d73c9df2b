"""The wrappers and operators of Camunda 7's expressions, translated to FEEL and reported."""

from __future__ import annotations

import re

_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.S)
_TEMPLATE = re.compile(r"((?:[^$#]|[$#](?!\{))+)|([$#]\{[^{}]*\})", re.S)
_PIECES = re.compile(r""""[^"]*"|'[^']*'|==|&&|\|\||!=|!|[^"'=&|!]+|.""", re.S)
_WORDS = {"==": " = ", "&&": " and ", "||": " or "}
_EMPTY = re.compile(r"\bempty\s+([A-Za-z_][\w.]*)")
_IS_EMPTY = (
    r"(\1 = null or \1 instance of string and string length(\1) = 0"
    r" or \1 instance of list<Any> and count(\1) = 0"
    r" or \1 instance of context<> and count(get entries(\1)) = 0)"
)
_JUEL_WORDS = {"eq": "=", "ne": "!=", "gt": ">", "lt": "<", "ge": ">=", "le": "<="}
_WORD = re.compile(r"(?<![\w.])(eq|ne|gt|lt|ge|le)(?![\w.])")
_FOREIGN = (
    (re.compile(r"[\w\])]\s*\.\s*[A-Za-z_]\w*\s*\("), "calls a method"),
    (re.compile(r"\?"), "chooses by ?"),
    (re.compile(r"\["), "takes a part by [ ], which FEEL counts from 1"),
    (re.compile(r"%|\b(mod|div)\b"), "divides by a sign that FEEL does not have"),
)


class ForeignExpressionError(Exception):
    """This expression has no counterpart in FEEL."""


def is_wrapped(text: str) -> bool:
    """Whether one `${…}` holds all of a text."""
    found = _WRAPPED.fullmatch(text)
    return found is not None and "${" not in found[1] and "#{" not in found[1]


def to_feel(text: str) -> tuple[str, bool]:
    """Return FEEL for an expression and whether it was translated; raise ForeignExpressionError."""
    found = _WRAPPED.fullmatch(text)
    if not found:
        return text.strip(), False
    inside = found[1]
    if "${" in inside or "#{" in inside:
        raise ForeignExpressionError("several ${…} in one expression cannot be translated")
    pieces = [_piece(piece) for piece in _PIECES.findall(inside)]
    return _negations("".join(pieces)).strip(), True


def template(text: str) -> str:
    """Return FEEL for text with several or surrounded `${…}`; what is null stands for nothing, as in JUEL."""
    parts = []
    for plain, wrapped in _TEMPLATE.findall(text):
        parts.append(f"string({to_feel(wrapped)[0]})" if wrapped else _text(plain))
    return f'string join([{", ".join(parts)}], "")'


def _piece(piece: str) -> str:
    if piece[0] in "\"'" and len(piece) > 1:
        return _text(piece[1:-1])
    if piece in _WORDS:
        return _WORDS[piece]
    for pattern, why in _FOREIGN:
        if pattern.search(piece):
            raise ForeignExpressionError(f"{piece.strip()!r} {why}; that has no counterpart in FEEL")
    piece = _EMPTY.sub(_IS_EMPTY, piece)
    return _WORD.sub(lambda word: _JUEL_WORDS[word[0]], piece)


def _text(inside: str) -> str:
    if "\\" in inside or '"' in inside:
        raise ForeignExpressionError(f"the text {inside!r} holds a quote or a backslash; write it in FEEL")
    return f'"{inside}"'


def _negations(text: str) -> str:
    """`!name`, `not name` and `!(…)` become `not(…)`; both signs bind to what stands next."""
    text = re.sub(r"\bnot\s+([A-Za-z_][\w.]*)", r"not(\1)", text)
    text = re.sub(r"\bnot\s+\(", "not(", text)
    text = re.sub(r"!(?!=)\s*([A-Za-z_][\w.]*)", r"not(\1)", text)
    return re.sub(r"!(?!=)\s*\(", "not(", text)
