"""An instance to bytes and back: live tokens and variables, nothing of the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from workflows import presence
from workflows.errors import WorkflowError
from workflows.instance import Instance
from workflows.scopes import Subscope
from workflows.values import Out, dumps, has_tags, read

VERSION = 2
_FIRST_WATCHED = ("timer", "message", "signal", "join")
"""What version 1 kept on watch; it had no ledgers either."""


class UnknownStateError(WorkflowError):
    """These bytes were written by another version of this code, or are no state at all."""

    def __init__(self, version: object) -> None:
        super().__init__(f"a state of version {version!r} cannot be read; this is version {VERSION}")


class NoStateError(UnknownStateError):
    """These bytes are no state: an instance that has ended has none."""

    def __init__(self, state: bytes) -> None:
        begins = f", which begin {state[:20]!r}" if state else ""
        WorkflowError.__init__(self, f"{len(state)} bytes{begins} are no state of an instance")


def save(instance: Instance) -> bytes:
    """Return the state; empty when the instance has ended."""
    if instance.completed:
        return b""
    watch = {kind: list(keys) for kind, keys in instance.watch.items() if keys}
    # An end event that was reached tells how the instance ends, should nothing after it do so.
    ended = [instance.end_event] if instance.end_event else []

    def whole(out: Out) -> list[Any]:
        scopes = [_scope_row(scope, out) for scope in (instance, *instance.subprocesses.values())]
        return [VERSION, instance.serial, instance.business_key, scopes, watch, *ended]

    return dumps(whole)


def _scope_row(scope: Any, out: Out) -> list[Any]:
    tokens = [
        [
            token.id,
            token.task_spec.name,
            token._state,
            token.internal_data or 0,
            out(token.data) if token.data else 0,
        ]
        for token in scope.tokens()
    ]
    host = scope.host.id if scope.host is not None else None
    row = [host, scope.spec.name, out(scope.data) if scope.data else 0, tokens, scope.ledger]
    bound = (scope.deployment_key, scope.own_business_key)
    return row if bound == (None, None) else [*row, *bound]


def load(state: bytes, deployment: Any, now: datetime) -> Instance:
    """Read a state back on the deployment that it was written on."""
    version, *rest = _opened(state)
    if version not in (1, VERSION):
        raise UnknownStateError(version)
    if len(rest) < 4:
        raise NoStateError(state)
    serial, business_key, scopes, watch, *ended = rest
    if version == 1:
        scopes = [[*row, []] for row in scopes]
        watch = dict(zip(_FIRST_WATCHED, watch, strict=True))
    instance = Instance(deployment, scopes[0][1], now)
    instance.serial, instance.business_key = serial, business_key
    instance.end_event = ended[0] if ended else None
    tagged = has_tags(state)
    for row in scopes:
        _read_scope(instance, deployment, row, tagged)
    for kind, keys in watch.items():
        instance.watch[kind] = {key: instance.index[key] for key in keys}
    instance.fresh = [each for each in instance.watch["condition"].values() if "fresh" in each.internal_data]
    presence.remember(instance)
    return instance


def _opened(state: bytes) -> list[Any]:
    """Return the version and what follows it; raise NoStateError."""
    try:
        found = orjson.loads(state)
    except orjson.JSONDecodeError as error:
        raise NoStateError(state) from error
    if not isinstance(found, list) or not found:
        raise NoStateError(state)
    return found


def _read_scope(instance: Instance, deployment: Any, row: list[Any], tagged: bool) -> None:
    host_key, name, values, tokens, ledger, *bound = row
    scope: Any = instance
    if host_key is not None:
        host = instance.index[host_key]
        key, own = bound or (None, None)
        of = host.scope.deployment if key is None else deployment.others.get(key)
        scope = Subscope(of.specs[name], host, instance, of, key)
        scope.own_business_key = own
        instance.subprocesses[host_key] = scope
    scope.plant(f"{host_key or '0'}.0")
    scope.ledger = ledger
    scope.data = read(values, tagged)
    place, specs = scope.place, scope.spec.task_specs
    for key, element, status, memo, locals_ in tokens:
        place(specs[element], key, status, memo or None, read(locals_, tagged) if locals_ else None)
    if host_key is not None and "incident" not in scope.host.internal_data and scope.is_exhausted:
        instance.touch(scope)  # what went on without end was stopped before this scope was ended


def rewritten(state: bytes, change: Callable[[Any], Any]) -> bytes:
    """Return a state whose variables, as JSON has them, are what `change` makes of them.

    Also copies of them: in ledgers of what can be undone, of rounds to come, and in what an incident says.
    Keys by which messages find who awaits them stay, or nothing would come any more.
    """
    if not state:
        return state
    found = _opened(state)
    for row in found[3]:
        row[2] = change(row[2])
        for token in row[3]:
            token[3], token[4] = _memo_rewritten(token[3], change), change(token[4])
        row[4:5] = [_ledger_rewritten(ledger, change) for ledger in row[4:5]]  # version 1 has none
    return orjson.dumps(found)


def _memo_rewritten(memo: Any, change: Callable[[Any], Any]) -> Any:
    """Rewrite what a token, or an entry of a ledger, notes of variables."""
    if not memo:
        return memo
    found = {**memo}
    for name in ("data", "items", "incident"):
        if name in memo:
            found[name] = change(memo[name])
    for name in ("undo", "again"):
        if name in memo:
            found[name] = _ledger_rewritten(memo[name], change)
    if "groups" in memo:
        found["groups"] = [_ledger_rewritten(group, change) for group in memo["groups"]]
    if "called" in memo:
        *bound, variables = memo["called"]
        found["called"] = [*bound, change(variables)]
    return found


def _ledger_rewritten(ledger: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    return [_memo_rewritten(entry, change) for entry in ledger]


def is_open(token: Any) -> bool:
    """Say whether somebody outside may complete this token."""
    if "repeats" in token.internal_data:
        return False
    if token.task_spec.kind in ("userTask", "manualTask"):
        return bool(token.state == TaskState.READY)
    return bool(token.task_spec.waits_for_machine and token.state == TaskState.STARTED)
