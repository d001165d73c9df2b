"""What a need is called that nobody gave a type: in the language of its organisation, for it is kept so."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.accounts.models import Organisation
from app.database import Transaction


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
    locale = tx.session.get_one(Organisation, tx.organisation).locale
    return _CHINESE[given] if locale.startswith("zh") else given.value
