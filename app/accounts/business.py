"""What an administrator says of the business itself: its name, and the parties that it works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm.attributes import flag_modified

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Organisation, Role
from app.database import Transaction, transaction
from app.errors import InvalidError
from app.wording import worded

LONGEST_URL = 500
LONGEST_TOKEN = 500


# Rooms that computed something of customers who were never asked, signed up in wiring: each removes it and
# counts the rows.
Forgetter = Callable[[Transaction], int]
FORGETTERS: list[Forgetter] = []


class PartyKind(StrEnum):
    """Who answers: a simulator inside Placet, a real system over HTTP, or (customers only) real people."""

    SIMULATOR = "simulator"
    HTTP = "http"
    REAL = "real"


# What each party may be; the first is what it is unless the business says otherwise.
PARTIES: Mapping[str, tuple[PartyKind, ...]] = {
    "carrier": (PartyKind.SIMULATOR, PartyKind.HTTP),
    "supplier": (PartyKind.SIMULATOR, PartyKind.HTTP),
    "payments": (PartyKind.SIMULATOR, PartyKind.HTTP),
    "customer": (PartyKind.REAL, PartyKind.SIMULATOR),
}


@dataclass(frozen=True, slots=True)
class Party:
    """One party as the business chose it; its token is kept, never shown."""

    role: str
    kind: PartyKind
    name: str
    url: str
    has_token: bool


@dataclass(frozen=True, slots=True)
class Business:
    """The organisation as its administrator sees it."""

    name: str
    currency: str
    profiles_unasked: bool
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class PartyChoice:
    """What to make of a party; an empty token keeps the one that is there."""

    kind: str
    name: str = ""
    url: str = ""
    token: str = ""


def read_business(tx: Transaction) -> Business:
    organisation = tx.session.get_one(Organisation, tx.organisation)
    said = organisation.settings.get("parties", {})
    parties = tuple(_party(role, said.get(role, {})) for role in PARTIES)
    return Business(organisation.name, organisation.currency, organisation.profiles_unasked, parties)


def _party(role: str, said: Mapping[str, Any]) -> Party:
    kind = PartyKind(said.get("kind", PARTIES[role][0]))
    return Party(role, kind, str(said.get("name", "")), str(said.get("url", "")), bool(said.get("token")))


def change_business(
    actor: Actor,
    name: str | None,
    parties: Mapping[str, PartyChoice],
    profiles_unasked: bool | None = None,
) -> int:
    """Rename the business, choose its parties, and whether customers who were never asked are profiled.

    None leaves what is there. No more profiled, what was computed of them goes in the same transaction;
    return how many rows that removed. Raises InvalidError naming each field that is wrong.
    """
    actor.require(Role.ADMINISTRATOR)
    _refuse_wrong(name, parties)
    with transaction(actor.org_id) as tx:
        organisation = tx.session.get_one(
            Organisation, actor.org_id, with_for_update=True, populate_existing=True
        )
        organisation.name = name.strip() if name is not None else organisation.name
        said = dict(organisation.settings.get("parties", {}))
        for role, choice in parties.items():
            said[role] = _kept(role, choice, said.get(role, {}))
        organisation.settings = {**organisation.settings, "parties": said}
        flag_modified(organisation, "settings")
        changed = {role: {"kind": choice.kind, "url": choice.url} for role, choice in parties.items()}
        detail: dict[str, Any] = {"name": organisation.name, "parties": changed}
        rows = 0
        former = organisation.profiles_unasked
        if profiles_unasked is not None and profiles_unasked != former:
            organisation.profiles_unasked = profiles_unasked
            tx.flush()
            rows = 0 if profiles_unasked else sum(forget(tx) for forget in FORGETTERS)
            detail |= {"changes": {"profiles_unasked": [former, profiles_unasked]}, "rows": rows}
        audit.write(tx, "accounts", actor.person_id, "organisation.changed", detail)
    return rows


def _refuse_wrong(name: str | None, parties: Mapping[str, PartyChoice]) -> None:
    wrong: dict[str, list[str]] = {}
    if name is not None and not 0 < len(name.strip()) <= 190:
        wrong["name"] = ["is empty or longer than 190 characters"]
    for role, choice in parties.items():
        if role not in PARTIES:
            wrong[f"parties.{role}"] = [worded("is not one of: {allowed}", allowed=", ".join(PARTIES))]
        elif choice.kind not in PARTIES[role]:
            wrong[f"parties.{role}.kind"] = [
                worded("is not one of: {allowed}", allowed=", ".join(PARTIES[role]))
            ]
        elif choice.kind == PartyKind.HTTP and not _is_web_address(choice.url):
            wrong[f"parties.{role}.url"] = ["is no http or https address"]
        elif len(choice.token) > LONGEST_TOKEN:
            wrong[f"parties.{role}.token"] = [
                worded("has more than {longest} characters", longest=LONGEST_TOKEN)
            ]
    if wrong:
        raise InvalidError("the business was not changed", wrong)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= LONGEST_URL
    except ValueError:
        return False


def _kept(role: str, choice: PartyChoice, before: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a simulator's figures; a token belongs to its address and is forgotten with it."""
    if choice.kind != PartyKind.HTTP:
        figures = {n: v for n, v in before.items() if n not in ("name", "url", "token", "kind")}
        return {**figures, "kind": str(choice.kind)}
    token = choice.token or (before.get("token", "") if before.get("url") == choice.url else "")
    name = choice.name.strip() or role
    return {"kind": str(PartyKind.HTTP), "name": name[:80], "url": choice.url, "token": token}
