"""What people type into a search box, as a pattern for LIKE that matches just that."""

from __future__ import annotations

from app.columns import dump_json


def pattern_of(text: str) -> str:
    """Return `%text%` with the pattern's own signs escaped by a backslash."""
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def in_json(text: str) -> str:
    """Return the pattern of a text within JSON as databases keep it: with quotes and backslashes escaped."""
    return pattern_of(dump_json(text)[1:-1])
