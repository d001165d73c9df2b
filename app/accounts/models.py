"""Organisations, their people and teams, and the keys by which people and programs enter."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import new_id
from app.database import Model, Owned


class Role(StrEnum):
    """What a person may do; teams say what they decide on."""

    APPROVER = "approver"
    PROCESS_OWNER = "process_owner"
    SALES = "sales"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Organisation(Model):
    """A business; every other row belongs to one."""

    __tablename__ = "organisations"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(String(20), default="en")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Whether customers who were never asked may be profiled (`app.customers.profiling`).
    profiles_unasked: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Person(Owned, Model):
    """Somebody who signs in. An e-mail address belongs to one person of one organisation."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_org_name", "org_id", "name"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(190), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None]
    roles: Mapped[list[Any]] = mapped_column(default=list)
    locale: Mapped[str | None] = mapped_column(String(20))
    theme: Mapped[str] = mapped_column(String(10), default="system")
    density: Mapped[str] = mapped_column(String(20), default="comfortable")
    keys_on: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Team(Owned, Model):
    """A candidate group of the diagrams; `key` is what a diagram says and never changes."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("org_id", "key"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))


class Membership(Owned, Model):
    """A person in a team."""

    __tablename__ = "memberships"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)


class WebSession(Owned, Model):
    """A browser that signed in; the cookie holds the secret, the row its SHA-256."""

    __tablename__ = "web_sessions"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    user_agent: Mapped[str | None]


class ApiToken(Owned, Model):
    """A program's key, shown once; only its SHA-256 is kept."""

    __tablename__ = "api_tokens"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
