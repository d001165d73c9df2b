"""What a program says in English and a page in its reader's language: a sentence kept with its values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from typing import Any, Protocol, runtime_checkable

from flask_babel import gettext
from markupsafe import escape


class Wording(str):
    """English wherever it is read as text; put into a page, it speaks the language of the request.

    The template is the key in the catalogues: constant text with `{names}` for what changes. A value
    that is a Wording itself is translated too.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, values: dict[str, Any] | None = None) -> Wording:
        wording = super().__new__(cls, template.format(**values) if values else template)
        wording.template, wording.values = template, values or {}
        return wording

    def __html__(self) -> str:
        return str(escape(translated(self)))


@runtime_checkable
class Localised(Protocol):
    """A value that pages write in their reader's way, such as an amount; `app/localised.py` has them."""

    def localised(self) -> str: ...


def worded(template: str, **values: Any) -> Wording:
    """Keep a sentence with its values; `tools/messages.py` finds the template by this name."""
    return Wording(template, values)


def listed(words: Iterable[Wording]) -> Wording:
    """Return words one after the other, which are still translated each."""
    first, *others = [*words] or [Wording("")]
    return reduce(lambda some, more: worded("{some}, {more}", some=some, more=more), others, first)


def translated(text: str) -> str:
    """Return a text in the language of the request, and as it is where the catalogue does not know it."""
    if not text:
        return ""
    if not isinstance(text, Wording):
        return str(gettext(str(text)))
    said = str(gettext(text.template))
    return (
        said.format(**{name: _shown(value) for name, value in text.values.items()}) if text.values else said
    )


def _shown(value: Any) -> Any:
    if isinstance(value, Localised):
        return value.localised()
    return translated(value) if isinstance(value, Wording) else value


_LONGEST = 2_000
_DEEPEST = 12
_HOLE = re.compile(r"\{(\w+)\}")
# What may stand in a hole, where it is less than anything: a number, the one word of an error's kind, or what
# stands in quotes. Digits behind the name tell two such holes apart.
_HOLES = {
    "count": r"\d[\d.,]*",
    "status": r"\d[\d.]*",
    "kind": r"[\w.]+",
    "quoted": r"'[^']*'|\"[^\"]*\"",
    "marked": r"`[^`]*`",
}


class Known:
    """Sentences that reach us as plain English, found again by their templates to be translated."""

    def __init__(self, *templates: Wording) -> None:
        # A kind in front is taken off first; then the one that says the most itself, since what is
        # between its words may be anything.
        ordered = sorted(
            templates, key=lambda each: (not each.startswith("{kind}"), -len(_HOLE.sub("", each)))
        )
        self._patterns = [(_pattern(each), each.template) for each in ordered]

    def find(self, text: str) -> str:
        """Return the Wording that this text is, with its values found again too; else the text as it is.

        What others say may be cut in many ways, of which none is ours: each part is looked at once.
        """
        return text if isinstance(text, Wording) or len(text) > _LONGEST else self._found(text, {}, 0)

    def _found(self, text: str, seen: dict[str, str], depth: int) -> str:
        if depth > _DEEPEST:
            return text
        if text not in seen:
            seen[text] = text
            seen[text] = self._look(text, seen, depth)
        return seen[text]

    def _look(self, text: str, seen: dict[str, str], depth: int) -> str:
        for pattern, template in self._patterns:
            if match := pattern.fullmatch(text):
                values = {
                    name: self._found(value, seen, depth + 1) for name, value in match.groupdict().items()
                }
                if _says_something(template) or any(isinstance(value, Wording) for value in values.values()):
                    return Wording(template, values)
        return text


def _pattern(template: str) -> re.Pattern[str]:
    parts = _HOLE.split(template)
    written = [_hole(part) if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(written), re.DOTALL)


def _hole(name: str) -> str:
    return f"(?P<{name}>{_HOLES.get(name.rstrip('0123456789'), '.+?')})"


def _says_something(template: str) -> bool:
    """Say whether a template has words of its own: "{kind}: {why}" only joins what others say."""
    return re.search(r"\w", _HOLE.sub("", template)) is not None


def as_wordings(said: Any) -> Any:
    """Make a Wording of each text inside lists and dicts: a constant text is its own template."""
    if isinstance(said, dict):
        return {key: as_wordings(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [as_wordings(value) for value in said]
    return Wording(said) if isinstance(said, str) and not isinstance(said, Wording) else said


def in_readers_language(said: Any) -> Any:
    """Return the same lists and dicts with each Wording translated, as programs hand them to people."""
    if isinstance(said, dict):
        return {key: in_readers_language(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [in_readers_language(value) for value in said]
    return translated(said) if isinstance(said, Wording) else said
