"""Which feedback becomes a need without anybody pressing, as the organisation has chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Organisation, Role
from app.database import Transaction, transaction
from app.errors import InvalidError
from app.orders.models import Feedback
from app.wording import worded

SETTING = "feedback_needs"
LOW = 3  # of five: who is not content says so


class FeedbackRule(StrEnum):
    OFFERED = "offered"  # none by itself
    LOW = "low"
    LOW_OR_TOLD = "low_or_told"  # also praise with a text


@dataclass(frozen=True, slots=True)
class Rule:
    becomes: FeedbackRule


def rule_of(tx: Transaction) -> Rule:
    settings = tx.session.get_one(Organisation, tx.organisation).settings
    return Rule(FeedbackRule(settings.get(SETTING, FeedbackRule.OFFERED)))


def choose(actor: Actor, becomes: str) -> None:
    """Choose which feedback becomes a need by itself; raise InvalidError for what is no choice."""
    actor.require(Role.ADMINISTRATOR)
    if becomes not in list(FeedbackRule):
        why = worded("is not one of: {allowed}", allowed=", ".join(FeedbackRule))
        raise InvalidError("nothing was changed", {"becomes": [why]})
    with transaction(actor.org_id) as tx:
        organisation = tx.session.get_one(
            Organisation, actor.org_id, with_for_update=True, populate_existing=True
        )
        organisation.settings = {**organisation.settings, SETTING: becomes}
        audit.write(tx, "needs", actor.person_id, "needs.feedback_rule", {"becomes": becomes})


def is_low(feedback: Feedback) -> bool:
    return feedback.score is not None and feedback.score <= LOW


def is_wanted(rule: FeedbackRule, feedback: Feedback) -> bool:
    """Say whether an answer becomes a need by itself."""
    told = bool(feedback.text.strip())
    return {
        FeedbackRule.OFFERED: False,
        FeedbackRule.LOW: is_low(feedback),
        FeedbackRule.LOW_OR_TOLD: is_low(feedback) or told,
    }[rule]
