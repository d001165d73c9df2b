"""What happens to a survey: a sample drawn, answers kept, estimates worked out, closed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.database import Transaction, transaction
from app.errors import ConflictError, InvalidError
from app.moments import utc_now
from app.needs.surveys import drawing, queries
from app.needs.surveys.models import Allocation, AnswerKind, Grouping, Survey, SurveyMember
from app.outbox.asking import ask
from app.wording import Wording, worded

MOST_ASKED = 100_000
LONGEST = {"name": 190, "question": 1000}
WHO = (Role.SALES, Role.PROCESS_OWNER)


def create(
    actor: Actor,
    name: str,
    question: str,
    kind: AnswerKind,
    grouping: Grouping,
    allocation: Allocation,
    size: int,
) -> UUID:
    """Draw a sample of the active customers and keep it; raise InvalidError for what cannot be asked."""
    actor.require(*WHO)
    _check(name, question, size)
    now, seed = utc_now(), secrets.randbits(48)
    with transaction(actor.org_id) as tx:
        groups = queries.groups_of(tx, grouping)
        if not groups:
            raise InvalidError("no sample was drawn", {"size": [worded("there are no active customers")]})
        asked = drawing.shares({each: len(ids) for each, ids in groups.items()}, size, allocation)
        survey = Survey(
            id=new_id(),
            org_id=actor.org_id,
            name=name.strip(),
            question=question.strip(),
            kind=kind,
            grouping=grouping,
            allocation=allocation,
            seed=seed,
            strata=[
                {"name": each, "population": len(groups[each]), "asked": asked[each]}
                for each in sorted(groups)
            ],
            created_by=actor.person_id,
            created_at=now,
        )
        tx.session.add(survey)
        tx.flush()
        tx.session.add_all(
            SurveyMember(org_id=actor.org_id, survey_id=survey.id, customer_id=customer, stratum=group)
            for customer, group in drawing.draw(groups, asked, seed).items()
        )
        detail = {"survey": survey.id, "asked": sum(asked.values()), "seed": seed}
        audit.write(tx, "needs", actor.person_id, "survey.drawn", detail, now)
    return survey.id


def _check(name: str, question: str, size: int) -> None:
    wrong: dict[str, list[Wording]] = {}
    for field, text in (("name", name), ("question", question)):
        if not text.strip():
            wrong[field] = [worded("is missing")]
        elif len(text) > LONGEST[field]:
            wrong[field] = [worded("has more than {longest} characters", longest=LONGEST[field])]
    if not drawing.LEAST <= size <= MOST_ASKED:
        wrong["size"] = [worded("lies between {least} and {most}", least=drawing.LEAST, most=MOST_ASKED)]
    if wrong:
        raise InvalidError("no sample was drawn", wrong)


def answer(actor: Actor, survey_id: UUID, customer_id: UUID, value: Decimal | None) -> None:
    """Keep what a customer answered, or with None take it back; a worker works the estimate out anew.

    Raises InvalidError for a customer who is not asked and for an answer of another kind.
    """
    actor.require(*WHO)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        survey = _open(tx, survey_id)
        member = tx.session.get(SurveyMember, (actor.org_id, survey_id, customer_id))
        _check_answer(survey, member, value)
        if member is not None:
            member.answer, member.answered_at = value, now if value is not None else None
        detail = {"survey": survey_id, "customer": customer_id}
        audit.write(tx, "needs", actor.person_id, "survey.answered", detail, now)
        tx.flush()
        ask(tx, "surveys.estimate", {"survey_id": str(survey_id)}, now=now)


def _open(tx: Transaction, survey_id: UUID) -> Survey:
    survey = queries.get(tx, survey_id, lock=True)
    if survey.closed_at is not None:
        raise ConflictError("the survey is closed")
    return survey


def _check_answer(survey: Survey, member: SurveyMember | None, value: Decimal | None) -> None:
    wrong: dict[str, list[Wording]] = {}
    if member is None:
        wrong["customer_id"] = [worded("is not asked in this survey")]
    if survey.kind == AnswerKind.YES_NO and value not in (None, 0, 1):
        wrong["answer"] = [worded("is 1 for yes or 0 for no")]
    elif value is not None and not abs(value) <= 10**12:
        wrong["answer"] = [worded("is no number that can be counted")]
    if wrong:
        raise InvalidError("the answer was not kept", wrong)


def keep_estimate(org_id: UUID, survey_id: UUID, estimate: Mapping[str, Any] | None, now: datetime) -> None:
    """Keep what the answers stand for; the newer of two workers' counts."""
    with transaction(org_id) as tx:
        survey = queries.get(tx, survey_id, lock=True)
        if survey.estimated_at is None or survey.estimated_at <= now:
            survey.estimate = None if estimate is None else dict(estimate)
            survey.estimated_at = now


def close(actor: Actor, survey_id: UUID) -> None:
    """Take no more answers."""
    actor.require(*WHO)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        _open(tx, survey_id).closed_at = now
        audit.write(tx, "needs", actor.person_id, "survey.closed", {"survey": survey_id}, now)
