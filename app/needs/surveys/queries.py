"""Finding surveys, whom they ask, and what was answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from app.customers.models import Customer
from app.database import Transaction
from app.errors import NotFoundError
from app.needs.surveys.models import Grouping, Survey, SurveyMember


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is asked, by name."""

    customer_id: UUID
    name: str
    email: str | None
    phone: str | None
    stratum: str
    answer: Decimal | None


def list_surveys(tx: Transaction, after: tuple[datetime, UUID] | None, limit: int) -> list[Survey]:
    statement = select(Survey).order_by(Survey.created_at.desc(), Survey.id.desc()).limit(limit)
    if after is not None:
        at, survey_id = after
        same = (Survey.created_at == at) & (Survey.id < survey_id)
        statement = statement.where(or_(Survey.created_at < at, same))
    return list(tx.session.scalars(statement))


def get(tx: Transaction, survey_id: UUID, *, lock: bool = False) -> Survey:
    """Return a survey; raise NotFoundError. With `lock` nobody else changes it until the end."""
    statement = select(Survey).where(Survey.id == survey_id)
    survey = tx.session.scalar(statement.with_for_update() if lock else statement)
    if survey is None:
        raise NotFoundError("survey", survey_id)
    return survey


def groups_of(tx: Transaction, grouping: Grouping) -> dict[str, list[UUID]]:
    """Return the active customers by group; those of whom it is not known are a group of their own, "?"."""
    column = {Grouping.KIND: Customer.kind, Grouping.COUNTRY: Customer.country, Grouping.RISK: Customer.risk}
    statement = select(Customer.id, column[grouping]).where(Customer.is_active.is_(True))
    groups: dict[str, list[UUID]] = defaultdict(list)
    for customer_id, group in tx.session.execute(statement):
        groups[group or "?"].append(customer_id)
    return dict(groups)


def list_asked(
    tx: Transaction, survey_id: UUID, *, after: tuple[str, UUID] | None = None, limit: int = 1_000_000
) -> list[Asked]:
    """Return whom a survey asks, in order of name."""
    statement = (
        select(
            SurveyMember.customer_id,
            Customer.name,
            Customer.email,
            Customer.phone,
            SurveyMember.stratum,
            SurveyMember.answer,
        )
        .join(Customer, Customer.id == SurveyMember.customer_id)
        .where(SurveyMember.survey_id == survey_id)
        .order_by(Customer.name, Customer.id)
        .limit(limit)
    )
    if after is not None:
        name, customer_id = after
        later = (Customer.name == name) & (Customer.id > customer_id)
        statement = statement.where(or_(Customer.name > name, later))
    return [Asked(*row) for row in tx.session.execute(statement)]


def answers_of(tx: Transaction, survey_id: UUID) -> dict[str, Sequence[float]]:
    """Return by group what was answered."""
    statement = select(SurveyMember.stratum, SurveyMember.answer).where(
        SurveyMember.survey_id == survey_id, SurveyMember.answer.is_not(None)
    )
    found: dict[str, list[float]] = defaultdict(list)
    for stratum, answer in tx.session.execute(statement):
        found[stratum].append(float(answer or 0))
    return dict(found)
