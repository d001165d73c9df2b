"""Who is asking: the one value by which a command knows the organisation, the person and the rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from uuid import UUID

from app.accounts.models import Role
from app.errors import RefusedError
from app.wording import worded


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or a program with a person's token; `scopes` is None for a signed-in person."""

    org_id: UUID
    person_id: UUID
    name: str = ""
    email: str = ""
    roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    locale: str | None = None
    scopes: frozenset[str] | None = None
    session_id: UUID | None = None
    settings: dict[str, object] = field(default_factory=dict, compare=False)

    @property
    def principals(self) -> tuple[str, ...]:
        """The names under which inbox entries reach this person."""
        return (person_principal(self.person_id), *(team_principal(team) for team in sorted(self.teams)))

    def has_role(self, *roles: Role) -> bool:
        """An administrator may do what every other role may, except decide."""
        return Role.ADMINISTRATOR in self.roles or any(role in self.roles for role in roles)

    def require(self, *roles: Role) -> None:
        """Raise RefusedError unless the person holds one of these roles."""
        if not self.has_role(*roles):
            wanted = (worded(role.replace("_", " ")) for role in roles)
            names = reduce(lambda one, other: worded("{one} or {other}", one=one, other=other), wanted)
            raise RefusedError(
                worded("this needs the role {names}", names=names), roles=[str(role) for role in roles]
            )

    def require_scope(self, scope: str) -> None:
        """Raise RefusedError unless a token carries this scope; a signed-in person needs none."""
        if self.scopes is None or "*" in self.scopes or scope in self.scopes:
            return
        area, _, verb = scope.partition(":")
        if verb == "read" and f"{area}:write" in self.scopes:
            return
        raise RefusedError(worded("this token lacks the scope {scope}", scope=scope), scope=scope)


def person_principal(person_id: UUID) -> str:
    return f"p:{person_id}"


def team_principal(key: str) -> str:
    return f"t:{key}"
