"""What a person does with a file of needs: gives it, says how it is read, begins it, discards it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import IO
from uuid import UUID

from sqlalchemy import delete, or_

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.database import reading, transaction, transaction_across_organisations
from app.entered import plain_text
from app.errors import ConflictError, InvalidError, NotFoundError, PlacetError
from app.moments import utc_now
from app.needs.imports import beginning, choices, running, storing, utf16
from app.needs.imports.choices import Choices
from app.needs.imports.models import ImportPart, ImportStatus, NeedImport
from app.needs.imports.shape import SAMPLE_BYTES
from app.needs.imports.words import kept_words
from app.outbox.asking import ask
from app.wording import worded

MOST_BYTES = 512 * 1024 * 1024
# Fewer rows than this are kept while the person waits.
SHORT_LINES = 1_000
UNPACK = "needs.unpack"
RESCUE_AFTER = timedelta(minutes=1)
KEPT_FOR, UNUSED_FOR = timedelta(days=30), timedelta(days=2)
_WORKBOOK, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def receive(actor: Actor, name: str, stream: IO[bytes]) -> UUID:
    """Keep a file; raise InvalidError where it is none of ours, and keep nothing then."""
    actor.require(Role.SALES)
    first = stream.read(SAMPLE_BYTES)
    if utf16.begins(first):
        stream = io.BufferedReader(utf16.AsUtf8(first, stream))
        first = stream.read(SAMPLE_BYTES)
    if first.startswith(_OLD_WORKBOOK):
        raise _unread(worded("is a workbook of Excel 97; save it as .xlsx or CSV"))
    is_workbook = first.startswith(_WORKBOOK)
    if not is_workbook:
        _refuse_headless(beginning.read(first).header)
    import_id = _begin(actor, plain_text(name)[:190], is_workbook=is_workbook)
    try:
        writer = storing.PartWriter(actor.org_id, import_id, "file")
        content = first
        while content:
            writer.write(content)
            if writer.size > MOST_BYTES:
                raise _unread(worded("has more than {count} MB", count=MOST_BYTES // 1024 // 1024))
            content = stream.read(storing.PART_BYTES)
        writer.finish()
        if not is_workbook:
            propose(actor.org_id, import_id, "file", writer)
    except PlacetError:
        discard(actor, import_id)
        raise
    if is_workbook:
        _ask_to_unpack(actor, import_id, writer.size)
    return import_id


def _unread(why: str) -> InvalidError:
    return InvalidError("the file was not read", {"file": [why]})


def _refuse_headless(header: list[str]) -> None:
    if not header:
        raise _unread(worded("has no line with the names of its columns"))


def _begin(actor: Actor, name: str, *, is_workbook: bool) -> UUID:
    with transaction(actor.org_id) as tx:
        made = NeedImport(
            id=new_id(),
            org_id=actor.org_id,
            person_id=actor.person_id,
            name=name,
            kind="sheet" if is_workbook else "file",
            status=ImportStatus.UPLOADING,
            created_at=utc_now(),
        )
        tx.session.add(made)
        audit.write(tx, "needs", actor.person_id, "needs.file_given", {"import": made.id})
    return made.id


def _ask_to_unpack(actor: Actor, import_id: UUID, size: int) -> None:
    now = utc_now()
    with transaction(actor.org_id) as tx:
        found = _locked_import(tx.session.get(NeedImport, import_id, with_for_update=True), import_id)
        _refuse_failed(found)
        found.status, found.size = ImportStatus.UNPACKING, size
        ask(tx, UNPACK, {"import_id": str(import_id)}, now=now)


def propose(org_id: UUID, import_id: UUID, kind: str, written: storing.PartWriter) -> None:
    """Look at the begin of a file that is all there, and propose how to read it."""
    sample = storing.open_parts(org_id, import_id, kind).read(SAMPLE_BYTES)
    began = beginning.read_sheet(sample) if kind == "sheet" else beginning.read(sample)
    _refuse_headless(began.header)
    with transaction(org_id) as tx:
        found = _locked_import(tx.session.get(NeedImport, import_id, with_for_update=True), import_id)
        _refuse_failed(found)
        found.choices = choices.proposed(tx, began).kept()
        found.size, found.lines = written.size, written.lines
        found.offset, found.line = began.offset, began.line
        found.status = ImportStatus.MAPPING
        if kind == "sheet":
            tx.session.execute(
                delete(ImportPart).where(ImportPart.import_id == import_id, ImportPart.kind == "file")
            )


def begin_unpacking(org_id: UUID, import_id: UUID) -> bool:
    """Forget what an earlier attempt made of a workbook; False where nobody waits for it any more."""
    with transaction(org_id) as tx:
        found = tx.session.get(NeedImport, import_id, with_for_update=True)
        made = delete(ImportPart).where(ImportPart.import_id == import_id, ImportPart.kind == "sheet")
        if found is None or found.status != ImportStatus.UNPACKING:
            return False
        tx.session.execute(made)
    return True


def fail(org_id: UUID, import_id: UUID, why: str) -> None:
    """Say why nothing can be read of a file, and forget the file."""
    with transaction(org_id) as tx:
        found = tx.session.get(NeedImport, import_id, with_for_update=True)
        if found is not None:
            found.status, found.error = ImportStatus.FAILED, kept_words(why)
            tx.session.execute(delete(ImportPart).where(ImportPart.import_id == import_id))


def choose(actor: Actor, import_id: UUID, wanted: Choices) -> None:
    """Say how a file is to be read; other columns than before are guessed anew."""
    actor.require(Role.SALES)
    with reading(actor.org_id) as tx:
        found = _locked_import(tx.session.get(NeedImport, import_id), import_id)
        _refuse_begun(found)
        kind = found.kind
    wanted = choices.checked(wanted)
    sample = storing.open_parts(actor.org_id, import_id, kind).read(SAMPLE_BYTES)
    if kind == "sheet":
        began = beginning.read_sheet(sample)
    else:
        began = beginning.read(sample, wanted.encoding, wanted.separator)
    _refuse_headless(began.header)
    with transaction(actor.org_id) as tx:
        found = _locked_import(tx.session.get(NeedImport, import_id, with_for_update=True), import_id)
        _refuse_begun(found)
        before = choices.of(found.choices).mapping
        found.choices = choices.changed(wanted, began, before).kept()
        found.offset, found.line = began.offset, began.line


def start(actor: Actor, import_id: UUID) -> None:
    """Begin to keep the needs of a file: a short one at once, a long one by a worker."""
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        found = _locked_import(tx.session.get(NeedImport, import_id, with_for_update=True), import_id)
        _refuse_begun(found)
        chosen = choices.of(found.choices)
        choices.require_whole(chosen)
        choices.remember(tx, chosen)
        found.status = ImportStatus.RUNNING
        is_short = found.lines <= SHORT_LINES
        # A worker comes for a short one too, should this process be gone before it ends.
        due_at = now + RESCUE_AFTER if is_short else now
        ask(tx, running.HANDLER, {"import_id": str(import_id)}, now=now, due_at=due_at)
        audit.write(tx, "needs", actor.person_id, "needs.import_started", {"import": import_id}, now)
    if is_short:
        running.advance(actor.org_id, import_id)


def discard(actor: Actor, import_id: UUID) -> None:
    """Forget a file and what was said of it; needs that were kept of it stay."""
    actor.require(Role.SALES)
    with transaction(actor.org_id) as tx:
        found = _locked_import(tx.session.get(NeedImport, import_id, with_for_update=True), import_id)
        tx.session.delete(found)
        audit.write(tx, "needs", actor.person_id, "needs.import_discarded", {"import": import_id})


def _locked_import(found: NeedImport | None, import_id: UUID) -> NeedImport:
    if found is None:
        raise NotFoundError("import", import_id)
    return found


def _refuse_begun(found: NeedImport) -> None:
    if found.status != ImportStatus.MAPPING:
        raise ConflictError("this import has begun already")


def _refuse_failed(found: NeedImport) -> None:
    if found.status == ImportStatus.FAILED:
        raise ConflictError("a customer was erased meanwhile; give the file again")


def forget_old() -> None:
    """Delete what was said of imports a month ago, and files of which nothing was made for two days."""
    now = utc_now()
    unused = NeedImport.status.in_((ImportStatus.UPLOADING, ImportStatus.UNPACKING, ImportStatus.MAPPING))
    with transaction_across_organisations() as tx:
        old = or_(NeedImport.created_at < now - KEPT_FOR, unused & (NeedImport.created_at < now - UNUSED_FOR))
        tx.session.execute(delete(NeedImport).where(old))
