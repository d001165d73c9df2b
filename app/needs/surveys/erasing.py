"""An erased customer is asked no more, and what they answered counts no more."""

from __future__ import annotations

from sqlalchemy import select

from app.customers.erasing import Erased
from app.database import Transaction
from app.moments import utc_now
from app.needs.surveys.models import SurveyMember
from app.outbox.asking import ask


def erase(tx: Transaction, whom: Erased) -> int:
    """Remove them from every sample; the estimates that they answered for are worked out anew."""
    members = tx.session.scalars(select(SurveyMember).where(SurveyMember.customer_id == whom.id)).all()
    now = utc_now()
    for member in members:
        tx.session.delete(member)
    tx.flush()
    for survey_id in {member.survey_id for member in members if member.answer is not None}:
        ask(tx, "surveys.estimate", {"survey_id": str(survey_id)}, now=now)
    return len(members)
