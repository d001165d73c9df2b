"""Telling the witness what was sealed, but never so that it would forget a record that was cut."""

from __future__ import annotations

import time
from collections.abc import Hashable
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from app.audit.models import AuditAnchor
from app.audit.witness import Seen, Witness
from app.config import settings
from app.database import reading
from app.observing import log

SAY_AGAIN_SECONDS = 300.0
_anchors = AuditAnchor.__table__.c
_MAC = select(_anchors.mac).where(_anchors.org_id == bindparam("org_id"), _anchors.n == bindparam("n"))


class Teller:
    """Remembers what the witness knows already, and in `behind` of whom it could not be told."""

    def __init__(self) -> None:
        self.behind: set[UUID] = set()
        self._told: dict[UUID, Seen] = {}
        self._said: dict[Hashable, tuple[str, float]] = {}

    def tell(self, org_id: UUID, newest: Seen | None) -> None:
        """Let the witness see an organisation's newest anchor; what keeps it from that is logged only."""
        folder = settings().audit_witness
        if folder is None or (newest is not None and self._told.get(org_id) == newest):
            return
        try:
            cut = _advance(Witness(folder), org_id, newest)
        except (OSError, ValueError, SQLAlchemyError) as error:
            self._failed(org_id, folder, error)
        else:
            self._answered(org_id, newest, cut)

    def _failed(self, org_id: UUID, folder: object, error: Exception) -> None:
        self.behind.add(org_id)
        # What is wrong with the folder is wrong for all of them, and said once.
        about: Hashable = folder if isinstance(error, OSError) else org_id
        reason = f"{type(error).__name__}: {error}"
        if self._is_news(about, type(error).__name__):
            log.warning("audit witness not told", organisation=str(org_id), folder=str(folder), error=reason)

    def _answered(self, org_id: UUID, newest: Seen | None, cut: Seen | None) -> None:
        if cut:
            self.behind.add(org_id)
            self._told.pop(org_id, None)
            if self._is_news(org_id, str(cut.n)):
                log.error(
                    "audit record cut: the witness keeps what it saw", organisation=str(org_id), n=cut.n
                )
            return
        self.behind.discard(org_id)
        self._said.pop(org_id, None)
        if newest:
            self._told[org_id] = newest

    def _is_news(self, about: Hashable, what: str) -> bool:
        said, at = self._said.get(about, ("", 0.0))
        now = time.monotonic()
        if said == what and now - at < SAY_AGAIN_SECONDS:
            return False
        self._said[about] = (what, now)
        return True


def _advance(witness: Witness, org_id: UUID, newest: Seen | None) -> Seen | None:
    """Keep this anchor unless it saw a later one; return what it saw where the database lost that."""
    with witness.locked():
        seen = witness.seen(org_id)
        if seen == newest:
            return None
        # Asked after the file was read: what another relay told the witness was committed before.
        if seen and not _is_there(org_id, seen):
            return seen
        if newest and (seen is None or newest.n > seen.n):
            witness.keep(org_id, newest)
    return None


def _is_there(org_id: UUID, seen: Seen) -> bool:
    with reading(org_id) as tx:
        row = tx.first(_MAC, {"org_id": org_id, "n": seen.n})
    return row is not None and row.mac == seen.mac
