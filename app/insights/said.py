"""What the codes of verdicts, runs and notes mean, in words: kept as codes, said in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.insights import order_facts, remaining_time_scores
from app.wording import Wording, listed, worded

WORDS: Mapping[str, Wording] = {
    "beats_baseline": worded("better than the baseline: {mine} against {other}"),
    "not_above_baseline": worded("not better than the baseline: {mine} against {other}"),
    "first": worded("no other version is in use to compare it with"),
    "beats_in_use": worded("better than the version in use: {mine} against {other}"),
    "not_above_in_use": worded("not better than the version in use: {mine} against {other}"),
    "in_use_below_baseline": worded("the version in use is now below the baseline: {mine} against {other}"),
    "too_few_rows": worded("there are {have} rows to learn from; it takes {least}"),
    "too_few_types": worded("{have} types have {each} texts to learn from; it takes {least} such types"),
    "too_few_needs": worded(
        "there are {have} different needs with a text; it takes {least}, so {missing} are missing"
    ),
    "too_few_customers": worded(
        "there are {have} customers with orders a quarter ago, and {days} days of orders; "
        "it takes {least} and {least_days}"
    ),
    "series_too_short": worded(
        "the longest history has {days} days and {events} cases; it takes {least_days} and {least_events}"
    ),
    "too_few_of_each": worded("there are {have} of the rarer outcome; it takes {least}"),
    "known_later": worded("known only later, and so not learned from: {columns}"),
    "suspected_and_kept_out": worded("suspected by the leak check, and so not learned from: {columns}"),
    "suspected_only": worded("the leak check wonders about, but allows: {columns}"),
    "workers_died": worded("{count} workers died of it, one after the other"),
    "too_long": worded("it took longer than {minutes} minutes"),
    "error": worded("it failed; an operator finds the error in the log"),
    "reading": worded("reading the data"),
    "grouping": worded("grouping the texts"),
    "measuring": worded("measuring"),
    "learning": worded("learning and measuring"),
    "computing": worded("computing beforehand"),
    "keeping": worded("keeping the result"),
}


_COLUMNS = {**order_facts.WORDS, **{name: words for name, (_, words) in remaining_time_scores.FACTS.items()}}


def said(code: str, values: Mapping[str, Any] | None = None) -> Wording:
    """Return the words of a code; one that nobody gave words to is shown as it is."""
    known = WORDS.get(code)
    if known is None:
        return Wording(code.replace("_", " "))
    shown = {
        name: columns(value) if name == "columns" else figure(value) for name, value in (values or {}).items()
    }
    return Wording(known.template, shown) if shown else known


def reasons(kept: Iterable[Sequence[Any]]) -> list[Wording]:
    """Return the words of kept reasons, [[code, values], ...]."""
    return [said(code, values) for code, values in kept]


def columns(names: Iterable[str]) -> Wording:
    """Return columns in words; one that nobody gave words to is shown as it is."""
    return listed(_COLUMNS.get(name, Wording(name)) for name in names)


def facts(names: Iterable[str]) -> Wording:
    """Return those of these columns that somebody gave words to; empty where there is none."""
    return columns(name for name in names if name in _COLUMNS)


def figure(value: Any) -> Any:
    """Return a figure to three places that say something; whatever else as it is."""
    return f"{value:.3g}" if isinstance(value, float) else value
