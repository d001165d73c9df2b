"""Themes as a version of their model found them, and which need is of which."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, Owned

NAME, LONGEST_NAME = "themes", 80


class Theme(Owned, Model):
    """A theme; `number` stays with it from version to version, `examples` are ids of typical needs."""

    __tablename__ = "themes"
    model_id: Mapped[UUID] = mapped_column(
        ForeignKey("trained_models.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[list[Any]]  # terms: those by which it was called first
    terms: Mapped[list[Any]]
    examples: Mapped[list[Any]]
    is_new: Mapped[bool]  # the version before had nothing like it


class NeedTheme(Owned, Model):
    """The theme that a version sees a need in."""

    __tablename__ = "need_themes"
    __table_args__ = (Index("ix_need_themes_theme", "org_id", "model_id", "number"),)
    model_id: Mapped[UUID] = mapped_column(
        ForeignKey("trained_models.id", ondelete="CASCADE"), primary_key=True
    )
    need_id: Mapped[UUID] = mapped_column(
        ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    number: Mapped[int]


class ThemeName(Owned, Model):
    """What a person called the theme of a number, while the words that it was called first are these."""

    __tablename__ = "theme_names"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    called: Mapped[list[Any]]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    named_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    named_at: Mapped[datetime]
