"""What people call the elements of a diagram: by the names that are drawn, not by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from app.database import Transaction
from app.processes import deployments
from app.processes.models import Instance
from app.wording import Wording, worded


def name_of(element: str, names: Mapping[str, str]) -> Wording:
    """Return what the diagram calls an element; its id in words where it has no name there."""
    return worded(names.get(element) or element.replace("_", " ").capitalize())


def names_in(tx: Transaction, instance_id: UUID | None) -> Mapping[str, str]:
    """Return the names of all elements of the deployment that an instance runs on, by their ids."""
    instance = tx.session.get(Instance, instance_id) if instance_id else None
    if instance is None:
        return {}
    processes = deployments.snapshot(tx, instance.deployment_id).deployment.processes.values()
    return {
        element.id: element.name
        for process in processes
        for element in process.elements.values()
        if element.name
    }
