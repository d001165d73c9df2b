"""The process library: what is published, what runs on it, what is being drafted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

import workflows
from app.accounts import queries as accounts
from app.database import Transaction
from app.errors import NotFoundError
from app.processes import deployments
from app.processes.models import Deployment, DeploymentFile, Document
from app.studio.models import Draft
from app.studio.running import running_by_file, running_by_version
from app.wording import worded


@dataclass(frozen=True, slots=True)
class LibraryFile:
    """A diagram or table: its published version, its draft, and the instances that run."""

    name: str
    kind: str
    title: str
    version: int | None  # None: never published
    published_in: int | None
    draft_version: int | None
    draft_by: str | None
    draft_at: datetime | None
    running: int


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One content that a file has had."""

    version: int
    deployment_id: UUID
    number: int
    note: str
    published_at: datetime
    published_by: str | None
    running: int


@dataclass(frozen=True, slots=True)
class FileContent:
    """What the editor opens: the draft where there is one, else what is published."""

    name: str
    kind: str
    content: bytes
    version: int  # of the draft; 0 where this is the published content
    is_draft: bool
    based_on: int


def list_files(tx: Transaction) -> list[LibraryFile]:
    """Return every file, published or drafted, in order of name."""
    published, number = _published(tx)
    drafts = {draft.name: draft for draft in tx.session.scalars(select(Draft))}
    names = accounts.names_of(tx, [draft.updated_by for draft in drafts.values()])
    running = running_by_file(tx)
    titles = _titles(tx)
    files = []
    for name in sorted({*published, *drafts}):
        draft = drafts.get(name)
        files.append(
            LibraryFile(
                name=name,
                kind=kind_of(name),
                title=worded(titles.get(name, name)),
                version=published.get(name),
                published_in=number if name in published else None,
                draft_version=draft.version if draft else None,
                draft_by=names.get(draft.updated_by) if draft else None,
                draft_at=draft.updated_at if draft else None,
                running=running[name],
            )
        )
    return files


def _published(tx: Transaction) -> tuple[dict[str, int], int]:
    newest = tx.session.scalar(select(Deployment).order_by(Deployment.number.desc()).limit(1))
    if newest is None:
        return {}, 0
    statement = select(DeploymentFile).where(DeploymentFile.deployment_id == newest.id)
    return {file.name: file.version for file in tx.session.scalars(statement)}, newest.number


def _titles(tx: Transaction) -> dict[str, str]:
    try:
        processes = deployments.current(tx).deployment.processes
    except NotFoundError:
        return {}
    return {process.file: process.name for process in processes.values() if process.name}


def list_versions(tx: Transaction, name: str) -> list[FileVersion]:
    """Return the contents that a file has had, newest first: none where it is only a draft.

    Raises NotFoundError for an unknown file.
    """
    statement = (
        select(DeploymentFile.version, func.min(Deployment.number).label("number"))
        .join(Deployment, Deployment.id == DeploymentFile.deployment_id)
        .where(DeploymentFile.name == name)
        .group_by(DeploymentFile.version)
    )
    first = {row.version: row.number for row in tx.session.execute(statement)}
    if not first and tx.session.get(Draft, (tx.organisation, name)) is None:
        raise NotFoundError("file", name)
    made = {
        deployment.number: deployment
        for deployment in tx.session.scalars(select(Deployment).where(Deployment.number.in_(first.values())))
    }
    names = accounts.names_of(tx, [deployment.created_by for deployment in made.values()])
    running = running_by_version(tx, name)
    versions = []
    for version in sorted(first, reverse=True):
        deployment = made[first[version]]
        versions.append(
            FileVersion(
                version=version,
                deployment_id=deployment.id,
                number=deployment.number,
                note=deployment.note,
                published_at=deployment.created_at,
                published_by=names.get(deployment.created_by) if deployment.created_by else None,
                running=running[version],
            )
        )
    return versions


def read_file(tx: Transaction, name: str) -> FileContent:
    """Return what its owners work on: a file's draft, else what is published."""
    draft = tx.session.get(Draft, (tx.organisation, name))
    if draft is not None:
        return FileContent(name, kind_of(name), draft.content, draft.version, True, draft.based_on)
    return read_published(tx, name)


def read_published(tx: Transaction, name: str, version: int | None = None) -> FileContent:
    """Return what new instances run on, or (by version) what a file was before."""
    statement = (
        select(Document.content, Deployment.number)
        .join(
            DeploymentFile,
            (DeploymentFile.digest == Document.digest) & (DeploymentFile.org_id == Document.org_id),
        )
        .join(Deployment, Deployment.id == DeploymentFile.deployment_id)
        .where(DeploymentFile.name == name)
        .order_by(Deployment.number.desc())
        .limit(1)
    )
    if version is not None:
        statement = statement.where(DeploymentFile.version == version)
    row = tx.session.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError("file", name)
    return FileContent(name, kind_of(name), row.content, 0, False, row.number)


def read_deployed(tx: Transaction, name: str, number: int) -> FileContent:
    """Return a file as a deployment has it: what an instance that runs on it looks like."""
    statement = (
        select(Document.content)
        .join(
            DeploymentFile,
            (DeploymentFile.digest == Document.digest) & (DeploymentFile.org_id == Document.org_id),
        )
        .join(Deployment, Deployment.id == DeploymentFile.deployment_id)
        .where(DeploymentFile.name == name, Deployment.number == number)
    )
    found = tx.session.scalar(statement)
    if found is None:
        raise NotFoundError("file", name)
    return FileContent(name, kind_of(name), found, 0, False, number)


def read_tests(tx: Transaction, name: str) -> FileContent | None:
    """Return the tests beside a table, as its owners work on them; None where there are none."""
    try:
        return read_file(tx, name.removesuffix(".dmn") + ".tests.csv")
    except NotFoundError:
        return None


def published_names(tx: Transaction) -> set[str]:
    return set(_published(tx)[0])


def tests_then(tx: Transaction, table: str, number: int) -> dict[str, bytes]:
    """Return the tests that a deployment has beside a table, by name; none where it has none."""
    name = table.removesuffix(".dmn") + ".tests.csv"
    try:
        return {name: read_deployed(tx, name, number).content}
    except NotFoundError:
        return {}


def check_together(tx: Transaction, name: str, content: bytes) -> tuple[workflows.Finding, ...]:
    """Check a content as if it were published now, together with all other published files.

    What is only to be looked at in those others is theirs to say.
    """
    try:
        present = dict(deployments.current(tx).files)
    except NotFoundError:
        present = {}
    present[name] = content
    findings = deployments.findings_on(present)
    return tuple(each for each in findings if each.severity == "error" or each.file == name)


def kind_of(name: str) -> str:
    return "tests" if name.endswith(".tests.csv") else name.rsplit(".", 1)[-1]
