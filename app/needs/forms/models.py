"""A form's settings, each consent text that was ever shown, and what customers sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText
from app.database import Model, Owned


class NeedForm(Owned, Model):
    """How an organisation's form looks, and which sites may show it in their pages."""

    __tablename__ = "need_forms"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    is_on: Mapped[bool] = mapped_column(default=False)
    title_en: Mapped[str] = mapped_column(String(190), default="")
    title_zh: Mapped[str] = mapped_column(String(190), default="")
    types: Mapped[list[Any]] = mapped_column(default=list)
    fields: Mapped[list[Any]] = mapped_column(default=list)
    sites: Mapped[list[Any]] = mapped_column(default=list)
    consent_version: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)


class ConsentText(Owned, Model):
    """What customers are asked to agree to; a changed text is a new version, no version ever changes."""

    __tablename__ = "consent_texts"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text_en: Mapped[str] = mapped_column(LongText)
    text_zh: Mapped[str] = mapped_column(LongText)
    person_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class NeedSubmission(Owned, Model):
    """What a customer sent by the form, once for each page shown (`id`). Personal data: name, email, phone.

    `consent_version` and `consent_language` say which text they agreed to.
    """

    __tablename__ = "need_submissions"
    __table_args__ = (Index("ix_need_submissions_email", "org_id", "email"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(190), default="")
    email: Mapped[str] = mapped_column(String(190), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    consent_version: Mapped[int]
    consent_language: Mapped[str] = mapped_column(String(20))
    sent_at: Mapped[datetime]
