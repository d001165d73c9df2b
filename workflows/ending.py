"""Cancelling an instance so that what it did is undone first, by the diagram's own compensation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from rules import feel
from workflows import compensation, running, state
from workflows.catalog import Deployment
from workflows.errors import UndoingError
from workflows.instance import Instance
from workflows.step import Step


def cancel_undoing(deployment: Deployment, before: bytes, now: datetime) -> Step:
    """Stop all that runs, undo what was completed in reverse, then end as cancelled.

    Where nothing can be undone it ends at once. What a called process did inside is undone while the call
    runs; one that has ended is undone as a whole, by its call's handler. Raises UndoingError where something
    is being undone already: its end would be forgotten.
    """
    instance = state.load(before, deployment, now)
    if instance.is_ending or any("groups" in token.internal_data for token in instance.index.values()):
        raise UndoingError(instance.is_ending)
    done = _done(instance, instance)
    instance.clear()
    instance.ledger = done
    thrower = instance.place(_beginning(instance), instance.next_id(), TaskState.WAITING)
    # It stands nowhere: the instance lasts while there are handlers at work.
    thrower.internal_data.update(listener=True, ending=True)
    if compensation.start(thrower, instance):
        instance.advance()
    else:
        instance.end_cancelled()
    return running._step(instance)


def _beginning(instance: Instance) -> Any:
    return next(
        spec
        for spec in instance.spec.task_specs.values()
        if spec.kind == "startEvent" or instance.spec.is_beginning(spec)
    )


def _done(instance: Instance, scope: Any) -> list[compensation.Entry]:
    """Return a scope's ledger, with those of the subprocesses that still run in it as if they had ended."""
    entries = list(scope.ledger)
    for host in scope.tokens():
        inner = instance.subprocesses.get(host.id)
        within = [] if inner is None else _done(instance, inner)
        if within:
            entry = {
                "number": int(instance.next_id()),
                "activity": host.task_spec.name,
                "of": host.internal_data.get("of"),
                "data": feel.to_typed_json(host.data),
                "again": within,
            }
            entries.append({**entry, "called": _called(inner)} if inner.is_process else entry)
    return entries


def _called(scope: Any) -> list[Any]:
    """Return what a called process is opened with again: it is not looked for anew nor given other values."""
    return [
        scope.spec.name,
        scope.deployment_key,
        scope.own_business_key,
        feel.to_typed_json(scope.data),
    ]
