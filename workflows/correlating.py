"""The named keys by which a message finds who awaits it: what the waiter wants, what the message brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules import feel
from workflows import scripting
from workflows.errors import ElementError


@dataclass(frozen=True, slots=True)
class Key:
    """A key as a diagram says it: `value` is a parameter over the instance, `path` FEEL over a payload.

    Without a value it is the payload's own.
    """

    name: str
    value: str | None
    path: str


def remember(token: Any) -> None:
    """Put the keys that a waiting token wants into its memo: name, value as typed JSON, path.

    Raises ElementError where a key has no value: such a message would come to anybody, or to nobody.
    """
    keys = token.task_spec.correlates
    if keys and "wants" not in token.internal_data:
        token.internal_data["wants"] = [
            [key.name, feel.to_typed_json(_value(token, key)), key.path] for key in keys
        ]


def given(token: Any) -> dict[str, Any]:
    """Return the keys that a message takes along from the token that throws it; its data are the payload."""
    found = {}
    for key in token.task_spec.correlates:
        if key.value is not None:
            found[key.name] = _value(token, key)
        elif (value := _look(key.path, token.data, token.instance.now)) is not None:
            found[key.name] = value
    return found


def _value(token: Any, key: Key) -> Any:
    value = token.answer(key.value)
    if value is None:
        raise ElementError(token.task_spec.name, f"the correlation key {key.name!r} gives null")
    return value


def brought(
    paths: Iterable[tuple[str, str]], said: Mapping[str, Any], payload: Mapping[str, Any], now: datetime
) -> dict[str, Any] | None:
    """Return a message's values of these keys: as it was `said`, else as its payload has them.

    None where one of them is missing: the message is for somebody else.
    """
    found = {}
    for name, path in paths:
        value = said[name] if name in said else _look(path, payload, now)
        if value is None:
            return None
        found[name] = value
    return found


def _look(path: str, payload: Mapping[str, Any], now: datetime) -> Any:
    if path in payload:
        return payload[path]
    try:
        return scripting.evaluate(path, payload, now, "")
    except ElementError:
        return None  # a payload of another shape
