"""The expressions of Camunda 7 and its kin, translated to FEEL where FEEL says the same, else refused."""

from __future__ import annotations

import re
from functools import lru_cache

from workflows.reading.juel import ForeignExpressionError, ForeignMethodError, Reader
from workflows.reading.juel_methods import quoted

__all__ = ["ForeignExpressionError", "ForeignMethodError", "is_wrapped", "template", "to_feel"]

_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.S)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
# No FEEL holds these: what was written without its brackets is read as if it had them.
_FOREIGN_SIGN = re.compile(r"==(?!=)|&&|\|\|")
_TEMPLATE = re.compile(r"((?:[^$#]|[$#](?!\{))+)|([$#]\{[^{}]*\})", re.S)


def is_wrapped(text: str) -> bool:
    """Whether one `${…}` holds all of a text."""
    found = _WRAPPED.fullmatch(text)
    return found is not None and "${" not in found[1] and "#{" not in found[1]


def to_feel(text: str) -> tuple[str, bool]:
    """Return FEEL for an expression and whether it was translated; raise ForeignExpressionError.

    A leading `=` marks FEEL where other words are possible too, and says nothing here.
    """
    found = _WRAPPED.fullmatch(text)
    if found:
        return _translated(found[1]), True
    bare = text.strip().removeprefix("=").strip()
    if not _FOREIGN_SIGN.search(_QUOTED.sub("", bare)):
        return bare, False
    try:
        return _translated(bare), True
    except ForeignExpressionError:
        return bare, False


def template(text: str) -> str:
    """Return FEEL for text with several or surrounded `${…}`; what is null stands for nothing, as in JUEL."""
    parts = []
    for plain, wrapped in _TEMPLATE.findall(text):
        parts.append(f"string({to_feel(wrapped)[0]})" if wrapped else quoted(plain))
    return f'string join([{", ".join(parts)}], "")'


@lru_cache(maxsize=4096)
def _translated(inside: str) -> str:
    if "${" in inside or "#{" in inside:
        raise ForeignExpressionError("several ${…} in one expression cannot be translated")
    try:
        return Reader(inside).read()
    except RecursionError:
        raise ForeignExpressionError("it nests too deep to be translated") from None
