"""When timers are due: computed once, from the moment that the caller says it is."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.errors import ElementError

KINDS = ("date", "duration", "cycle")
_ISO = re.compile(r"P[\dT].*|R-?\d*/.*|\d{4}-.*", re.S)
_N = r"(?:(\d{1,9})"
_DURATION = re.compile(
    rf"P(?=.){_N}Y)?{_N}M)?{_N}W)?{_N}D)?(?:T(?=\d){_N}H)?{_N}M)?(?:(\d{{1,9}}(?:\.\d{{1,9}})?)S)?)?"
)
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def schedule(token: Any, trigger: Any) -> dict[str, Any]:
    """Return `due` (seconds since 1970) and, for a cycle, `every` (ISO 8601) and `left` (-1: no end)."""
    text = _text(token, trigger.text)
    try:
        return _scheduled(trigger.kind, text, token.instance.now)
    except ValueError as error:
        raise ElementError(token.task_spec.name, f"the timer {text!r} cannot be read: {error}") from None


def is_iso(text: str) -> bool:
    """Whether a timer's text stands for itself; everything else is FEEL."""
    return _ISO.fullmatch(text) is not None


def check(kind: str, text: str) -> None:
    """Raise ValueError where a timer's text cannot be read, whenever that is."""
    _scheduled(kind, text, _NEVER)


def _scheduled(kind: str, text: str, now: datetime) -> dict[str, Any]:
    if kind == "date":
        return {"due": _moment(text).timestamp()}
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


def after(text: str, now: datetime) -> datetime:
    """Add an ISO 8601 duration to a moment; months and years are the calendar's. Raises ValueError."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError("is not an ISO 8601 duration such as P2D")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    try:
        return _months_on(now, 12 * years + months) + timedelta(
            weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=float(found[7] or 0)
        )
    except (OverflowError, ValueError):
        raise ValueError("is later than the year 9999") from None


def _months_on(moment: datetime, months: int) -> datetime:
    """Keep the day of the month, or take the last one of a shorter month."""
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    if year > MAXYEAR:
        raise OverflowError
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _cycle(text: str, now: datetime) -> dict[str, Any]:
    repeats, *between, every = text.split("/")
    if not re.fullmatch(r"R\d*", repeats) or len(between) > 1:
        raise ValueError("is not an ISO 8601 cycle such as R3/P2D")
    left = int(repeats[1:] or -1)
    if left == 0:
        raise ValueError("never happens")
    first = _moment(between[0]) if between else after(every, now)
    if after(every, now) <= now:
        raise ValueError("its period is not longer than nothing")
    return {"due": first.timestamp(), "every": every, "left": left - 1 if left > 0 else left}


def again(token: Any) -> bool:
    """Set a cycle's next moment; False when this was the last. Missed rounds are not made up for."""
    memo = token.internal_data
    if "every" not in memo or memo["left"] == 0:
        return False
    try:
        moment = _next(memo["every"], datetime.fromtimestamp(memo["due"], UTC), token.instance.now)
    except ValueError:
        return False
    memo["due"] = moment.timestamp()
    memo["left"] -= 1 if memo["left"] > 0 else 0
    return True


def _next(every: str, last: datetime, now: datetime) -> datetime:
    moment = after(every, last)
    if moment <= now and not any(calendar in every.partition("T")[0] for calendar in "YM"):
        # However short the period and long the time: no counting through the missed rounds.
        moment += (moment - last) * ((now - moment) // (moment - last))
    while moment <= now:
        moment = after(every, moment)
    return moment


def _moment(text: str) -> datetime:
    plain, _, zone = text.removesuffix("]").replace("[", "@").partition("@")
    moment = datetime.fromisoformat(plain)
    if moment.tzinfo is None and zone:
        moment = moment.replace(tzinfo=_zone(zone))
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset, such as 2026-01-31T09:00:00+01:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is later than the year 9999") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"{name!r} is no time zone") from None


def moment_of(value: Any, now: datetime) -> datetime | None:
    """Read a due date that an expression gave: a date and time, a date, or a duration from now."""
    if value is None or value == "":
        return None
    text = str(value)
    if text.startswith("P"):
        return after(text, now)
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.max.time(), UTC).replace(microsecond=0)
    return _moment(text)


def next_due(instance: Any) -> datetime | None:
    dues = [token.internal_data["due"] for token in instance.watch["timer"].values()]
    return datetime.fromtimestamp(min(dues), UTC) if dues else None


def waiting(instance: Any) -> tuple[tuple[str, str, datetime], ...]:
    """Return each timer that waits: its process, its element and when it is due, the earliest first."""
    waits = sorted(instance.watch["timer"].values(), key=lambda token: token.internal_data["due"])
    return tuple(
        (token.scope.process_id, token.task_spec.name, _moment_of(token.internal_data["due"]))
        for token in waits
    )


def _moment_of(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
