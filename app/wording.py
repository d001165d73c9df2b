"""What a program says in English and a page in its reader's language: a sentence kept with its values."""

from __future__ import annotations

from typing import Any

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


def worded(template: str, **values: Any) -> Wording:
    """Keep a sentence with its values; `tools/messages.py` finds the template by this name."""
    return Wording(template, values)


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
    return translated(value) if isinstance(value, Wording) else value


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
