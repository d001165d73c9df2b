"""A process owner's verbs: save a draft, discard it, publish it as a new version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError, StaleError
from app.moments import utc_now
from app.processes import deployments
from app.studio import queries, testing
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
        return _keep(tx, actor, name, content, expected)


def _keep(tx: Transaction, actor: Actor, name: str, content: bytes, expected: int | None) -> int:
    draft = _locked(tx, name)
    present = draft.version if draft else 0
    if expected is not None and expected != present:
        raise _stale(name, present)
    if draft is None:
        draft = Draft(org_id=actor.org_id, name=name, version=0, based_on=_newest(tx))
        tx.session.add(draft)
    draft.content, draft.version = content, present + 1
    draft.updated_at, draft.updated_by = utc_now(), actor.person_id
    try:
        tx.flush()
    except IntegrityError as error:  # two people began the same draft at one moment
        raise _stale(name, present + 1) from error
    audit.write(tx, "studio", actor.person_id, "draft.saved", {"name": name, "version": present + 1})
    return present + 1


def _stale(name: str, version: int) -> StaleError:
    return StaleError(worded("{name} was saved by somebody else meanwhile", name=name), version=version)


def check_name(name: str) -> None:
    """Raise InvalidError where a file cannot be called this."""
    if not _NAME.fullmatch(name):
        raise InvalidError(
            "this is no name for a file",
            {"name": ["is not lower-case letters, digits and _, ending in .bpmn, .dmn or .tests.csv"]},
        )


def _check_file(name: str, content: bytes) -> None:
    check_name(name)
    if len(content) > LARGEST:
        raise InvalidError(
            "the draft was not saved", {"content": [worded("has more than {most} bytes", most=LARGEST)]}
        )
    if name.endswith(".tests.csv"):
        testing.decoded(content)
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


def begin(actor: Actor, files: Mapping[str, bytes]) -> None:
    """Keep new drafts together; raise ConflictError where somebody is drafting one of them already."""
    actor.require(Role.PROCESS_OWNER)
    for name, content in files.items():
        _check_file(name, content)
    with transaction(actor.org_id) as tx:
        for name, content in files.items():
            try:
                _keep(tx, actor, name, content, 0)
            except StaleError as error:
                raise ConflictError(
                    worded("there is a draft of {name} already: publish or discard it first", name=name)
                ) from error


def begin_new(actor: Actor, name: str, content: bytes) -> None:
    """Begin a file that was never there; raise ConflictError where its name is taken."""
    with reading(actor.org_id) as tx:
        if name in queries.published_names(tx):
            raise ConflictError(worded("{name} is there already", name=name))
    begin(actor, {name: content})


def restore(actor: Actor, name: str, version: int) -> None:
    """Make a former version the draft; a table comes with the tests that it had then."""
    actor.require(Role.PROCESS_OWNER)
    with reading(actor.org_id) as tx:
        former = queries.read_published(tx, name, version)
        files = {name: former.content}
        if former.kind == "dmn":
            files |= queries.tests_then(tx, name, former.based_on)
    begin(actor, files)


def discard_draft(actor: Actor, name: str, also: str | None = None) -> None:
    """Forget an unpublished content, and that of the file beside it (a table's tests) where there is one."""
    actor.require(Role.PROCESS_OWNER)
    with transaction(actor.org_id) as tx:
        drafts = [draft for each in (name, also) if each and (draft := _locked(tx, each))]
        if not drafts:
            raise NotFoundError("draft", name)
        for draft in drafts:
            tx.session.delete(draft)
            audit.write(tx, "studio", actor.person_id, "draft.discarded", {"name": draft.name})


def publish(actor: Actor, names: list[str], note: str, expected: dict[str, int] | None = None) -> Published:
    """Publish drafts together as one new deployment; instances that run stay on theirs.

    Raises InvalidError naming file and element for what cannot be executed, and table and row for a
    test that fails, or the rule that none tests; StaleError where a draft changed since the caller saw
    it (`expected`: versions).
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
        for name in files:
            tx.session.delete(tx.session.get_one(Draft, (tx.organisation, name)))
    return Published(made.id, made.number, tuple(sorted(files)))


def _taken(tx: Transaction, name: str, expected: dict[str, int] | None) -> bytes:
    draft = _locked(tx, name)
    if draft is None:
        raise NotFoundError("draft", name)
    if expected and name in expected and expected[name] != draft.version:
        raise _stale(name, draft.version)
    return draft.content


def _run_tests(tx: Transaction, files: dict[str, bytes]) -> None:
    """Refuse to publish a table that its tests, as they will be, do not prove: all pass, each rule is hit."""
    try:
        present = dict(deployments.current(tx).files)
    except NotFoundError:
        present = {}
    present.update(files)
    wrong: dict[str, list[str]] = {}
    for table in sorted(name for name in present if name.endswith(".dmn")):
        tests = tests_of(table)
        if {table, tests} & set(files):
            wrong |= {tests: problems} if (problems := _problems(present, table)) else {}
    if wrong:
        raise InvalidError("nothing was published: the tests do not prove the table", dict(wrong))


def _problems(files: dict[str, bytes], table: str) -> list[str]:
    tests = files.get(tests_of(table))
    if tests is None:
        return [worded("is missing: a table is published with a case for each of its rules")]
    report = testing.run(table.removesuffix(".dmn"), files[table], tests)
    failed = [
        worded(
            "case {number}: {output} is {got}, expected {expected}",
            number=row.number,
            output=each.output,
            got=each.got or "–",
            expected=each.expected or "–",
        )
        for row in report.failed
        for each in row.differences
    ]
    return [*failed, *(worded("no case tests rule {number}", number=n) for n in report.unhit_rules)]


def tests_of(table: str) -> str:
    return table.removesuffix(".dmn") + ".tests.csv"
