"""Who catches what: errors climb, messages and signals are looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.errors import ElementError, NotAwaitedError


def catchers(token: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Yield what may catch at each stage of the way outwards, with the token that it would catch at.

    First the boundary events of an activity, then the event subprocesses of its scope; those of a scope do
    not catch what happens inside one of them. Those of a subprocess that was completed and is being undone,
    and of an instance that is cancelled, listen no longer.
    """
    while token is not None:
        token = token.wrapper
        spec, scope = token.task_spec, token.scope
        if "again" not in token.internal_data:
            yield token, [scope.spec.task_specs[name] for name in spec.boundaries]
        if not (spec.is_event_subprocess or scope.is_over):
            yield token, [scope.spec.task_specs[name] for name in scope.spec.event_subprocesses]
        token = scope.host


def throw_error(token: Any, code: str, message: str, values: Mapping[str, Any] | None = None) -> None:
    """Let the nearest catcher have an error; raise ElementError where there is none."""
    instance = token.instance
    instance.note(token.task_spec, "thrown", token, error=code, message=message)
    found = _catcher(token, "error", code)
    if found is None:
        raise ElementError(token.task_spec.name, f"the error {code} is caught nowhere: {message}")
    _catch(token, found, "error", code, {**(values or {}), **found[1].trigger.told(code, message)})


def throw_escalation(token: Any, code: str) -> None:
    """Let the nearest catcher have an escalation; where there is none, it only stands in the history."""
    instance = token.instance
    found = _catcher(token, "escalation", code)
    instance.note(token.task_spec, "thrown", token, escalation=code, is_caught=found is not None)
    if found is not None:
        _catch(token, found, "escalation", code, found[1].trigger.told(code, ""))


def _catch(thrower: Any, found: tuple[Any, Any], kind: str, code: str, values: Mapping[str, Any]) -> None:
    token, catcher = found
    _hand_out(thrower, token.scope)
    token.instance.note(catcher, "caught", token, **{kind: code})
    catcher.fire(token, values)


def _hand_out(thrower: Any, scope: Any) -> None:
    """Let the calls that an error or escalation leaves give out what they map, as if they had ended."""
    inner = thrower.scope
    while inner is not scope:
        inner.host.task_spec.hand_out(inner.host, inner)
        inner = inner.host.scope


def _catcher(token: Any, kind: str, code: str) -> tuple[Any, Any] | None:
    """Return who catches; at one stage the one for this code goes before one for any."""
    for host, waiting in catchers(token):
        for wanted in (code, None):
            for catcher in waiting:
                if catcher.trigger.kind == kind and catcher.trigger.text == wanted:
                    return host, catcher
    return None


def cancel_transaction(token: Any) -> None:
    """End a transaction that was undone, by its cancel boundary event; `check` saw that it has one."""
    host = token.scope.host.wrapper
    specs = host.scope.spec.task_specs
    catcher = next(specs[name] for name in host.task_spec.boundaries if specs[name].trigger.kind == "cancel")
    token.instance.note(catcher, "caught", host)
    catcher.fire(host)


def subscribers(instance: Any, kind: str, name: str, element: str | None = None) -> list[Any]:
    """Return the tokens that await this message or signal, the oldest first."""
    return [
        token
        for token in instance.watch[kind].values()
        if token.awaited == (kind, name)
        and element in (None, token.task_spec.name, token.task_spec.awaited_at)
    ]


def message(
    instance: Any,
    name: str,
    values: Mapping[str, Any],
    element: str | None = None,
    key: str | None = None,
) -> None:
    """Hand a message to the one token that awaits it; raise NotAwaitedError otherwise."""
    found = [t for t in subscribers(instance, "message", name, element) if key in (None, t.id)]
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
