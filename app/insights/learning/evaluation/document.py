"""The tables of `docs/insights.md`: each subject's lie between two marker lines of its own."""

from __future__ import annotations

import re
from pathlib import Path

from app.insights.learning.errors import MisshapenFileError
from app.insights.learning.evaluation.reporting import Report
from app.wording import worded


def write(document: Path, subject: str, report: Report, measured: str) -> None:
    """Put a subject's table in place of its last one; all else of the document stays as it is.

    `measured` is a line that says when, where and with which seed. A document without the subject's
    marker lines raises MisshapenFileError: a table that nobody asked for would land anywhere.
    """
    text = document.read_text("utf-8")
    first, last = f"<!-- measured: {subject} -->", f"<!-- end of measured: {subject} -->"
    between = re.compile(f"{re.escape(first)}\n.*?{re.escape(last)}", re.S)
    if not between.search(text):
        raise MisshapenFileError(document, worded("has no lines {first} and {last}", first=first, last=last))
    inside = f"{first}\n{table(report)}\n\n{measured}\n{last}"
    document.write_text(between.sub(lambda _: inside, text, count=1), "utf-8")


def table(report: Report) -> str:
    """Return the comparisons as a table, with the figures' names and the notes below it."""
    rows = ["| what | Placet | to beat | which is |", "| --- | ---: | ---: | --- |"]
    rows += [
        f"| {each.what} | {each.value:.4g} | {each.baseline:.4g} | {each.baseline_is} |"
        for each in report.comparisons
    ]
    figures = ", ".join(f"`{name}` {value:.4g}" for name, value in report.figures.items())
    notes = [f"- {note}" for note in report.notes]
    return "\n".join([*rows, "", f"Figures: {figures}.", *([""] if notes else []), *notes])
