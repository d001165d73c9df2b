"""What people type into a search box, as a pattern for LIKE that matches just that."""

from __future__ import annotations


def pattern_of(text: str) -> str:
    """Return `%text%` with the pattern's own signs escaped by a backslash."""
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
