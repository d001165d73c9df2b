"""Who catches what: errors climb, messages and signals are looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.errors import ElementError, NotAwaitedError


def catchers(token: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Yield every activity around a token with its boundary events, nearest first."""
    while token is not None:
        scope = token.scope
        yield token, [scope.spec.task_specs[name] for name in token.task_spec.boundaries]
        token = scope.host


def throw_error(token: Any, code: str, message: str, values: Mapping[str, Any] | None = None) -> None:
    """Let the nearest boundary catch an error; raise ElementError where none does."""
    instance = token.instance
    instance.note(token.task_spec, "thrown", token, error=code, message=message)
    found = _catcher(token, code)
    if found is None:
        raise ElementError(token.task_spec.name, f"the error {code} is caught nowhere: {message}")
    host, catcher = found
    instance.note(catcher, "caught", host, error=code)
    catcher.fire(host, {**(values or {}), **catcher.trigger.told(code, message)})


def _catcher(token: Any, code: str) -> tuple[Any, Any] | None:
    """Return the nearest boundary for this error; on one activity its own goes before one for any error."""
    for host, boundaries in catchers(token):
        for wanted in (code, None):
            for catcher in boundaries:
                if catcher.trigger.kind == "error" and catcher.trigger.text == wanted:
                    return host, catcher
    return None


def subscribers(instance: Any, kind: str, name: str, element: str | None = None) -> list[Any]:
    """Return the tokens that await this message or signal, the oldest first."""
    return [
        token
        for token in instance.watch[kind].values()
        if token.task_spec.awaited == (kind, name) and element in (None, token.task_spec.name)
    ]


def message(instance: Any, name: str, values: Mapping[str, Any], element: str | None = None) -> None:
    """Hand a message to the one token that awaits it; raise NotAwaitedError otherwise."""
    found = subscribers(instance, "message", name, element)
    if len(found) != 1:
        raise NotAwaitedError(name, len(found))
    _hand(instance, found[0], "message", name, values)


def signal(instance: Any, name: str, values: Mapping[str, Any]) -> int:
    """Hand a signal to every token that awaits it now; return to how many."""
    found = subscribers(instance, "signal", name)
    for token in found:
        if token.is_alive:
            _hand(instance, token, "signal", name, values)
    return len(found)


def _hand(instance: Any, token: Any, kind: str, name: str, values: Mapping[str, Any]) -> None:
    token.take(values)
    instance.note(token.task_spec, "caught", token, **{kind: name})
    instance.guard(token, lambda: token.task_spec.triggered(token))
