"""What people type into the forms of an operator's verbs, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.entered import plain_text
from app.errors import InvalidError
from app.processes import reasons
from app.processes.helping import Help, Way
from app.processes.operating import Act, Verb
from app.wording import worded
from rules import feel

LONGEST = 500
Form = Mapping[str, str]


def act_from(form: Form, now: datetime) -> Act:
    """Return what a form asks for; raise InvalidError naming each field that cannot be read."""
    process, element = _place(form.get("element", ""))
    _, target = _place(form.get("target", ""))
    return Act(
        verb=_verb(form),
        reason=_text(form, "reason"),
        process=process,
        element=element,
        target=target,
        variables=variables_from(form.get("variables", ""), now),
        due_at=_moment(form.get("due_at", "")),
        undo="undo" in form,
    )


def help_from(form: Form, now: datetime) -> Help:
    _, target = _place(form.get("target", ""))
    try:
        way = Way(form.get("way", ""))
    except ValueError:
        raise InvalidError("nothing was done", {"way": ["is none of ours"]}) from None
    return Help(
        way=way,
        reason=_text(form, "reason"),
        variables=variables_from(form.get("variables", ""), now),
        target=target,
        code=_text(form, "code")[:190],
        message=_text(form, "message"),
        business_key=_text(form, "business_key")[:120],
    )


def variables_from(text: str, now: datetime) -> dict[str, Any]:
    """Read variables, one a line, whose values are FEEL: `limit = 1200.50`. Raises InvalidError."""
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, value = (part.strip() for part in line.partition("="))
        if not name.isidentifier() or not value:
            wrong.append(worded("{line} is not a name, = and a value in FEEL", line=line[:80]))
            continue
        try:
            result = feel.run(value, {}, now)
        except feel.FeelError as error:
            wrong.append(worded("{name}: {why}", name=name, why=reasons.find(str(error))))
            continue
        wrong += [
            worded("{name}: {why}", name=name, why=reasons.find(str(warning.reason)))
            for warning in result.warnings
        ]
        found[name] = result.value
    if wrong:
        raise InvalidError("nothing was done", {"variables": wrong})
    return found


def _verb(form: Form) -> Verb:
    try:
        return Verb(form.get("verb", ""))
    except ValueError:
        raise InvalidError("nothing was done", {"verb": ["is none of ours"]}) from None


def _place(value: str) -> tuple[str, str]:
    """Read "process|element"; a plain element is of the instance's own process."""
    process, _, element = value.rpartition("|")
    return process[:120], element[:190]


def _text(form: Form, name: str) -> str:
    return plain_text(form.get(name, "")).strip()[:LONGEST]


def _moment(text: str) -> datetime | None:
    """Read a moment as a browser writes it; it is UTC, as the form says."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidError("nothing was done", {"due_at": ["is not a date and a time"]}) from None
