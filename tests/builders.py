"""Data for tests: a test names only the facts that it turns on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from app.accounts import commands
from app.accounts.actor import Actor
from app.accounts.models import Organisation, Role
from app.database import transaction

PASSWORD = "correct horse battery"
TEAMS = ("sales", "sales_lead", "credit", "finance", "director", "management", "warehouse", "operations")


@dataclass
class Firm:
    """An organisation; `actors` by a short name: sales, lead, finance, owner, operator, admin, auditor …"""

    org_id: UUID
    slug: str
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]

    def headers(self, name: str, *scopes: str) -> dict[str, str]:
        """A fresh token's header for this person, with all scopes unless named."""
        token = commands.add_token(
            self.org_id, self.actors[name].person_id, None, "test", scopes or ("*",), None
        )
        return {"Authorization": f"Bearer {token.secret}"}

    def email(self, name: str) -> str:
        return self.actors[name].email


_PEOPLE = {
    "sales": ((Role.SALES,), ("sales",)),
    "lead": ((Role.APPROVER,), ("sales_lead",)),
    "finance": ((Role.APPROVER,), ("finance", "credit")),
    "director": ((Role.APPROVER,), ("director", "management")),
    "packer": ((Role.APPROVER,), ("warehouse",)),
    "operator": ((Role.OPERATOR,), ("operations",)),
    "owner": ((Role.PROCESS_OWNER,), ()),
    "admin": ((Role.ADMINISTRATOR,), ()),
    "auditor": ((Role.AUDITOR,), ()),
}


def a_firm(parties: dict[str, dict[str, object]] | None = None) -> Firm:
    """Make an organisation with teams and one person for each role; `parties` as in its settings."""
    slug = f"firm-{secrets.token_hex(4)}"
    firm = Firm(commands.create_organisation(slug, "A firm"), slug)
    for key in TEAMS:
        commands.add_team(firm.org_id, None, key, key.title())
    if parties:
        with transaction(firm.org_id) as tx:
            tx.session.get_one(Organisation, firm.org_id).settings = {"parties": parties}
    for name, (roles, teams) in _PEOPLE.items():
        email = f"{name}@{slug}.example"
        person_id = commands.add_person(
            firm.org_id, None, email=email, name=name.title(), password=None, roles=roles, teams=teams
        )
        firm.actors[name] = Actor(
            org_id=firm.org_id,
            person_id=person_id,
            name=name.title(),
            email=email,
            roles=frozenset(roles),
            teams=frozenset(teams),
        )
    return firm
