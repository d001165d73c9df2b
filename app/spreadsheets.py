"""Lines of CSV that a spreadsheet shows and does not run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# What a spreadsheet takes for a formula (OWASP: CSV injection).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(text: str) -> str:
    """Return a text; one that begins like a formula is kept text by an apostrophe."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def meant(text: str) -> str:
    """Return a text without the apostrophe that `safe` put before it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_DANGEROUS) else text


def line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(list(cells))
    return buffer.getvalue()
