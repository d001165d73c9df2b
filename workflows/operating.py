"""What an operator does where an instance stands wrong: move tokens, end incidents, set timers and variables.

Pure functions as the other verbs. What cannot be done is refused before anything is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from rules import feel
from workflows import clock, routing, running, state
from workflows.catalog import Deployment
from workflows.errors import ElementError, NotMovableError, NotOpenError, UncaughtError, UnknownProcessError
from workflows.instance import Instance
from workflows.specs.gateways import Join
from workflows.specs.races import win_race
from workflows.step import Step

_EMBEDDED = ("subProcess", "transaction")
_DEPENDENT = "it goes with another element"
# Why a token is no place of its own, by what its memo holds.
_BOUND = {
    "host": _DEPENDENT,
    "listener": _DEPENDENT,
    "of": "it is one round of several; move the activity as a whole",
    "job": "it undoes what was done",
}


def move(
    deployment: Deployment, before: bytes, process: str, source: str, target: str, now: datetime
) -> Step:
    """Take every token off an element and put it on another; what ran at the first is cancelled.

    `target` is in the same process: in the token's own scope, around it (the subprocess is left), or inside a
    subprocess, which is opened. Raises NotMovableError.
    """
    instance = state.load(before, deployment, now)
    found = list(_at(instance, process, source))
    tokens = [token for token in found if _bound(token) is None]
    if not tokens:
        whys = [why for token in found if (why := _bound(token)) not in (None, _DEPENDENT)]
        raise NotMovableError(source, target, whys[0] if whys else "nothing stands there")
    for token in tokens:
        if token.is_alive:  # a token that left its subprocess has taken the others there along
            _put(token, target)
    instance.advance()
    return running._step(instance)


def skip(deployment: Deployment, before: bytes, key: str, target: str, now: datetime) -> Step:
    """Leave an element that cannot go on for another one, without its result. Raises NotMovableError."""
    instance = state.load(before, deployment, now)
    token = _standing(instance, key)
    if why := _bound(token):
        raise NotMovableError(token.task_spec.name, target, why)
    _put(token, target)
    instance.advance()
    return running._step(instance)


def raise_error(
    deployment: Deployment, before: bytes, key: str, code: str, message: str, now: datetime
) -> Step:
    """Let the diagram deal with an element that cannot go on; raise UncaughtError where nothing does."""
    instance = state.load(before, deployment, now)
    token = _standing(instance, key)
    try:
        routing.throw_error(token, code, message)
    except ElementError as error:
        raise UncaughtError(token.task_spec.name, code) from error
    instance.advance()
    return running._step(instance)


def call_again(
    deployment: Deployment, before: bytes, key: str, variables: Mapping[str, Any], now: datetime
) -> Step:
    """Set variables and ask a machine anew, its inputs evaluated again; the former call is withdrawn.

    Raises NotOpenError where no call is awaited.
    """
    instance = state.load(before, deployment, now)
    token = instance.index.get(key)
    if token is None or not (token.task_spec.waits_for_machine and state.is_open(token)):
        raise NotOpenError(key)
    token.write_outside(feel.to_feel(dict(variables)))
    instance.withdrawn.append(key)
    instance.note(token.task_spec, "retried", token)
    token._set_state(TaskState.FUTURE)
    instance.guard(token, lambda: token.task_spec._update(token))
    instance.advance()
    return running._step(instance)


def change(deployment: Deployment, before: bytes, variables: Mapping[str, Any], now: datetime) -> Step:
    """Set variables of the instance itself; conditional events see it."""
    instance = state.load(before, deployment, now)
    instance.task_tree.write(feel.to_feel(dict(variables)))
    instance.advance()
    return running._step(instance)


def reschedule(
    deployment: Deployment, before: bytes, process: str, element: str, due: datetime, now: datetime
) -> Step:
    """Set when the timers that wait at an element are due; a cycle goes on from there.

    Raises NotOpenError where none waits.
    """
    instance = state.load(before, deployment, now)
    waiting = [token for token in _at(instance, process, element) if token.id in instance.watch["timer"]]
    if not waiting:
        raise NotOpenError(element)
    for token in waiting:
        clock.reschedule(token, due)
        instance.note(token.task_spec, "rescheduled", token, due=due.isoformat())
    return running._step(instance)


def places(deployment: Deployment, process: str, source: str) -> tuple[str, ...]:
    """Return the elements to which a token at `source` may be moved; "": one at the process itself."""
    if process not in deployment.processes:
        raise UnknownProcessError(process)
    own = [
        spec
        for spec in deployment.specs.values()
        if spec.process_id == process and source in spec.task_specs and spec.name != process
    ]
    found = {
        name: None for spec in (deployment.specs[process], *own) for name in _enterable(deployment, spec)
    }
    return tuple(name for name in found if name != source)


def _enterable(deployment: Deployment, process: Any) -> Iterator[str]:
    """Yield what a token may enter in a process or subprocess, and in the subprocesses that it may open."""
    for spec in process.task_specs.values():
        if _why_not(process, spec) is None:
            yield str(spec.name)
        if _opens(spec):
            yield from _enterable(deployment, deployment.specs[spec.spec])


def _at(instance: Instance, process: str, element: str) -> Iterator[Any]:
    for token in list(instance.index.values()):
        spec = token.task_spec
        if token.scope.process_id == process and element in (spec.name, spec.awaited_at):
            yield token


def _bound(token: Any) -> str | None:
    """Return why a token is no place of its own; None for one that is."""
    return next((why for name, why in _BOUND.items() if name in token.internal_data), None)


def _standing(instance: Instance, key: str) -> Any:
    """Return the token of an incident: one that the engine met, or a service call that was given up."""
    token = instance.index.get(key)
    if token is None or not ("incident" in token.internal_data or state.is_open(token)):
        raise NotOpenError(key)
    return token


def _put(token: Any, target: str) -> None:
    """Move one token: out of its scope as far as need be, then in as far as need be."""
    source = token.task_spec.name
    leaving, inward = _way(token, target)
    scope = leaving.scope
    token.instance.note(token.task_spec, "moved", token, to=target)
    win_race(leaving)
    leaving.cancel()
    try:
        for spec in inward[:-1]:
            scope = _open(scope, spec)
    except ElementError as error:
        raise NotMovableError(source, target, error.why) from error
    scope.spawn(target, via=_arrival(scope, inward[-1]))


def _way(token: Any, target: str) -> tuple[Any, list[Any]]:
    """Return which token leaves, the moved one or a subprocess around it, and what is entered one by one."""
    source, leaving = token.task_spec.name, token
    while True:
        inward = _inward(leaving.scope.deployment, leaving.scope.spec, source, target)
        if inward:
            return leaving, inward
        if leaving.scope.is_process:
            raise NotMovableError(source, target, "it is no element of this process")
        leaving = leaving.scope.host.wrapper
        if "job" in leaving.internal_data:
            raise NotMovableError(source, target, _BOUND["job"])


def _inward(deployment: Deployment, process: Any, source: str, target: str) -> list[Any]:
    """Return the subprocesses from here to an element, and the element last; none where it is not inside."""
    if target in process.task_specs:
        spec = process.task_specs[target]
        if why := _why_not(process, spec):
            raise NotMovableError(source, target, why)
        return [spec]
    for spec in process.task_specs.values():
        if spec.kind in _EMBEDDED:
            found = _inward(deployment, deployment.specs[spec.spec], source, target)
            if found and not _opens(spec):
                raise NotMovableError(source, target, f"{spec.name} begins by itself")
            if found:
                return [spec, *found]
    return []


def _opens(spec: Any) -> bool:
    """Whether a token that is put inside opens this subprocess, without its own beginning."""
    return spec.kind in _EMBEDDED and not spec.is_event_subprocess and spec.repeats is None


def _why_not(process: Any, spec: Any) -> str | None:
    if spec.kind == "boundaryEvent" or spec.is_event_subprocess or spec.name in process.handlers:
        return "no token enters there by itself"
    return None


def _open(scope: Any, spec: Any) -> Any:
    """Open a subprocess without its own beginning; its boundary events listen."""
    instance = scope.top_workflow
    host = scope.place(spec, instance.next_id(), TaskState.STARTED)
    instance.note(spec, "entered", host)
    instance.reach(spec)
    spec.enter(host)
    inner = spec.open(host)
    for name in inner.spec.event_subprocesses:
        inner.spec.task_specs[name].listen(inner)
    return inner


def _arrival(scope: Any, spec: Any) -> str | None:
    """Return the flow along which a moved token comes to a join: the first that still lacks a token."""
    if not isinstance(spec, Join) or len(spec.incoming) < 2:
        return None
    waiting = [each for each in scope.tokens() if each.task_spec is spec and "arrived" in each.internal_data]
    lacking = spec.empty(waiting[0]) if waiting else []
    return str((lacking or spec.incoming)[0].id)
