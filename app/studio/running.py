"""How many instances run on each file: an instance stands on every diagram and table it may come through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select

from app.database import Transaction
from app.processes import deployments
from app.processes.models import LIVE, DeploymentFile, Instance


def running_by_file(tx: Transaction) -> Counter[str]:
    """Count the running instances of each file, whatever version of it they are on."""
    counted: Counter[str] = Counter()
    for _, files, count in _running(tx):
        for name in files:
            counted[name] += count
    return counted


def running_by_version(tx: Transaction, name: str) -> Counter[int]:
    """Count the running instances on each version of a file."""
    counted: Counter[int] = Counter()
    found = [(deployment_id, count) for deployment_id, files, count in _running(tx) if name in files]
    versions = _versions(tx, name, [deployment_id for deployment_id, _ in found])
    for deployment_id, count in found:
        counted[versions[deployment_id]] += count
    return counted


def _running(tx: Transaction) -> Iterator[tuple[UUID, frozenset[str], int]]:
    statement = (
        select(Instance.deployment_id, Instance.process, func.count().label("running"))
        .where(Instance.status.in_(LIVE))
        .group_by(Instance.deployment_id, Instance.process)
    )
    for row in tx.session.execute(statement).all():
        deployment = deployments.snapshot(tx, row.deployment_id).deployment
        yield row.deployment_id, deployment.files_used_by(row.process), row.running


def _versions(tx: Transaction, name: str, deployment_ids: list[UUID]) -> dict[UUID, int]:
    statement = select(DeploymentFile.deployment_id, DeploymentFile.version).where(
        DeploymentFile.name == name, DeploymentFile.deployment_id.in_(deployment_ids)
    )
    return {row.deployment_id: row.version for row in tx.session.execute(statement)}
