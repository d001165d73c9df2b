"""What is kept of a step for people to see, so that no page needs the engine's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import workflows
from app.columns import dump_json
from rules import feel

LONGEST_VALUE = 2_000  # characters of JSON; of what is longer only the length is kept


def standing_of(step: workflows.Step) -> dict[str, Any]:
    """Return where the instance now stands: its tokens, and all that is waited for.

    `many` counts the tokens of elements at which more than one stands; `correlation` has the keys that the
    waiting tokens want.
    """
    standing: dict[str, Any] = {
        "tokens": [list(token) for token in step.tokens],
        "awaits": [[s.key, s.kind, s.name, s.element] for s in step.subscriptions],
        "next_due": step.next_due.isoformat() if step.next_due else None,
    }
    keys = {s.key: [list(key) for key in s.correlation] for s in step.subscriptions if s.correlation}
    if keys:
        standing["correlation"] = keys
    own = {s.key: s.business_key for s in step.subscriptions if s.business_key is not None}
    if own:
        standing["business_keys"] = own
    if step.timers:
        standing["timers"] = [[t.key, t.process, t.element, t.due.isoformat(), t.every] for t in step.timers]
    if step.crowds:
        standing["many"] = [[crowd.process, crowd.element, crowd.count] for crowd in step.crowds]
    return standing


def changes_of(step: workflows.Step) -> list[dict[str, Any]]:
    """Return the variables that a step changed, by the process that has them, as typed JSON of FEEL."""
    return [_change(change) for change in step.changes]


def _change(change: workflows.Change) -> dict[str, Any]:
    return {"process": change.process, "scope": change.scope, **kept_of(change.values)}


def kept_of(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables as typed JSON of FEEL: `set`, and the lengths of those that are too `long`."""
    values = feel.to_typed_json(dict(variables))
    lengths = {name: len(dump_json(value)) for name, value in values.items()}
    kept: dict[str, Any] = {
        "set": {name: value for name, value in values.items() if lengths[name] <= LONGEST_VALUE}
    }
    if long := _too_long(lengths):
        kept["long"] = long
    return kept


def _too_long(lengths: Mapping[str, int]) -> dict[str, int]:
    return {name: length for name, length in lengths.items() if length > LONGEST_VALUE}
