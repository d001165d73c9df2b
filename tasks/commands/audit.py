"""`placet audit verify`: prove the record, or name what is broken."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from app.accounts.models import Organisation
from app.audit.verifying import Proof, verify
from app.config import Settings
from app.database import across_organisations
from app.errors import NotFoundError
from app.processes.queries import HEADS

# More lines than that help nobody.
MOST_LINES = 50


def run(settings: Settings, slug: str | None, say: Callable[[str], None]) -> bool:
    """Prove the record of one organisation, or of all; say what is broken, and last how it stands."""
    proof, problems = Proof(), []
    for organisation in _organisations(slug):
        for problem in verify(organisation.id, settings.audit_key, [HEADS], proof):
            problems.append(problem)
            if len(problems) <= MOST_LINES:
                say(f"{organisation.slug}: {problem}")
    if problems:
        say(f"audit broken: {problems[0]}")
        return False
    say(f"audit ok: {proof.streams} streams, {proof.entries} entries")
    return True


def _organisations(slug: str | None) -> list[Organisation]:
    statement = select(Organisation).order_by(Organisation.slug)
    if slug is not None:
        statement = statement.where(Organisation.slug == slug)
    with across_organisations() as tx:
        found = list(tx.session.scalars(statement))
    if slug is not None and not found:
        raise NotFoundError("organisation", slug)
    return found
