"""Retrying many incidents of one cause: each by itself, so that one that fails stops no other."""

from __future__ import annotations

from uuid import UUID

from app.accounts.actor import Actor
from app.database import reading
from app.errors import PlacetError
from app.operations import queries
from app.processes import incidents

MOST = 200


def retry_all(actor: Actor, message: str) -> int:
    """Retry the open incidents that say exactly this, the newest first; return how many."""
    with reading(actor.org_id) as tx:
        found = queries.list_incidents(tx, message=message, limit=MOST)
    return sum(_retry(actor, row.id) for row in found)


def _retry(actor: Actor, incident_id: UUID) -> bool:
    try:
        incidents.retry(actor, incident_id, "retried together")
    except PlacetError:
        return False  # somebody was faster, or it cannot be retried: it stays in the list
    return True
