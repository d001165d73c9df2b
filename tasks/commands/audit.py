"""`placet audit verify`: prove the record, or name what is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Organisation
from app.audit.verifying import Problem, Proof, vanished, verify
from app.audit.witness import Witness
from app.config import Settings
from app.database import across_organisations
from app.errors import NotFoundError, SettingError
from app.processes.queries import HEADS

# More lines than that help nobody.
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class _Asked:
    """The witness and whose anchors it saw, or why there is none."""

    witness: Witness | None
    organisations: Sequence[UUID] = ()
    silent: str = ""


def run(settings: Settings, slug: str | None, say: Callable[[str], None]) -> bool:
    """Prove the record of one organisation, or of all; say what is broken, and last how it stands."""
    proof, first, count = Proof(), None, 0
    # Before the organisations are read: those that the witness saw were committed by then.
    asked = _ask(settings)
    for whose, problem in _problems(settings, slug, asked, proof):
        first, count = first or problem, count + 1
        if count <= MOST_LINES:
            say(f"{whose}: {problem}")
    for note in _notes(asked, proof):
        say(note)
    if first:
        say(f"audit broken: {first}")
        return False
    say(f"audit ok: {proof.streams} streams, {proof.entries} entries")
    return True


def _ask(settings: Settings) -> _Asked:
    if settings.audit_witness is None:
        return _Asked(None, silent="no witness was asked: PLACET_AUDIT_WITNESS is off")
    witness = Witness(settings.audit_witness)
    try:
        found = witness.organisations()
    except OSError as error:
        expected = f"a folder to read: {error.strerror}"
        raise SettingError("PLACET_AUDIT_WITNESS", str(witness.folder), expected) from None
    if found is None:
        return _Asked(None, silent=f"no witness was asked: there is no folder {witness.folder}")
    if not found:
        return _Asked(None, silent=f"no witness was asked: nothing is in {witness.folder}")
    return _Asked(witness, found)


def _problems(
    settings: Settings, slug: str | None, asked: _Asked, proof: Proof
) -> Iterator[tuple[str, Problem]]:
    organisations = _organisations(slug)
    for organisation in organisations:
        for problem in verify(organisation.id, settings.audit_key, [HEADS], proof, asked.witness):
            yield organisation.slug, problem
    if asked.witness and slug is None:
        known = [organisation.id for organisation in organisations]
        for org_id, problem in vanished(asked.organisations, known, asked.witness):
            yield str(org_id), problem


def _notes(asked: _Asked, proof: Proof) -> Iterator[str]:
    """Say what the proof does not reach."""
    if proof.unsealed:
        what = "1 entry" if proof.unsealed == 1 else f"{proof.unsealed} entries"
        yield f"{what} older than a minute under no anchor: does a relay run?"
    if proof.unwitnessed:
        what = "1 organisation" if proof.unwitnessed == 1 else f"{proof.unwitnessed} organisations"
        yield f"{what} of which the witness saw no anchor yet"
    if asked.silent:
        yield asked.silent


def _organisations(slug: str | None) -> list[Organisation]:
    statement = select(Organisation).order_by(Organisation.slug)
    if slug is not None:
        statement = statement.where(Organisation.slug == slug)
    with across_organisations() as tx:
        found = list(tx.session.scalars(statement))
    if slug is not None and not found:
        raise NotFoundError("organisation", slug)
    return found
