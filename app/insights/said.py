"""What the codes of verdicts, runs and notes mean, in words: kept as codes, said in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.wording import Wording, worded

WORDS: Mapping[str, Wording] = {
    "beats_baseline": worded("better than the baseline: {mine} against {other}"),
    "not_above_baseline": worded("not better than the baseline: {mine} against {other}"),
    "first": worded("no other version is in use to compare it with"),
    "beats_in_use": worded("better than the version in use: {mine} against {other}"),
    "not_above_in_use": worded("not better than the version in use: {mine} against {other}"),
    "in_use_below_baseline": worded("the version in use is now below the baseline: {mine} against {other}"),
    "too_few_rows": worded("there are {have} rows to learn from; it takes {least}"),
    "series_too_short": worded(
        "the longest history has {days} days and {events} cases; it takes {least_days} and {least_events}"
    ),
    "workers_died": worded("{count} workers died of it, one after the other"),
    "too_long": worded("it took longer than {minutes} minutes"),
    "error": worded("it failed; an operator finds the error in the log"),
    "reading": worded("reading the data"),
    "learning": worded("learning and measuring"),
    "computing": worded("computing beforehand"),
    "keeping": worded("keeping the result"),
}


def said(code: str, values: Mapping[str, Any] | None = None) -> Wording:
    """Return the words of a code; one that nobody gave words to is shown as it is."""
    known = WORDS.get(code)
    if known is None:
        return Wording(code.replace("_", " "))
    shown = {name: figure(value) for name, value in (values or {}).items()}
    return Wording(known.template, shown) if shown else known


def reasons(kept: Iterable[Sequence[Any]]) -> list[Wording]:
    """Return the words of kept reasons, [[code, values], ...]."""
    return [said(code, values) for code, values in kept]


def figure(value: Any) -> Any:
    """Return a figure to three places that say something; whatever else as it is."""
    return f"{value:.3g}" if isinstance(value, float) else value
