"""An operator's verbs on an instance: what each would do, and doing it, inside an open transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import workflows
from app.database import Transaction
from app.errors import ConflictError, InvalidError
from app.processes import deployments, reasons, suspending
from app.processes.elsewhere import runnable
from app.processes.loaded import Loaded
from app.processes.projections import Cause, record
from app.wording import worded
from rules import feel


class Verb(StrEnum):
    """What operators do to an instance."""

    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"
    MOVE = "move"
    SET = "set_variables"
    RESCHEDULE = "reschedule"


@dataclass(frozen=True, slots=True)
class Act:
    """One verb with what it needs, and why it is done.

    `process` and `element` say where tokens stand, or where a timer waits; no process: the instance's own.
    `undo` asks that what was done is compensated before a cancelled instance ends.
    """

    verb: Verb
    reason: str
    process: str = ""
    element: str = ""
    target: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A variable before and after, as plain JSON."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What comes of an act: what tokens leave, pass and reach, calls asked for, variables old and new."""

    leaves: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    changes: tuple[Changed, ...] = ()
    next_due: datetime | None = None
    ends: str | None = None


def check(act: Act) -> None:
    """Raise InvalidError where an act says no reason, or lacks what its verb needs."""
    wanted: dict[str, Any] = {"reason": act.reason.strip(), **_needs(act)}
    missing = {name: ["is empty"] for name, value in wanted.items() if not value}
    if missing:
        raise InvalidError("nothing was done", dict(missing))


def _needs(act: Act) -> dict[str, Any]:
    if act.verb is Verb.MOVE:
        return {"element": act.element, "target": act.target}
    if act.verb is Verb.RESCHEDULE:
        return {"element": act.element, "due_at": act.due_at}
    return {"variables": act.variables} if act.verb is Verb.SET else {}


def perform(tx: Transaction, loaded: Loaded, act: Act, by: UUID | None, now: datetime) -> Loaded:
    """Do it to a locked instance; raise ConflictError where it cannot be done."""
    if act.verb is Verb.SUSPEND:
        return suspending.suspend(tx, loaded, act.reason, by, now)
    if act.verb is Verb.RESUME:
        return suspending.resume(tx, loaded, act.reason, by, now)
    step = _step(tx, loaded, act, now)
    return record(tx, loaded, step, Cause(_CAUSES[act.verb], by, now, _told(tx, loaded, act, step, now)))


def foresee(tx: Transaction, loaded: Loaded, act: Act, now: datetime) -> Foreseen:
    """Return what `perform` would do; raise as it would."""
    if act.verb in (Verb.SUSPEND, Verb.RESUME):
        suspending.check(loaded, resuming=act.verb is Verb.RESUME)
        return Foreseen()
    step = _step(tx, loaded, act, now)
    changes = _changes(tx, loaded, act, step, now) if act.verb is Verb.SET else {}
    return of_step(loaded, step, changes)


def of_step(loaded: Loaded, step: workflows.Step, changes: Mapping[str, list[Any]] | None = None) -> Foreseen:
    """Return what people are told of a step that is not taken yet."""
    before = [element for _, element in loaded.standing.get("tokens", [])]
    after = [element for _, element in step.tokens]
    return Foreseen(
        leaves=tuple(element for element in before if element not in after),
        passes=tuple(dict.fromkeys(each.element for each in step.events if each.kind == "completed")),
        reaches=tuple(element for element in after if element not in before),
        calls=tuple(call.handler for call in step.calls),
        incidents=tuple(f"{incident.element}: {incident.message}" for incident in step.incidents),
        changes=tuple(Changed(name, was, now) for name, (was, now) in (changes or {}).items()),
        next_due=step.next_due,
        ends=step.finished,
    )


def deployment_of(tx: Transaction, loaded: Loaded) -> workflows.Deployment:
    """Return what an instance runs on; raise ConflictError where it has ended."""
    if loaded.finished:
        raise ConflictError("this has ended")
    return runnable(tx, deployments.snapshot(tx, loaded.deployment_id))


def refusal(error: workflows.WorkflowError) -> ConflictError:
    """Return what the engine refuses as the people at the desk are told it."""
    return ConflictError(reasons.find(str(error)))


def _step(tx: Transaction, loaded: Loaded, act: Act, now: datetime) -> workflows.Step:
    deployment = deployment_of(tx, loaded)
    try:
        return _STEPS[act.verb](deployment, loaded, act, now)
    except (workflows.NotMovableError, workflows.UndoingError) as error:
        raise refusal(error) from error
    except workflows.NotOpenError as error:
        raise ConflictError(worded("no timer waits at {element}", element=act.element)) from error


def _move(deployment: workflows.Deployment, loaded: Loaded, act: Act, now: datetime) -> workflows.Step:
    process = act.process or loaded.process
    return workflows.move(deployment, loaded.state, process, act.element, act.target, now)


def _set(deployment: workflows.Deployment, loaded: Loaded, act: Act, now: datetime) -> workflows.Step:
    return workflows.change(deployment, loaded.state, act.variables, now)


def _reschedule(deployment: workflows.Deployment, loaded: Loaded, act: Act, now: datetime) -> workflows.Step:
    process, due = act.process or loaded.process, act.due_at or now
    return workflows.reschedule(deployment, loaded.state, process, act.element, due, now)


def _cancel(deployment: workflows.Deployment, loaded: Loaded, act: Act, now: datetime) -> workflows.Step:
    verb = workflows.cancel_undoing if act.undo else workflows.cancel
    return verb(deployment, loaded.state, now)


_STEPS: Mapping[Verb, Callable[[workflows.Deployment, Loaded, Act, datetime], workflows.Step]] = {
    Verb.CANCEL: _cancel,
    Verb.MOVE: _move,
    Verb.SET: _set,
    Verb.RESCHEDULE: _reschedule,
}
_CAUSES = {
    Verb.CANCEL: "instance.cancelled",
    Verb.MOVE: "token.moved",
    Verb.SET: "variables.set",
    Verb.RESCHEDULE: "timer.rescheduled",
}


def _told(tx: Transaction, loaded: Loaded, act: Act, step: workflows.Step, now: datetime) -> dict[str, Any]:
    """Return what the record says of an act."""
    if act.verb is Verb.MOVE:
        return {"reason": act.reason, "element": act.element, "target": act.target}
    if act.verb is Verb.SET:
        return {"reason": act.reason, "changes": _changes(tx, loaded, act, step, now)}
    if act.verb is Verb.RESCHEDULE:
        return {"reason": act.reason, "element": act.element, "due_at": act.due_at}
    return {"reason": act.reason, **({"undo": True} if act.undo else {})}


def _changes(
    tx: Transaction, loaded: Loaded, act: Act, step: workflows.Step, now: datetime
) -> dict[str, list[Any]]:
    """Return by name what a variable was and what it is then."""
    before = workflows.variables(loaded.state, deployment_of(tx, loaded), now)
    return {
        name: [feel.to_plain_json(before.get(name)), feel.to_plain_json(step.variables.get(name))]
        for name in act.variables
    }
