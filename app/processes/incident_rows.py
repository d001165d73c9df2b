"""Which incidents stand after a step: new ones open, and those close that nobody need help with any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import workflows
from app.columns import new_id
from app.database import Transaction
from app.processes import showing, statements
from app.processes.loaded import Loaded

# The token key of an incident at an instance's timers; the engine's own keys are numbers.
TIMERS = "timers"


def write(tx: Transaction, before: Loaded, after: Loaded, step: workflows.Step, at: datetime) -> None:
    """Close what this step left behind, then open its own: the same token may fail again."""
    if after.finished and before.revision:
        close_all(tx, before, at, "the instance ended")
    elif before.revision:
        _close_left(tx, before, after, step, at)
    rows = [
        {
            "id": new_id(),
            "org_id": before.org_id,
            "instance_id": before.id,
            "service_call_id": None,
            "token_key": incident.key,
            "process": incident.process,
            "element": incident.element,
            "message": incident.message,
            "seen": showing.kept_of(incident.seen),
            "at": at,
        }
        for incident in step.incidents
    ]
    if rows:
        tx.execute(statements.INSERT_INCIDENT, rows)


def close_all(tx: Transaction, of: Loaded, at: datetime, why: str) -> None:
    """Close every open incident of an instance."""
    where = {"b_org_id": of.org_id, "b_instance_id": of.id}
    tx.execute(statements.CLOSE_INCIDENTS, {**where, "b_at": at, "b_resolution": why})


def _close_left(tx: Transaction, before: Loaded, after: Loaded, step: workflows.Step, at: datetime) -> None:
    cancelled = [closed.key for closed in step.closed if closed.how == "cancelled"]
    gone = [*cancelled, *step.withdrawn, *step.overtaken]
    resolve(tx, before.id, gone, at, "the process went another way")
    was_due, due = before.standing.get("next_due"), after.standing["next_due"]
    if was_due not in (None, due) and datetime.fromisoformat(was_due) <= at:
        resolve(tx, before.id, [TIMERS], at, "nothing is overdue any more")


def resolve(tx: Transaction, instance_id: UUID, keys: Iterable[str], at: datetime, why: str) -> None:
    """Close the open incidents of these tokens."""
    rows = [
        {
            "b_org_id": tx.organisation,
            "b_instance_id": instance_id,
            "b_token_key": key,
            "b_at": at,
            "b_resolution": why,
        }
        for key in keys
    ]
    if rows:
        tx.execute(statements.CLOSE_INCIDENTS_OF_TOKEN, rows)
