"""Reading changes in order, though they are numbered when written and seen when committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.database import across_organisations, reading
from app.events.listening import News
from app.events.models import Change
from app.moments import utc_now

# A number that is missing belongs to a change that is not committed yet, or never will be.
LONGEST_COMMIT = timedelta(seconds=60)
MOST_GAPS = 1_000
MOST_AT_ONCE = 1_000
# Numbers before the last one heard that are sent again, as they may have been committed after it.
OVERLAP = 200


class Follower:
    """Remembers the highest number seen, and those below it that are still missing."""

    def __init__(self) -> None:
        self.last = self._highest()
        self._gaps: dict[int, datetime] = {}

    def _highest(self) -> int:
        with across_organisations() as tx:
            return tx.session.scalar(select(func.max(Change.seq))) or 0

    def news(self) -> list[News]:
        """Return what became visible since the last call, in the order of the numbers."""
        now = utc_now()
        self._gaps = {seq: at for seq, at in self._gaps.items() if now - at < LONGEST_COMMIT}
        found = list(_read(Change.seq > self.last))
        if self._gaps:
            found = [*_read(Change.seq.in_(sorted(self._gaps))), *found]
        self._note(found, now)
        return found

    def _note(self, found: Sequence[News], now: datetime) -> None:
        seen = {news.seq for news in found}
        highest = max(seen, default=self.last)
        missing = [seq for seq in range(self.last + 1, highest) if seq not in seen][-MOST_GAPS:]
        self._gaps = {seq: at for seq, at in self._gaps.items() if seq not in seen}
        self._gaps |= dict.fromkeys(missing, now)
        self.last = max(self.last, highest)


def _read(condition: ColumnElement[bool]) -> Iterator[News]:
    statement = select(Change).where(condition).order_by(Change.seq).limit(MOST_AT_ONCE)
    with across_organisations() as tx:
        yield from [_news(change) for change in tx.session.scalars(statement)]


def missed(org_id: UUID, last_heard: int) -> list[News] | None:
    """Return an organisation's changes after the last one heard; None where they are too many to tell."""
    statement = (
        select(Change).where(Change.seq > last_heard - OVERLAP).order_by(Change.seq).limit(MOST_AT_ONCE + 1)
    )
    with reading(org_id) as tx:
        found = [_news(change) for change in tx.session.scalars(statement)]
    return found if len(found) <= MOST_AT_ONCE else None


def _news(change: Change) -> News:
    return News(
        seq=change.seq,
        org_id=change.org_id,
        kind=change.kind,
        subject_id=change.subject_id,
        principals=frozenset(change.principals),
    )
