"""Undoing what was completed: a scope's ledger is worked off in reverse, one group of handlers at a time.

BPMN 2.0.2, 13.5.5. A scope remembers each activity that was completed and can be undone. Handlers of one
multi-instance activity run together, everything else strictly one after the other.
"""

from __future__ import annotations

from typing import Any, Final

from rules import feel
from workflows.errors import ElementError

MOST: Final = 10_000
"""Entries of one ledger; a loop that completes what can be undone adds one each round."""

Entry = dict[str, Any]
"""JSON's values: `number` (the order), `activity`, `of` (its multi-instance), `data` (its locals), and
`handler`, or `again`: the ledger of a completed subprocess; of a call that was running, `called` too: the
process, the key of its deployment, its business key and its variables."""


def remember(token: Any) -> None:
    """Note a completed activity that can be undone."""
    spec, memo, scope = token.task_spec, token.internal_data, token.scope
    if spec.undone_by is None and "undo" not in memo:
        return
    entry: Entry = {
        "number": int(token.instance.next_id()),
        "activity": spec.name,
        "of": memo.get("of") if spec.repeats is None or spec.repeats.undone_together else None,
        "data": feel.to_typed_json(token.data),
    }
    if spec.undone_by is not None:
        entry["handler"] = spec.undone_by
    else:
        entry["again"] = memo["undo"]
    scope.ledger.append(entry)


def check_room(token: Any) -> None:
    """Raise ElementError where a ledger is full: it would grow without end."""
    if len(token.scope.ledger) >= MOST:
        raise ElementError(token.task_spec.name, f"more than {MOST} completed activities wait to be undone")


def target(scope: Any) -> Any:
    """Return the scope that a throw is about: in an event subprocess, the one around it."""
    while scope.host is not None and scope.host.task_spec.is_event_subprocess:
        scope = scope.host.scope
    return scope


def start(thrower: Any, scope: Any, activity: str | None = None) -> bool:
    """Take what matches out of the ledger and begin with the last; False when nothing is to be undone."""
    taken = [entry for entry in scope.ledger if activity in (None, entry["activity"])]
    if not taken:
        return False
    numbers = {entry["number"] for entry in taken}
    scope.ledger = [entry for entry in scope.ledger if entry["number"] not in numbers]
    memo = thrower.internal_data
    memo["groups"], memo["undoing"] = _groups(taken), 0
    memo["scope"] = scope.host.id if scope.host is not None else None
    _begin_group(thrower)
    return True


def _groups(entries: list[Entry]) -> list[list[Entry]]:
    """Put the entries of one multi-instance together, where its last stands."""
    found: dict[Any, list[Entry]] = {}
    for entry in entries:
        key = entry["of"] or ("alone", entry["number"])
        found[key] = [*found.pop(key, []), entry]
    return list(found.values())


def _begin_group(thrower: Any) -> None:
    memo, instance = thrower.internal_data, thrower.instance
    scope = instance.subprocesses[memo["scope"]] if memo["scope"] is not None else instance
    group = memo["groups"].pop()
    memo["undoing"] = len(group)
    for entry in group:
        data = feel.from_typed_json(entry["data"])
        if "handler" in entry:
            scope.spawn(entry["handler"], data=data, job=thrower.id)
        else:
            memo = {name: entry[name] for name in ("again", "called") if name in entry}
            scope.spawn(entry["activity"], data=data, job=thrower.id, **memo)


def done(instance: Any, thrower_id: str) -> None:
    """Count a handler that has ended; after the last of its group the group before it begins."""
    thrower = instance.index[thrower_id]
    memo = thrower.internal_data
    memo["undoing"] -= 1
    if memo["undoing"]:
        return
    if memo["groups"]:
        _begin_group(thrower)
    elif "ending" in memo:
        instance.end_cancelled()
    else:
        del memo["groups"]
        instance.guard(thrower, lambda: thrower.task_spec.undone(thrower))


def abandon(thrower: Any) -> None:
    """Stop undoing with the event that asked for it; what was not begun stays to be undone."""
    instance, memo = thrower.instance, thrower.internal_data
    left = [entry for group in memo.pop("groups") for entry in group]
    scope = instance.subprocesses.get(memo["scope"]) if memo["scope"] is not None else instance
    if scope is not None:
        scope.ledger = sorted([*scope.ledger, *left], key=lambda entry: int(entry["number"]))
    for token in list(instance.index.values()):
        if token.internal_data.get("job") == thrower.id and token.is_alive:
            token.cancel()
