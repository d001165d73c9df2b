"""The deployments of an organisation that a call may be bound to: the newest, a version, a tag."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

import workflows
from app.database import Transaction
from app.processes import deployments
from app.processes.deployments import Snapshot
from app.processes.models import Deployment, DeploymentFile


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`workflows.Others`, for what runs on one deployment, inside a transaction."""

    tx: Transaction
    own: Snapshot

    def find(self, process: str, how: str, wanted: str) -> tuple[str, Any] | None:
        """Return the deployment that a call is bound to; None for the caller's own. Raises LookupError."""
        found = deployments.current(self.tx) if how == "latest" else self._version(process, how, wanted)
        return None if found.id == self.own.id else (str(found.id), self._bound(found))

    def get(self, key: str) -> Any:
        return self._bound(deployments.snapshot(self.tx, UUID(key)))

    def _bound(self, found: Snapshot) -> workflows.Deployment:
        return replace(found.deployment, others=Elsewhere(self.tx, found))

    def _version(self, process: str, how: str, wanted: str) -> Snapshot:
        """Return the newest deployment with this version of the file that holds the process, or this tag."""
        file = self.own.deployment.processes[process].file
        statement = (
            select(DeploymentFile.deployment_id, DeploymentFile.version)
            .join(Deployment, Deployment.id == DeploymentFile.deployment_id)
            .where(DeploymentFile.org_id == self.tx.organisation, DeploymentFile.name == file)
            .order_by(Deployment.number.desc())
        )
        seen: set[int] = set()
        for row in self.tx.session.execute(statement):
            if row.version in seen:
                continue
            seen.add(row.version)
            if how == "version" and str(row.version) != wanted.lstrip("0"):
                continue
            found = deployments.snapshot(self.tx, row.deployment_id)
            called = found.deployment.processes.get(process)
            if called is not None and (how == "version" or called.version_tag == wanted):
                return found
        raise LookupError(process)


def runnable(tx: Transaction, found: Snapshot) -> workflows.Deployment:
    """Return a deployment whose calls find what they are bound to elsewhere."""
    return replace(found.deployment, others=Elsewhere(tx, found))
