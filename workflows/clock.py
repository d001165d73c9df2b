"""When timers are due: computed once, from the moment that the caller says it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from workflows.errors import ElementError

KINDS = ("date", "duration", "cycle")


def schedule(token: Any, trigger: Any) -> dict[str, Any]:
    """Return `due` (seconds since 1970) and, for a cycle, `every` (ISO 8601) and `left` (-1: no end)."""
    text = _text(token, trigger.text)
    now = token.instance.now
    try:
        if trigger.kind == "date":
            return {"due": _moment(text).timestamp()}
        if trigger.kind == "duration":
            return {"due": after(text, now).timestamp()}
        return _cycle(text, now)
    except (ValueError, TypeError) as error:
        raise ElementError(token.task_spec.name, f"the timer {text!r} cannot be read: {error}") from None


def _text(token: Any, expression: str) -> str:
    """ISO 8601 stands for itself; everything else is FEEL."""
    text = expression.strip()
    if text.startswith("="):
        text = text[1:].strip()
    elif text[:1] in "PR" or text[:1].isdigit():
        return text
    value = token.evaluate(text)
    if value is None:
        raise ElementError(token.task_spec.name, f"the timer {expression!r} gives null")
    return str(value)


def after(text: str, now: datetime) -> datetime:
    """Add an ISO 8601 duration to a moment; months and years are the calendar's."""
    if not text.startswith("P"):
        raise ValueError("is not an ISO 8601 duration such as P2D")
    parsed = TimerEventDefinition.parse_iso_duration(text)
    return now + TimerEventDefinition.get_timedelta_from_start(parsed, now)


def _cycle(text: str, now: datetime) -> dict[str, Any]:
    parts = text.split("/")
    if not parts[0].startswith("R"):
        raise ValueError("is not an ISO 8601 cycle such as R3/P2D")
    left = int(parts[0][1:]) if parts[0][1:] else -1
    every = parts[-1]
    first = _moment(parts[1]) if len(parts) > 2 else after(every, now)
    if after(every, now) <= now:
        raise ValueError("its period is not longer than nothing")
    return {"due": first.timestamp(), "every": every, "left": left - 1 if left > 0 else left}


def again(token: Any) -> bool:
    """Set a cycle's next moment; False when this was the last. Missed rounds are not made up for."""
    memo = token.internal_data
    if "every" not in memo or memo["left"] == 0:
        return False
    moment = datetime.fromtimestamp(memo["due"], UTC)
    while moment <= token.instance.now:
        moment = after(memo["every"], moment)
    memo["due"] = moment.timestamp()
    memo["left"] -= 1 if memo["left"] > 0 else 0
    return True


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.split("[")[0].split("@")[0])
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset, such as 2026-01-31T09:00:00+01:00")
    return moment


def moment_of(value: Any, now: datetime) -> datetime | None:
    """Read a due date that an expression gave: a date and time, a date, or a duration from now."""
    if value is None or value == "":
        return None
    text = str(value)
    if text.startswith("P"):
        return after(text, now)
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.max.time(), UTC).replace(microsecond=0)
    return _moment(text).astimezone(UTC)


def next_due(instance: Any) -> datetime | None:
    dues = [token.internal_data["due"] for token in instance.watch["timer"].values()]
    return datetime.fromtimestamp(min(dues), UTC) if dues else None
