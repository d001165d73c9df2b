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
        incident = _open(tx, incident_id)
        instance_id, call_id, token = incident.instance_id, incident.service_call_id, incident.token_key
        loaded = advance.load(tx, instance_id) if instance_id else None
        incident = _open(tx, incident_id)
        if values and (call_id is not None or loaded is None or token is None):
            raise InvalidError("the incident was not tried again", {"variables": [_NO_EFFECT]})
        incident.resolved_at, incident.resolved_by = now, actor.person_id
        incident.resolution = reason or "retried"
        tx.flush()
        detail = {"incident": incident_id, "instance": instance_id, "reason": incident.resolution}
        audit.write(tx, "operations", actor.person_id, "incident.retried", detail, now)
        if call_id is not None:
            _try_again(tx, call_id, now)
        elif loaded is not None and token is not None:
            _try_element_again(tx, loaded, token, values, actor.person_id, now)
        tell(tx, "incident", instance_id, now)


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


def _open(tx: Transaction, incident_id: UUID) -> Incident:
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
