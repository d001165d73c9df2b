"""A question to customers, and those who were drawn to be asked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Json, LongText, new_id
from app.database import Model, Owned


class AnswerKind(StrEnum):
    YES_NO = "yes_no"
    NUMBER = "number"


class Grouping(StrEnum):
    """What makes the groups: an attribute of a customer."""

    KIND = "kind"
    COUNTRY = "country"
    RISK = "risk"


class Allocation(StrEnum):
    """How many of each group are asked: as its size is, or of each as many."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"


class Survey(Owned, Model):
    """`strata` has for each group its name, its customers when the sample was drawn, and how many are asked.

    `seed` draws the same sample again from the same customers; `estimate` is as the worker worked it out.
    """

    __tablename__ = "surveys"
    __table_args__ = (Index("ix_surveys_org_created", "org_id", "created_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(190))
    question: Mapped[str] = mapped_column(LongText)
    kind: Mapped[str] = mapped_column(String(10))
    grouping: Mapped[str] = mapped_column(String(20))
    allocation: Mapped[str] = mapped_column(String(20))
    seed: Mapped[int] = mapped_column(BigInteger)
    strata: Mapped[list[Any]]
    estimate: Mapped[dict[str, Any] | None] = mapped_column(Json)
    estimated_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class SurveyMember(Owned, Model):
    """A customer who is asked; `answer` is a number, or 1 and 0 for yes and no, and null until it comes."""

    __tablename__ = "survey_members"
    __table_args__ = (Index("ix_survey_members_customer", "customer_id"),)
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    survey_id: Mapped[UUID] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True
    )
    stratum: Mapped[str] = mapped_column(String(40))
    answer: Mapped[Decimal | None]
    answered_at: Mapped[datetime | None]
