"""Files as tests give them, and what became of their rows."""

from __future__ import annotations

import io
from uuid import UUID

from sqlalchemy import select

from app.database import reading
from app.needs.imports import commands
from app.needs.imports.models import NeedImport
from app.needs.models import Need
from tests.builders import Firm


def give(firm: Firm, content: str | bytes, name: str = "needs.csv") -> UUID:
    raw = content.encode() if isinstance(content, str) else content
    return commands.receive(firm["sales"], name, io.BytesIO(raw))


def found(firm: Firm, import_id: UUID) -> NeedImport:
    with reading(firm.org_id) as tx:
        return tx.session.get_one(NeedImport, import_id)


def texts(firm: Firm) -> list[str]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(Need.text).order_by(Need.number)))
