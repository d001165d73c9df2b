"""Conditional events: looked at when a variable that they read was written, fired while they hold.

As Camunda does: each such change counts while the condition is true, and one that holds already when the wait
begins fires at once. Null is "not yet".
"""

from __future__ import annotations

from typing import Any

from workflows import scripting
from workflows.errors import ElementError


def fire(instance: Any) -> bool:
    """Fire what this batch of changes makes true; False where nothing was waiting to be looked at."""
    looked = False
    for token in concerned(instance):
        if token.is_alive:
            looked = True
            instance.guard(token, lambda token=token: _look(token))
    return looked


def concerned(instance: Any) -> list[Any]:
    """Take what has changed, and return who waits for such a change."""
    changes, instance.changes = instance.changes, []
    waiting = instance.watch["condition"].values()
    return [token for token in waiting if _concerns(token, changes)]


def _concerns(token: Any, changes: list[tuple[dict[str, Any], str, str]]) -> bool:
    if token.internal_data.pop("fresh", False):
        return True
    if not changes:
        return False
    trigger, seen = token.task_spec.trigger, token.maps()
    return any(
        _is_about(trigger, name) and (not trigger.changes or how in trigger.changes)
        for holder, name, how in changes
        if any(holder is each for each in seen)
    )


def _is_about(trigger: Any, name: str) -> bool:
    if trigger.variable is not None:
        return bool(name == trigger.variable)
    return scripting.mentions(trigger.text, name)


def _look(token: Any) -> None:
    spec = token.task_spec
    found = token.evaluate(spec.trigger.text)
    if found is True:
        spec.triggered(token)
    elif found is not None and found is not False:
        token.instance.unwatch(token)
        raise ElementError(spec.name, f"the condition {spec.trigger.text!r} gives {found!r}")
