"""Entries in chains, and the anchors that seal the heads of chains that moved."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, new_id
from app.database import Model, Owned

DIGEST = LargeBinary(32)


class AuditStream(Owned, Model):
    """The head of a chain of settings (accounts, customers …); an instance holds its own head."""

    __tablename__ = "audit_streams"
    __table_args__ = (UniqueConstraint("org_id", "name"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60))
    seq: Mapped[int] = mapped_column(default=0)
    head: Mapped[bytes] = mapped_column(DIGEST, default=b"")


class AuditEntry(Owned, Model):
    """One change: `detail` is the very text that was hashed."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_org_at", "org_id", "at"),)
    stream_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    person_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(80))
    detail: Mapped[str] = mapped_column(LongText)
    previous: Mapped[bytes] = mapped_column(DIGEST)
    digest: Mapped[bytes] = mapped_column(DIGEST)


class AuditAnchor(Owned, Model):
    """The seal of one moment over all heads that moved since the last; anchors form a chain themselves."""

    __tablename__ = "audit_anchors"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    previous: Mapped[bytes] = mapped_column(DIGEST)
    root: Mapped[bytes] = mapped_column(DIGEST)
    count: Mapped[int]
    mac: Mapped[bytes] = mapped_column(DIGEST)


class AuditLeaf(Owned, Model):
    """A head that an anchor sealed."""

    __tablename__ = "audit_leaves"
    __table_args__ = (Index("ix_audit_leaves_stream", "org_id", "stream_id", "seq"),)
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stream_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int]
    head: Mapped[bytes] = mapped_column(DIGEST)
