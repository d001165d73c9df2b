"""Instances of a test's own diagrams, run as commands run them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

import workflows
from app.database import reading, transaction
from app.moments import utc_now
from app.outbox.models import CallStatus, ServiceCall
from app.processes import advance, deployments
from app.processes.loaded import Loaded
from app.processes.models import Incident
from tests.builders import Firm


def publish(firm: Firm, **diagrams: bytes) -> None:
    """Publish diagrams by the names of their files, beside those that are there.

    Their handlers are nobody's: what is checked is tests/app/studio's business.
    """
    files = {f"{name}.bpmn": content for name, content in diagrams.items()}
    with transaction(firm.org_id) as tx, pytest.MonkeyPatch.context() as patching:
        patching.setattr(deployments, "HANDLERS", None)
        deployments.publish(tx, files, "test", None, utc_now())


def begin(firm: Firm, process: str, key: str = "K-1", **variables: Any) -> UUID:
    with transaction(firm.org_id) as tx:
        return advance.begin(
            tx,
            process=process,
            variables=variables,
            business_key=key,
            title=process,
            subject_id=None,
            requester_id=None,
            by=None,
            now=utc_now(),
        ).id


def stands_at(firm: Firm, instance_id: UUID) -> list[str]:
    """Return the elements where an instance stands; none when it has ended."""
    with reading(firm.org_id) as tx:
        loaded = advance.load(tx, instance_id)
        return sorted(element for _, element in loaded.standing["tokens"])


def complete(firm: Firm, instance_id: UUID, element: str, result: Mapping[str, Any] | None = None) -> Loaded:
    with transaction(firm.org_id) as tx:
        loaded = advance.load(tx, instance_id)
        item = next(row for row in advance.open_items(tx, loaded) if row.element == element)
        return advance.complete_item(tx, loaded, item, result or {}, None, utc_now())


def tick(firm: Firm, instance_id: UUID, **later: float) -> None:
    """Fire what is due so much later."""
    with transaction(firm.org_id) as tx:
        advance.tick(tx, advance.load(tx, instance_id), utc_now() + timedelta(**later))


def call_of(firm: Firm, instance_id: UUID, handler: str) -> UUID:
    """Return the one call of this handler that is still to be made."""
    statement = select(ServiceCall.id).where(
        ServiceCall.instance_id == instance_id,
        ServiceCall.handler == handler,
        ServiceCall.status == CallStatus.WAITING,
    )
    with reading(firm.org_id) as tx:
        return tx.session.scalars(statement).one()


def incidents_of(firm: Firm, instance_id: UUID) -> list[Incident]:
    """Return all incidents of an instance, the oldest first."""
    statement = select(Incident).where(Incident.instance_id == instance_id).order_by(Incident.at, Incident.id)
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(statement))


def open_incidents(firm: Firm, instance_id: UUID) -> list[str]:
    """Return the elements that wait for an operator."""
    return [each.element for each in incidents_of(firm, instance_id) if each.resolved_at is None]


def variables_of(firm: Firm, instance_id: UUID) -> dict[str, Any]:
    with reading(firm.org_id) as tx:
        loaded = advance.load(tx, instance_id)
        deployment = deployments.snapshot(tx, loaded.deployment_id).deployment
        return workflows.variables(loaded.state, deployment, utc_now())
