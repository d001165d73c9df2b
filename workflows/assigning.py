"""Who may do a user task, until when, with what in front of them: the diagram's words, evaluated."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from rules import feel
from workflows import clock
from workflows.errors import ElementError
from workflows.reading.extensions import parameter_text
from workflows.step import UserTask

MOST = 2**31 - 1

EVALUATED = (
    "assignee",
    "candidateUsers",
    "candidateGroups",
    "formKey",
    "dueDate",
    "followUpDate",
    "priority",
)
ALWAYS_FEEL = frozenset({"approval.excluded"})


def user_task(token: Any) -> UserTask:
    """Return what the inbox must know; raise ElementError for an expression without an answer."""
    spec = token.task_spec
    return UserTask(
        key=token.id,
        element=spec.name,
        name=spec.title or spec.name,
        process=token.scope.process_id,
        lane=spec.lane,
        assignee=_one(token, "assignee"),
        candidate_users=_several(token, "candidateUsers"),
        candidate_groups=_several(token, "candidateGroups"),
        form=_one(token, "formKey"),
        due=_moment(token, "dueDate"),
        follow_up=_moment(token, "followUpDate"),
        priority=_number(token, "priority", 50),
        inputs=feel.to_plain_json(dict(token.data)),
        properties=feel.to_plain_json(_properties(token)),
        documentation=spec.documentation,
    )


def _value(token: Any, attribute: str) -> Any:
    text = token.task_spec.attributes.get(attribute)
    return token.answer(parameter_text(text.strip())) if text else None


def _one(token: Any, attribute: str) -> str | None:
    value = _value(token, attribute)
    return None if value is None else str(value)


def _several(token: Any, attribute: str) -> tuple[str, ...]:
    value = _value(token, attribute)
    if value is None:
        return ()
    names = value if isinstance(value, list) else str(value).split(",")
    if None in names:
        raise ElementError(token.task_spec.name, f"{attribute} holds null among its names")
    return tuple(str(name).strip() for name in names if str(name).strip())


def _moment(token: Any, attribute: str) -> datetime | None:
    value = _value(token, attribute)
    try:
        return clock.moment_of(value, token.instance.now)
    except ValueError as error:
        raise ElementError(token.task_spec.name, f"{attribute} {value!s}: {error}") from None


def _number(token: Any, attribute: str, default: int) -> int:
    """Return a whole number of 32 bits, the most that databases sort by."""
    value = _value(token, attribute)
    try:
        # Compared before it is cut: to write out 9e6144 takes long.
        if value is None or abs(Decimal(value)) <= MOST:
            return default if value is None else int(value)
    except (ArithmeticError, ValueError, TypeError):
        pass
    raise ElementError(token.task_spec.name, f"{attribute} {value!s} is no number")


def _properties(token: Any) -> dict[str, Any]:
    return {
        name: token.evaluate(value.removeprefix("=")) if name in ALWAYS_FEEL else token.answer(value)
        for name, value in token.task_spec.properties.items()
    }
