"""Which messages were taken already, so that one that is handed over twice is one need."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, Owned


class InboundMail(Owned, Model):
    """A message by the digest of its id; the message itself is not kept, only the need made of it."""

    __tablename__ = "inbound_mails"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    received_at: Mapped[datetime]
