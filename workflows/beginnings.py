"""When a process begins by itself: what its start event's timer says, without an instance yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workflows import clock, scripting
from workflows.catalog import StartInfo
from workflows.errors import ElementError


def first_start(start: StartInfo, now: datetime) -> dict[str, Any] | None:
    """Return what to remember of a timer that begins to wait now; None where its moment is past.

    Raises ElementError where the timer cannot be read: a start event has no variables to look at.
    """
    text = (start.text or "").strip()
    if not clock.is_iso(text):
        value = scripting.evaluate(text.removeprefix("="), {}, now, start.element)
        if value is None:
            raise ElementError(start.element, f"the timer {text!r} gives null")
        text = str(value)
    try:
        memo = clock.scheduled(start.kind, text, now)
    except clock.OverError:
        return None
    except ValueError as error:
        raise ElementError(start.element, f"the timer {text!r} cannot be read: {error}") from None
    return memo if due_of(memo) > now else None


def next_start(memo: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """Return what to remember after a timer has fired; None where that was its last time."""
    after = dict(memo)
    return after if clock.go_on(after, now) else None


def is_met(start: StartInfo, variables: Mapping[str, Any], now: datetime) -> bool:
    """Whether a conditional start event's condition holds for variables that somebody brings; null is no.

    Raises ElementError where it gives anything but true and false.
    """
    found = scripting.evaluate(start.text or "", variables, now, start.element)
    if found is None or isinstance(found, bool):
        return found is True
    raise ElementError(start.element, f"the condition {start.text!r} gives {found!r}")


def due_of(memo: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(memo["due"], UTC)
