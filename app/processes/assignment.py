"""From the names in a diagram to the people and teams who may take a work item."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, select

import workflows
from app.accounts.actor import person_principal, team_principal
from app.accounts.models import Person
from app.database import Transaction

# Whom an item reaches that names nobody we know: operators see it and can hand it on.
NOBODY = "u:unassigned"

_people = Person.__table__.c
_PERSON_BY_EMAIL = select(_people.id).where(
    _people.org_id == bindparam("org_id"), _people.email == bindparam("email")
)


def candidates(tx: Transaction, task: workflows.UserTask) -> tuple[UUID | None, list[str]]:
    """Return the person the diagram names, if any, and all principals whose inbox shows the item."""
    assignee = _person(tx, task.assignee) if task.assignee else None
    if assignee is not None:
        return assignee, [person_principal(assignee)]
    found = [team_principal(key) for key in task.candidate_groups]
    people = (_person(tx, name) for name in task.candidate_users)
    found += [person_principal(person) for person in people if person is not None]
    return None, list(dict.fromkeys(found)) or [NOBODY]


def _person(tx: Transaction, name: str) -> UUID | None:
    """Read a person's id or e-mail address; None where it is nobody's here."""
    try:
        return UUID(name)
    except ValueError:
        row = tx.first(_PERSON_BY_EMAIL, {"org_id": tx.organisation, "email": name.strip().lower()})
        return row.id if row else None
