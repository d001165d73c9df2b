"""When timers are due: computed once, from the moment that the caller says it is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from workflows import cycles, durations
from workflows.durations import after
from workflows.errors import ElementError

KINDS = ("date", "duration", "cycle")
_ISO = re.compile(r"P[\dT].*|R-?\d*/.*|\d{4}-.*", re.S)
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


class OverError(ValueError):
    """All moments of a cycle are past."""

    def __init__(self) -> None:
        super().__init__("has no moment left")


def schedule(token: Any, trigger: Any) -> dict[str, Any]:
    """Return `due` (seconds since 1970) and, for a cycle, its text, `since` when it runs, and the `round`."""
    text = _text(token, trigger.text)
    try:
        return scheduled(trigger.kind, text, token.instance.now)
    except ValueError as error:
        raise ElementError(token.task_spec.name, f"the timer {text!r} cannot be read: {error}") from None


def is_iso(text: str) -> bool:
    """Whether a timer's text stands for itself; everything else is FEEL."""
    return _ISO.fullmatch(text) is not None


def check(kind: str, text: str) -> None:
    """Raise ValueError where a timer's text cannot be read, whenever that is."""
    scheduled(kind, text, _NEVER)


def scheduled(kind: str, text: str, now: datetime) -> dict[str, Any]:
    """Return what a timer remembers that begins to wait now; raise ValueError."""
    if kind == "date":
        return {"due": durations.moment(text).timestamp()}
    if kind == "duration":
        return {"due": after(text, now).timestamp()}
    return _cycle(text, now)


def _text(token: Any, expression: str) -> str:
    text = expression.strip()
    if is_iso(text):
        return text
    value = token.evaluate(text.removeprefix("="))
    if value is None:
        raise ElementError(token.task_spec.name, f"the timer {expression!r} gives null")
    return str(value)


def _cycle(text: str, now: datetime) -> dict[str, Any]:
    cycle = cycles.read(text, now)
    number = cycle.next(now)
    if number is None:
        raise OverError
    return {"due": cycle.at(number).timestamp(), "cycle": text, "since": now.timestamp(), "round": number}


def again(token: Any) -> bool:
    """Set a cycle's next moment; False when this was the last."""
    return go_on(token.internal_data, token.instance.now)


def go_on(memo: dict[str, Any], now: datetime) -> bool:
    """As `again`, for what a timer remembers. Missed rounds are not made up for."""
    if "every" in memo:
        memo.update(_from_older_state(memo))
    if "cycle" not in memo:
        return False
    cycle, shift = _cycle_of(memo), timedelta(seconds=memo.get("shift", 0))
    number = cycle.next(now - shift, memo["round"] + 1)
    if number is None:
        return False
    memo["due"], memo["round"] = (cycle.at(number) + shift).timestamp(), number
    return True


def reschedule(token: Any, due: datetime) -> None:
    """Set when a waiting timer is due; a cycle goes on from there."""
    memo = token.internal_data
    memo["due"] = due.timestamp()
    if "cycle" in memo:
        memo["shift"] = memo["due"] - _cycle_of(memo).at(memo["round"]).timestamp()


def every(token: Any) -> str | None:
    """Return the period of a waiting cycle as the diagram says it; None for what fires once."""
    memo = token.internal_data
    if "cycle" in memo:
        return cycles.period(memo["cycle"])
    return memo.get("every")


def _cycle_of(memo: dict[str, Any]) -> cycles.Cycle:
    return cycles.read(memo["cycle"], datetime.fromtimestamp(memo["since"], UTC))


def _from_older_state(memo: dict[str, Any]) -> dict[str, Any]:
    """Read what a state of 1.0 says of a cycle: its period and how often it still comes (-1: always)."""
    every, left = memo.pop("every"), memo.pop("left")
    if left == 0:
        return {}
    return {"cycle": f"R{left if left > 0 else ''}/{every}", "since": memo["due"], "round": 0}


def moment_of(value: Any, now: datetime) -> datetime | None:
    """Read a due date that an expression gave: a date and time, a date, or a duration from now."""
    if value is None or value == "":
        return None
    text = str(value)
    if text.startswith("P"):
        return after(text, now)
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.max.time(), UTC).replace(microsecond=0)
    return durations.moment(text)


def next_due(instance: Any) -> datetime | None:
    dues = [token.internal_data["due"] for token in instance.watch["timer"].values()]
    return datetime.fromtimestamp(min(dues), UTC) if dues else None
