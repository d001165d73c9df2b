"""The verbs: pure functions from a state to a Step; the clock comes in, nothing goes out but the Step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from rules import feel
from workflows import clock, presence, routing, state
from workflows.assigning import user_task
from workflows.catalog import Deployment
from workflows.errors import ElementError, NotOpenError, StarvedError, UnknownProcessError
from workflows.instance import Instance
from workflows.step import Closed, ServiceCall, Step, Subscription, UserTask


def start(
    deployment: Deployment,
    process: str,
    variables: Mapping[str, Any],
    now: datetime,
    business_key: str,
    message: str | None = None,
    at: str | None = None,
) -> Step:
    """Begin a process, at a start event or by a message where one is named; raise UnknownProcessError."""
    if process not in deployment.processes:
        raise UnknownProcessError(process)
    instance = Instance(deployment, process, now)
    instance.business_key = business_key
    instance.plant("0.0")
    instance.data.update(feel.to_feel(dict(variables)))
    first = _first(instance, message, at)
    if first is None:
        raise UnknownProcessError(f"{process} started by {at or message or 'nothing but a call'}")
    instance.begin(first)
    instance.advance()
    return _step(instance)


def _first(instance: Instance, message: str | None, at: str | None) -> str | None:
    spec = instance.spec
    if at is not None:
        return next((start.name for start in spec.starts() if start.name == at), None)
    return spec.message_start(message) if message else spec.first_start()


def complete(
    deployment: Deployment, before: bytes, key: str, result: Mapping[str, Any], now: datetime
) -> Step:
    """Give the result of a user task or service call; raise NotOpenError."""
    instance = state.load(before, deployment, now)
    token = _open(instance, key)
    token.task_spec.take_result(token, feel.to_feel(dict(result)))
    if not token.task_spec.waits_for_machine:
        instance.closed.append(Closed(key, "completed"))
    instance.guard(token, token.complete)
    instance.advance()
    return _step(instance)


def fail(
    deployment: Deployment,
    before: bytes,
    key: str,
    error_code: str,
    message: str,
    variables: Mapping[str, Any],
    now: datetime,
) -> Step:
    """Raise a BPMN error at a task; uncaught, it is an incident there. Raises NotOpenError."""
    instance = state.load(before, deployment, now)
    token = _open(instance, key)
    values = feel.to_feel(dict(variables))
    instance.guard(token, lambda: routing.throw_error(token, error_code, message, values))
    instance.withdrawn = [each for each in instance.withdrawn if each != key]
    if token.is_alive and not token.task_spec.waits_for_machine:
        # Nobody caught it: the person is done, and a retry asks anew.
        instance.closed.append(Closed(key, "cancelled"))
    instance.advance()
    return _step(instance)


def _open(instance: Instance, key: str) -> Any:
    token = instance.index.get(key)
    if token is None or not state.is_open(token):
        raise NotOpenError(key)
    return token


def receive(
    deployment: Deployment,
    before: bytes,
    *,
    message: str | None = None,
    signal: str | None = None,
    payload: Mapping[str, Any],
    now: datetime,
    element: str | None = None,
    key: str | None = None,
) -> Step:
    """Hand a message to its one receiver (NotAwaitedError otherwise), or a signal to all who await it.

    `element` and `key` say where the receiver is, and which token: several may await one message.
    """
    instance = state.load(before, deployment, now)
    values = feel.to_feel(dict(payload))
    if message is not None:
        routing.message(instance, message, values, element, key)
    else:
        routing.signal(instance, signal or "", values)
    instance.advance()
    return _step(instance)


def tick(deployment: Deployment, before: bytes, now: datetime) -> Step:
    """Fire the timers that are due; a step without events where none is."""
    instance = state.load(before, deployment, now)
    instance.tick(now)
    return _step(instance)


def cancel(deployment: Deployment, before: bytes, now: datetime) -> Step:
    """End an instance at once, whatever it waits for."""
    instance = state.load(before, deployment, now)
    instance.end_cancelled()
    return _step(instance)


def retry(
    deployment: Deployment,
    before: bytes,
    key: str,
    now: datetime,
    variables: Mapping[str, Any] | None = None,
) -> Step:
    """Try an element again that stands at an incident, after setting variables.

    Raises NotOpenError, and StarvedError for a join that would leave out a branch.
    """
    instance = state.load(before, deployment, now)
    token = instance.index.get(key)
    if token is None or "incident" not in token.internal_data:
        raise NotOpenError(key)
    token.write_outside(feel.to_feel(dict(variables or {})))
    del token.internal_data["incident"]
    instance.note(token.task_spec, "retried", token)
    instance.guard(token, lambda: _again(instance, token))
    instance.advance()
    return _step(instance)


def _again(instance: Instance, token: Any) -> None:
    memo, inner = token.internal_data, instance.subprocesses.get(token.id)
    if memo.pop("done", False):
        token.complete()
    elif inner is not None:
        token.task_spec.scope_finished(token, inner)
    elif "arrived" in memo and token.task_spec.needs_all:
        raise StarvedError(token.task_spec.name)
    elif "arrived" in memo:
        token.task_spec.open(token)
    else:
        token._set_state(TaskState.FUTURE)
        token.task_spec._update(token)


def variables(before: bytes, deployment: Deployment, now: datetime) -> dict[str, Any]:
    """Return the variables of the instance itself, for an operator to read."""
    return dict(state.load(before, deployment, now).data)


def _step(instance: Instance) -> Step:
    opened, calls = _opened(instance), _calls(instance)
    places = {} if instance.completed else presence.places(instance)
    return Step(
        state=state.save(instance),
        opened=opened,
        closed=tuple(instance.closed),
        calls=calls,
        withdrawn=tuple(instance.withdrawn),
        next_due=None if instance.completed else clock.next_due(instance),
        subscriptions=() if instance.completed else _subscriptions(instance),
        sent=tuple(instance.sent),
        milestones=tuple(instance.milestones),
        events=tuple(instance.events),
        incidents=tuple(instance.new_incidents),
        variables=dict(instance.data),
        overtaken=tuple(instance.overtaken),
        tokens=tuple(places),
        finished=_finished(instance),
        cancelled=instance.was_cancelled,
        timers=() if instance.completed else presence.waiting_timers(instance),
        crowds=presence.crowds(places),
        changes=presence.changed(instance),
    )


def _opened(instance: Instance) -> tuple[UserTask, ...]:
    found = []
    for token in instance.opened:
        try:
            found.append(user_task(token))
        except ElementError as error:
            instance.halt(token, error.why)
    return tuple(found)


def _calls(instance: Instance) -> tuple[ServiceCall, ...]:
    return tuple(
        ServiceCall(
            token.id, token.task_spec.handler, token.task_spec.name, feel.to_plain_json(dict(token.data))
        )
        for token in instance.called
        if token.is_alive
    )


def _subscriptions(instance: Instance) -> tuple[Subscription, ...]:
    return tuple(
        Subscription(
            token.id,
            kind,
            token.awaited[1],
            token.task_spec.awaited_at,
            tuple(tuple(key) for key in token.internal_data.get("wants", ())),
            own if (own := token.scope.business_key) != instance.business_key else None,
        )
        for kind in ("message", "signal")
        for token in instance.watch[kind].values()
        if token.awaited[1]
    )


def _finished(instance: Instance) -> str | None:
    if not instance.completed:
        return None
    return "cancelled" if instance.was_cancelled else (instance.end_event or "ended")
