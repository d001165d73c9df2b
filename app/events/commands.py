"""Forgetting changes that no listener can still ask for."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select

from app.database import transaction_across_organisations
from app.events.models import Change
from app.moments import utc_now

KEPT_FOR = timedelta(hours=24)


def forget_old() -> None:
    """Delete changes older than a day; a listener that was away for longer reloads its page.

    The newest stays: SQLite would begin to count anew in an empty table.
    """
    with transaction_across_organisations() as tx:
        newest = tx.session.scalar(select(func.max(Change.seq))) or 0
        old = (Change.at < utc_now() - KEPT_FOR, Change.seq < newest)
        tx.session.execute(delete(Change).where(*old))
