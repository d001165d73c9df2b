"""What a need came of, where that is something Placet knows: an observation, or feedback on an order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, Owned, Transaction
from app.needs import commands
from app.needs.models import Need


class OriginKind(StrEnum):
    OBSERVATION = "observation"
    FEEDBACK = "feedback"


class NeedOrigin(Owned, Model):
    """A need and its source, of which no second need is made; `order_id`: the order that it was about."""

    __tablename__ = "need_origins"
    __table_args__ = (UniqueConstraint("org_id", "kind", "source_id"),)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[UUID]
    order_id: Mapped[UUID | None]


def need_from(
    tx: Transaction,
    kind: OriginKind,
    source_id: UUID,
    by: UUID | None,
    values: Mapping[str, Any],
    now: datetime,
    order_id: UUID | None = None,
) -> Need:
    """Keep the need that a source tells of; the same again where there is one."""
    made = needs_of(tx, kind, [source_id]).get(source_id)
    if made is not None:
        return tx.session.get_one(Need, made)
    need = commands.add_in(tx, by, values, now)
    tx.session.add(
        NeedOrigin(org_id=tx.organisation, need_id=need.id, kind=kind, source_id=source_id, order_id=order_id)
    )
    return need


def needs_of(tx: Transaction, kind: OriginKind, sources: Collection[UUID]) -> dict[UUID, UUID]:
    """Return which of these sources have a need, with its id."""
    statement = select(NeedOrigin.source_id, NeedOrigin.need_id).where(
        NeedOrigin.kind == kind, NeedOrigin.source_id.in_(sources)
    )
    return {row.source_id: row.need_id for row in tx.session.execute(statement)}


def origin_of(tx: Transaction, need_id: UUID) -> NeedOrigin | None:
    return tx.session.get(NeedOrigin, need_id)
