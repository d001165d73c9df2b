"""A process owner's verbs: save a draft, discard it, publish it as a new version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, transaction
from app.errors import InvalidError, NotFoundError, StaleError
from app.moments import utc_now
from app.processes import deployments
from app.studio import testing
from app.studio.models import Draft
from app.studio.reading import problem_of
from app.wording import worded

LARGEST = 2 * 1024 * 1024
_NAME = re.compile(r"[a-z][a-z0-9_]{0,80}\.(bpmn|dmn|tests\.csv)")


@dataclass(frozen=True, slots=True)
class Published:
    """A new deployment: what new instances start on from now."""

    id: UUID
    number: int
    changed: tuple[str, ...]


def save_draft(actor: Actor, name: str, content: bytes, expected: int | None) -> int:
    """Keep an unpublished content; return its new version.

    `expected` is the version that was edited (0: none was there). Raises StaleError where somebody
    saved meanwhile, InvalidError where this is no such file at all.
    """
    actor.require(Role.PROCESS_OWNER)
    _check_file(name, content)
    with transaction(actor.org_id) as tx:
        draft = _locked(tx, name)
        present = draft.version if draft else 0
        if expected is not None and expected != present:
            raise StaleError(
                worded("{name} was saved by somebody else meanwhile", name=name), version=present
            )
        if draft is None:
            draft = Draft(org_id=actor.org_id, name=name, version=0, based_on=_newest(tx))
            tx.session.add(draft)
        draft.content, draft.version = content, present + 1
        draft.updated_at, draft.updated_by = utc_now(), actor.person_id
        audit.write(tx, "studio", actor.person_id, "draft.saved", {"name": name, "version": present + 1})
    return present + 1


def _check_file(name: str, content: bytes) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidError(
            "the draft was not saved",
            {"name": ["is not lower-case letters, digits and _, ending in .bpmn, .dmn or .tests.csv"]},
        )
    if len(content) > LARGEST:
        raise InvalidError(
            "the draft was not saved", {"content": [worded("has more than {most} bytes", most=LARGEST)]}
        )
    if name.endswith(".tests.csv"):
        testing.read_rows(content)
        return
    problem = problem_of(content)
    if problem:
        raise InvalidError("the draft was not saved", {"content": [problem]})


def _locked(tx: Transaction, name: str) -> Draft | None:
    return tx.session.get(Draft, (tx.organisation, name), with_for_update=True, populate_existing=True)


def _newest(tx: Transaction) -> int:
    try:
        return deployments.current(tx).number
    except NotFoundError:
        return 0


def discard_draft(actor: Actor, name: str) -> None:
    """Forget an unpublished content."""
    actor.require(Role.PROCESS_OWNER)
    with transaction(actor.org_id) as tx:
        draft = _locked(tx, name)
        if draft is None:
            raise NotFoundError("draft", name)
        tx.session.delete(draft)
        audit.write(tx, "studio", actor.person_id, "draft.discarded", {"name": name})


def publish(actor: Actor, names: list[str], note: str, expected: dict[str, int] | None = None) -> Published:
    """Publish drafts together as one new deployment; instances that run stay on theirs.

    Raises InvalidError naming file and element for what cannot be executed, and table and row for a
    test that fails; StaleError where a draft changed since the caller saw it (`expected`: versions).
    """
    actor.require(Role.PROCESS_OWNER)
    if not note.strip():
        raise InvalidError("nothing was published", {"note": ["say what changed and why"]})
    now = utc_now()
    with transaction(actor.org_id) as tx:
        files = {name: _taken(tx, name, expected) for name in names}
        if not files:
            raise InvalidError("nothing was published", {"names": ["is empty"]})
        _run_tests(tx, files)
        made = deployments.publish(tx, files, note.strip(), actor.person_id, now)
        for name in names:
            draft = _locked(tx, name)
            if draft is not None:
                tx.session.delete(draft)
    return Published(made.id, made.number, tuple(sorted(files)))


def _taken(tx: Transaction, name: str, expected: dict[str, int] | None) -> bytes:
    draft = _locked(tx, name)
    if draft is None:
        raise NotFoundError("draft", name)
    if expected and name in expected and expected[name] != draft.version:
        raise StaleError(
            worded("{name} was saved by somebody else meanwhile", name=name), version=draft.version
        )
    return draft.content


def _run_tests(tx: Transaction, files: dict[str, bytes]) -> None:
    """Refuse to publish a table whose tests fail, with the tests as they will be."""
    try:
        present = dict(deployments.current(tx).files)
    except NotFoundError:
        present = {}
    present.update(files)
    wrong: dict[str, list[str]] = {}
    for table in sorted(name for name in present if name.endswith(".dmn")):
        tests = table.removesuffix(".dmn") + ".tests.csv"
        if tests not in present or not {table, tests} & set(files):
            continue
        report = testing.run(present[table], present[tests])
        if report.failed:
            wrong[tests] = [
                worded("row {number}: {problem}", number=row.number, problem=row.problem)
                for row in report.failed
            ]
    if wrong:
        raise InvalidError("nothing was published: tests fail", dict(wrong))
