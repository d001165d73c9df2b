"""Conditional events: looked at when a variable that they read was written, fired while they hold.

As Camunda does: each such change counts while the condition is true, and one that holds already when the wait
begins fires at once. Null is "not yet".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from workflows import scripting
from workflows.errors import ElementError

_ANY = ""
"""In the place of a name: expressions, which may read whatever is not written as one word."""


class Readers:
    """Who waits for which variable: found without asking everybody, however many wait.

    A variable is the map that holds it, and its name. Who waits no longer is dropped when it is met.
    """

    def __init__(self, waiting: dict[str, Any]) -> None:
        self._waiting = waiting
        self._known: dict[tuple[int, str], dict[str, Any]] = defaultdict(dict)
        for token in waiting.values():
            self.add(token)

    def add(self, token: Any) -> None:
        trigger = token.task_spec.trigger
        names = {_ANY, *scripting.words(trigger.text)} if trigger.variable is None else {trigger.variable}
        for holder in token.holders():
            for name in names:
                self._known[id(holder), name][token.id] = token

    def of(self, holder: dict[str, Any], name: str) -> Iterator[Any]:
        """Yield who reads a variable, whoever may read it included."""
        for each in (name,) if name.isidentifier() else (name, _ANY):
            known = self._known.get((id(holder), each), {})
            waiting = {key: token for key, token in known.items() if self._waiting.get(key) is token}
            self._known[id(holder), each] = waiting  # who is gone is not looked at again
            yield from list(waiting.values())


def begin(token: Any) -> None:
    """Note that a condition is waited for: it is looked at in any case once."""
    instance = token.instance
    token.internal_data["fresh"] = True
    instance.fresh.append(token)
    if instance.readers is not None:
        instance.readers.add(token)


def fire(instance: Any) -> bool:
    """Fire what this batch of changes makes true; False where nothing was waiting to be looked at."""
    looked = False
    for token in _concerned(instance):
        if token.is_alive:
            looked = True
            instance.guard(token, lambda token=token: _look(token))
    return looked


def _concerned(instance: Any) -> list[Any]:
    """Take what has changed, and return who waits for such a change, the oldest first."""
    changes, instance.changes = instance.changes, []
    fresh, instance.fresh = instance.fresh, []
    found = {token.id: token for token in fresh if token.internal_data.pop("fresh", False)}
    if changes and instance.readers is None:
        instance.readers = Readers(instance.watch["condition"])
    for holder, name, how in changes:
        for token in instance.readers.of(holder, name):
            kinds = token.task_spec.trigger.changes
            if not kinds or how in kinds:
                found[token.id] = token
    return sorted(found.values(), key=lambda token: int(token.id))


def _look(token: Any) -> None:
    spec = token.task_spec
    found = token.evaluate(spec.trigger.text)
    if found is True:
        spec.triggered(token)
    elif found is not None and found is not False:
        token.instance.unwatch(token)
        raise ElementError(spec.name, f"the condition {spec.trigger.text!r} gives {found!r}")
