"""What an operator does about an incident: what it stands for is tried again, and the record says by whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

import workflows
from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, transaction
from app.errors import ConflictError, InvalidError, NotFoundError
from app.moments import utc_now
from app.outbox import wake
from app.outbox.models import CallStatus, ServiceCall
from app.processes import advance
from app.processes.given import values_of
from app.processes.loaded import Loaded
from app.processes.models import Incident
from app.processes.news import tell
from app.wording import worded

_NO_EFFECT = worded(
    "take no effect: only an element is tried again with other variables, a call with what it was made with"
)


def retry(
    actor: Actor, incident_id: UUID, reason: str = "", variables: Mapping[str, Any] | None = None
) -> None:
    """Try again what an incident stands for: the service call, or the element.

    What the relay tries again by itself (a due timer, a held decision) opens a new one if it fails again.
    Raises InvalidError for variables where no element is tried again: they would take no effect.
    """
    actor.require(Role.OPERATOR)
    values = values_of("variables", variables or {})
    now = utc_now()
    with transaction(actor.org_id) as tx:
        incident, loaded = lock(tx, incident_id)
        retry_in(tx, incident, loaded, reason, values, actor.person_id, now)


def lock(tx: Transaction, incident_id: UUID) -> tuple[Incident, Loaded | None]:
    """Lock an open incident's instance, and read both; raise ConflictError where it is resolved."""
    instance_id = find(tx, incident_id).instance_id
    loaded = advance.load(tx, instance_id) if instance_id else None
    return find(tx, incident_id), loaded


def retry_in(
    tx: Transaction,
    incident: Incident,
    loaded: Loaded | None,
    reason: str,
    values: Mapping[str, Any],
    by: UUID,
    now: datetime,
) -> None:
    """As `retry`, for a locked incident."""
    call_id, token = incident.service_call_id, incident.token_key
    check_variables(incident, values)
    close(tx, incident, "incident.retried", reason or "retried", by, now)
    if call_id is not None:
        _try_again(tx, call_id, now)
    elif loaded is not None and token is not None:
        _try_element_again(tx, loaded, token, values, by, now)
    tell(tx, "incident", incident.instance_id, now)


def check_variables(incident: Incident, values: Mapping[str, Any]) -> None:
    """Raise InvalidError for variables that would take no effect."""
    if values and (incident.service_call_id or incident.instance_id is None or incident.token_key is None):
        raise InvalidError("the incident was not tried again", {"variables": [_NO_EFFECT]})


def close(tx: Transaction, incident: Incident, action: str, reason: str, by: UUID, now: datetime) -> None:
    """Write down that somebody dealt with an incident, before what they do opens others."""
    incident.resolved_at, incident.resolved_by = now, by
    incident.resolution = reason
    tx.flush()
    detail = {"incident": incident.id, "instance": incident.instance_id, "reason": reason}
    audit.write(tx, "operations", by, action, detail, now)


def _try_element_again(
    tx: Transaction, loaded: Loaded, token: str, values: Mapping[str, Any], by: UUID, now: datetime
) -> None:
    try:
        advance.retry(tx, loaded, token, values, by, now)
    except workflows.NotOpenError as error:
        if values:
            raise ConflictError(
                "nothing stands at this incident any more: variables take no effect"
            ) from error


def find(tx: Transaction, incident_id: UUID) -> Incident:
    """Return an open incident; raise ConflictError for one that is resolved already."""
    incident = tx.session.get(Incident, incident_id, populate_existing=True)
    if incident is None:
        raise NotFoundError("incident", incident_id)
    if incident.resolved_at is not None:
        raise ConflictError("this incident is resolved already")
    return incident


def _try_again(tx: Transaction, call_id: UUID, now: datetime) -> None:
    changed = tx.session.execute(
        update(ServiceCall)
        .where(ServiceCall.id == call_id, ServiceCall.status == CallStatus.FAILED)
        .values(status=CallStatus.WAITING, attempts=0, due_at=now, error=None)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined] # an update's result counts its rows
        raise ConflictError("the call is no longer wanted")
    wake(tx)
