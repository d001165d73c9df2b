"""What the writer of a broken text may have meant: signs and words of other languages, the nearest name."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final
from unicodedata import decimal

from rules.feel.builtins.names import BUILTIN_NAMES
from rules.feel.lexer import KEYWORDS

_INSTEAD: Final = {
    "===": "=", "!==": "!=", "==": "=", "&&": "and", "||": "or", "<>": "!=", "=<": "<=", "=>": ">=",
    "&": "and", "|": "or", "!": "not(…)", "%": "modulo(…, …)", "^": "**", ";": ",", "'": '"', "`": '"',
    "“": '"', "”": '"', "„": '"', "‘": '"', "’": '"', "「": '"', "」": '"',
    "，": ",", "、": ",", "；": ",", "：": ":", "（": "(", "）": ")", "【": "[", "】": "]",
    "＝": "=", "＞": ">", "＜": "<", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "−": "-", "–": "-",
    "is": "=", "eq": "=", "mod": "modulo(…, …)", "elif": "else if", "elseif": "else if",
    "?": "if … then … else …",
    "none": "null", "nil": "null", "undefined": "null",
}  # fmt: skip
_LONGEST_SIGN: Final = 3
_WORD: Final = re.compile(r"\w+|\?")
_NEAR: Final = 0.7
_LONGEST_NAME: Final = 60


def of_sign(text: str, position: int) -> str:
    """Say what to write where a text breaks at a sign or a word that other languages have; else nothing."""
    word = _WORD.match(text, position)
    if word:
        return of_word(word[0])
    for start in (position - 2, position - 1, position):
        for length in range(_LONGEST_SIGN, 0, -1):
            sign = text[max(start, 0) : start + length]
            if start + len(sign) > position and sign in _INSTEAD:
                return _instead(sign)
    if text.startswith("..", position):
        return "; a range stands in brackets, such as `[1..5]`"
    return ""


def of_word(word: str) -> str:
    """Say what to write instead of a word that FEEL spells otherwise."""
    small = word.lower()
    if small in KEYWORDS and small != word:
        return f"; write `{small}` instead of `{word}`"
    if word.isdecimal() and not word.isascii():
        return f"; write `{''.join(str(decimal(digit)) for digit in word)}` instead of `{word}`"
    return _instead(word) if small in _INSTEAD else ""


def of_call(word: str) -> str:
    """Say that a word between two values is a function."""
    return f"; `{word}` is a function: `{word}(…)`" if word in BUILTIN_NAMES else ""


def _instead(wrong: str) -> str:
    return f"; write `{_INSTEAD[wrong.lower()]}` instead of `{wrong}`"


def of_unclosed(text: str, opening: int) -> str:
    """Name the bracket that a missing one would close."""
    return f" for the `{text[opening]}` of character {opening + 1}"


def unnamed(name: str, known: Iterable[str]) -> str:
    """Say that nothing has this name, and which name may be meant."""
    return f"nothing is named {name!r}{of_name(name, known)}"


def of_name(name: str, known: Iterable[str]) -> str:
    """Say which known name is nearest to one that nothing has, or what FEEL writes in its place."""
    strange = next((sign for sign in name if sign in _INSTEAD and sign != "?"), None)
    if strange is not None:
        return _instead(strange)
    return of_entry(name, known) or of_word(name)


def of_entry(name: str, known: Iterable[str]) -> str:
    """Say which of a few names may be meant by one that is not among them."""
    near = nearest(name, known)
    return "" if near is None else f"; did you mean {near!r}?"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name that differs least: in capitals and signs only, else in a few letters."""
    if len(name) > _LONGEST_NAME:
        return None
    plain = _plain(name)
    best, how_near = None, _NEAR
    for each in known:
        other = _plain(each)
        if other == plain:
            return each
        if abs(len(other) - len(plain)) > 2 or len(plain) < 3:
            continue
        matcher = SequenceMatcher(None, plain, other)
        if matcher.quick_ratio() > how_near and (ratio := matcher.ratio()) > how_near:
            best, how_near = each, ratio
    return best


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
