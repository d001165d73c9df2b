"""What pages about instances say in the reader's language: lengths of time, causes, marks of visits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.operations.record_words import ACTIONS
from app.processes import reasons
from app.wording import Wording, translated, worded

NOTES: Mapping[str, Wording] = {
    "caught": worded("caught"),
    "decided": worded("decided"),
    "fired": worded("fired"),
    "incident": worded("stopped"),
    "migrated": worded("migrated"),
    "moved": worded("moved"),
    "rescheduled": worded("rescheduled"),
    "retried": worded("tried again"),
    "thrown": worded("thrown"),
}
# Which part of a note's detail says something to people.
_TOLD = ("message", "error", "signal", "escalation", "to", "due")


def lasting(seconds: float | None) -> str:
    """Write a length of time in its two largest units."""
    if seconds is None:
        return ""
    if seconds < 1:
        return str(gettext("at once"))
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        (days, gettext("%(n)s d", n=days)),
        (hours, gettext("%(n)s h", n=hours)),
        (minutes, gettext("%(n)s min", n=minutes)),
        (rest, gettext("%(n)s s", n=rest)),
    ]
    first = next(at for at, (count, _) in enumerate(parts) if count)
    return " ".join(str(words) for count, words in parts[first : first + 2] if count)


def cause_words(cause: str) -> str:
    """Say why an instance moved."""
    return translated(ACTIONS.get(cause, cause))


def note_words(event: Mapping[str, Any]) -> str:
    """Say what happened at an element while it lasted."""
    what = translated(NOTES.get(event["kind"], event["kind"]))
    detail = event.get("detail", {})
    said = next((str(detail[name]) for name in _TOLD if detail.get(name)), "")
    return f"{what}: {translated(reasons.find(said))}" if said else what
