"""Sentences that wait in a table until somebody reads them in a language of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wording import Wording


def kept_words(text: str) -> dict[str, Any]:
    """Return a sentence as it is kept; its template is found again in the catalogues."""
    values = getattr(text, "values", None) or {}
    template = getattr(text, "template", None)
    if template is None or any(isinstance(value, Wording) for value in values.values()):
        return {"template": "{text}", "values": {"text": keepable(str(text))}}
    return {
        "template": template,
        "values": {
            name: value if isinstance(value, int) else keepable(str(value)) for name, value in values.items()
        },
    }


def words_of(kept: Mapping[str, Any]) -> Wording:
    return Wording(kept["template"], kept["values"])


def keepable(text: str) -> str:
    """Return a text that every database takes: what was not in the file's encoding is a mark."""
    if text.isascii():
        return text.replace("\x00", "\ufffd")
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
