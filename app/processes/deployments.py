"""Snapshots of an organisation's diagrams and tables: made by publishing, read by instances for ever."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from sqlalchemy import Row, insert, select
from sqlalchemy.exc import IntegrityError

import workflows
from app import audit
from app.columns import new_id
from app.database import Transaction
from app.errors import ConflictError, InvalidError, NotFoundError
from app.outbox.handlers import HANDLERS
from app.processes import start_timers, telling
from app.processes.models import Deployment, DeploymentFile, Document
from app.wording import worded

KEPT_SNAPSHOTS = 64
_snapshots: OrderedDict[UUID, Snapshot] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A deployment ready to run; the same object serves every thread."""

    id: UUID
    number: int
    files: Mapping[str, bytes]
    deployment: workflows.Deployment

    @property
    def tables(self) -> dict[str, bytes]:
        return {name: content for name, content in self.files.items() if name.endswith(".dmn")}

    @property
    def diagrams(self) -> dict[str, bytes]:
        return {name: content for name, content in self.files.items() if name.endswith(".bpmn")}


def current(tx: Transaction) -> Snapshot:
    """Return what new instances start on; raise NotFoundError where nothing was published yet."""
    statement = (
        select(Deployment.id)
        .where(Deployment.org_id == tx.organisation)
        .order_by(Deployment.number.desc())
        .limit(1)
    )
    row = tx.first(statement)
    if row is None:
        raise NotFoundError("deployment", "of this organisation")
    return snapshot(tx, row.id)


def snapshot(tx: Transaction, deployment_id: UUID) -> Snapshot:
    """Return a deployment, read and parsed once per process."""
    with _lock:
        if deployment_id in _snapshots:
            _snapshots.move_to_end(deployment_id)
            return _snapshots[deployment_id]
    found = _read(tx, deployment_id)
    with _lock:
        _snapshots[deployment_id] = found
        while len(_snapshots) > KEPT_SNAPSHOTS:
            _snapshots.popitem(last=False)
    return found


def _read(tx: Transaction, deployment_id: UUID) -> Snapshot:
    deployment = tx.session.get(Deployment, deployment_id)
    if deployment is None:
        raise NotFoundError("deployment", deployment_id)
    files = {row.name: row.content for row in _files(tx, deployment_id)}
    return Snapshot(deployment_id, deployment.number, files, _compiled(files))


def _files(tx: Transaction, deployment_id: UUID) -> list[Row[str, str, int, bytes]]:
    statement = (
        select(DeploymentFile.name, DeploymentFile.digest, DeploymentFile.version, Document.content)
        .join(
            Document,
            (Document.digest == DeploymentFile.digest) & (Document.org_id == DeploymentFile.org_id),
        )
        .where(DeploymentFile.deployment_id == deployment_id)
        .order_by(DeploymentFile.name)
    )
    return list(tx.session.execute(statement).all())


def _compiled(files: Mapping[str, bytes]) -> workflows.Deployment:
    return workflows.deploy(*_by_kind(files))


def _by_kind(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the diagrams and the tables among files."""
    return (
        {name: content for name, content in files.items() if name.endswith(".bpmn")},
        {name: content for name, content in files.items() if name.endswith(".dmn")},
    )


def findings_on(files: Mapping[str, bytes]) -> tuple[workflows.Finding, ...]:
    """Check files together, as they would be published."""
    return workflows.check(*_by_kind(files), HANDLERS)


def publish(
    tx: Transaction, files: Mapping[str, bytes], note: str, by: UUID | None, now: datetime
) -> Snapshot:
    """Make a new snapshot: the present files, with these in place of (or beside) those of the same name.

    Raises InvalidError naming file and element where something in it cannot be executed, or where
    nothing would change; ConflictError where somebody else publishes at the same moment.
    """
    before = _present(tx)
    present = {row.name: (row.digest, row.version) for row in before.files}
    contents = {row.name: row.content for row in before.files}
    contents.update(files)
    changed = sorted(name for name in files if present.get(name, ("", 0))[0] != _digest(files[name]))
    if not changed:
        same = worded("is what is published already")
        raise InvalidError("nothing was published", {name: [same] for name in files})
    try:
        _compiled(contents)
    except workflows.RefusedError as error:
        raise InvalidError("nothing was published", _by_file(error.findings)) from error
    wrong = [each for each in findings_on(contents) if each.severity == "error" and each.file in changed]
    if wrong:
        raise InvalidError("nothing was published", _by_file(wrong))
    made = Deployment(
        id=new_id(),
        org_id=tx.organisation,
        number=before.number + 1,
        note=note,
        changed=changed,
        created_at=now,
        created_by=by,
    )
    tx.session.add(made)
    try:
        tx.flush()
    except IntegrityError as error:
        raise ConflictError("somebody else published at the same moment; look again") from error
    for name, content in contents.items():
        _keep_file(tx, made.id, name, content, present.get(name))
    audit.write(
        tx,
        "deployments",
        by,
        "deployment.published",
        {"deployment": made.id, "number": made.number, "changed": changed, "note": note},
        now,
    )
    found = snapshot(tx, made.id)
    start_timers.register(tx, made.id, found.deployment, changed, now)
    return found


def _by_file(findings: Sequence[workflows.Finding]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for each in findings:
        sentence = worded("{element}: {problem}", element=each.element, problem=telling.find(each))
        said.setdefault(each.file, []).append(sentence)
    return said


@dataclass(frozen=True, slots=True)
class _Present:
    number: int
    files: list[Row[str, str, int, bytes]]


def _present(tx: Transaction) -> _Present:
    # Locked first, then asked again: whoever waited for the lock must see what was published meanwhile.
    newest_first = select(Deployment).order_by(Deployment.number.desc()).limit(1)
    tx.session.scalar(newest_first.with_for_update(key_share=True))
    newest = tx.session.scalar(newest_first)
    return _Present(newest.number, _files(tx, newest.id)) if newest else _Present(0, [])


def _keep_file(
    tx: Transaction, deployment_id: UUID, name: str, content: bytes, before: tuple[str, int] | None
) -> None:
    digest = _digest(content)
    if tx.session.get(Document, (tx.organisation, digest)) is None:
        tx.session.add(Document(org_id=tx.organisation, digest=digest, content=content))
        tx.flush()
    was, version = before or ("", 0)
    row = {
        "org_id": tx.organisation,
        "deployment_id": deployment_id,
        "name": name,
        "kind": _kind(name),
        "digest": digest,
        "version": version if was == digest else version + 1,
    }
    tx.execute(insert(DeploymentFile), row)


def _kind(name: str) -> str:
    if name.endswith(".tests.csv"):
        return "tests"
    return name.rsplit(".", 1)[-1]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
