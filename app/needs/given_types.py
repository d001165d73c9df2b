"""What a need is called that nobody gave a type: as its organisation says, else in its language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Organisation, Role
from app.database import Transaction, transaction
from app.errors import InvalidError
from app.wording import worded

SETTING = "given_types"
LONGEST = 80


class GivenType(StrEnum):
    QUESTION = "question"
    COMPLAINT = "complaint"
    FEEDBACK = "feedback"


# Kept with the need and grouped by, so the same for all who read it; a page's words would follow its reader.
_CHINESE: Mapping[GivenType, str] = {
    GivenType.QUESTION: "咨询",
    GivenType.COMPLAINT: "投诉",
    GivenType.FEEDBACK: "反馈",
}


def name_of(tx: Transaction, given: GivenType) -> str:
    """Return the name that needs of this type have in the organisation of a transaction."""
    return names_of(tx)[given]


def names_of(tx: Transaction) -> dict[GivenType, str]:
    organisation = tx.session.get_one(Organisation, tx.organisation)
    return {given: _chosen(organisation).get(given) or _usual(organisation, given) for given in GivenType}


def usual_names(tx: Transaction) -> dict[GivenType, str]:
    """Return the names in the organisation's language, which hold where it chose none."""
    organisation = tx.session.get_one(Organisation, tx.organisation)
    return {given: _usual(organisation, given) for given in GivenType}


def choose(actor: Actor, names: Mapping[GivenType, str]) -> None:
    """Map these to types of the organisation; one that is empty or left out is the language's own again.

    Needs that are kept already stay what they are. Raises InvalidError for a name that no type can have.
    """
    actor.require(Role.ADMINISTRATOR)
    given_names = {given: name.strip() for given, name in names.items()}
    why = worded("has more than {longest} characters", longest=LONGEST)
    wrong = {given.value: [why] for given, name in given_names.items() if len(name) > LONGEST}
    if wrong:
        raise InvalidError("nothing was changed", wrong)
    with transaction(actor.org_id) as tx:
        organisation = tx.session.get_one(
            Organisation, actor.org_id, with_for_update=True, populate_existing=True
        )
        before = names_of(tx)
        kept = {
            given.value: name
            for given, name in given_names.items()
            if name and name != _usual(organisation, given)
        }
        organisation.settings = {**organisation.settings, SETTING: kept}
        changes = {
            given.value: [before[given], name]
            for given, name in names_of(tx).items()
            if name != before[given]
        }
        if changes:
            audit.write(tx, "needs", actor.person_id, "needs.types_named", {"changes": changes})


def _chosen(organisation: Organisation) -> Mapping[str, str]:
    return dict(organisation.settings.get(SETTING, {}))


def _usual(organisation: Organisation, given: GivenType) -> str:
    return _CHINESE[given] if organisation.locale.startswith("zh") else given.value
