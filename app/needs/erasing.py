"""What needs hold of a customer who is erased: texts and names, which are cleared; the counts stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.clearing import replaced_in, without
from app.customers.erasing import Erased
from app.database import Transaction
from app.needs.models import KeptView, Need, NeedEvent
from app.processes import erasing as processes

AT_ONCE = 500
LONGEST_LINE = 190
# Where people write about whom they like.
_FREE = (Need.text, Need.next_step, Need.lost_reason, Need.customer_name)


def erase(tx: Transaction, whom: Erased) -> int:
    """Clear their needs, also those that know them by their exact name only; return how many.

    Where needs of others name them, their number takes the place of the words.
    """
    by_name = Need.customer_id.is_(None) & Need.customer_name.in_([whom.name, *whom.telling])
    ids = list(tx.session.scalars(select(Need.id).where(or_(Need.customer_id == whom.id, by_name))))
    for part in _parts(ids):
        _clear_instances(tx, part, whom.replaced)
        tx.session.execute(update(NeedEvent).where(NeedEvent.need_id.in_(part)).values(text=""))
        tx.session.execute(
            update(Need)
            .where(Need.id.in_(part))
            .values(text="", customer_name="", next_step="", lost_reason="", version=Need.version + 1)
        )
    return len(ids) + _clear_mentions(tx, whom.telling) + _clear_views(tx, whom)


def _parts(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _clear_instances(tx: Transaction, needs: Sequence[UUID], replaced: Mapping[str, str]) -> None:
    instances = select(Need.instance_id).where(Need.id.in_(needs), Need.instance_id.is_not(None))
    processes.clear(tx, [each for each in tx.session.scalars(instances) if each], replaced)


def _clear_mentions(tx: Transaction, telling: Mapping[str, str]) -> int:
    """Replace them in the words of other needs, whichever way these came; one read of all needs."""
    if not telling:
        return 0
    ids = list(tx.session.scalars(select(Need.id).where(_hold(telling, *_FREE))))
    for part in _parts(ids):
        _clear_instances(tx, part, telling)
        for need in tx.session.scalars(select(Need).where(Need.id.in_(part))):
            need.text = replaced_in(need.text, telling)
            need.next_step = replaced_in(need.next_step, telling)[:LONGEST_LINE]
            need.lost_reason = replaced_in(need.lost_reason, telling)[:LONGEST_LINE]
            need.customer_name = replaced_in(need.customer_name, telling)[:LONGEST_LINE]
            need.version += 1
    events = list(tx.session.scalars(select(NeedEvent.id).where(_hold(telling, NeedEvent.text))))
    for part in _parts(events):
        for event in tx.session.scalars(select(NeedEvent).where(NeedEvent.id.in_(part))):
            event.text = replaced_in(event.text, telling)
    return len(ids) + len(events)


def _hold(words: Iterable[str], *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Say where any of these words stands, in letters of either case, all looked for at once.

    Seven words in a million needs take PostgreSQL seconds so, and half a minute one after the other.
    """
    pattern = "(?i)" + "|".join(map(re.escape, words))
    return or_(*(column.regexp_match(pattern) for column in columns))


def _clear_views(tx: Transaction, whom: Erased) -> int:
    """Let kept filters that search for them search for their number instead."""
    about = 0
    for view in tx.session.scalars(select(KeptView)):
        query, name = without(view.query, whom.replaced), without(view.name, whom.replaced)[:80]
        if (query, name) != (view.query, view.name):
            view.query, view.name, about = query, name, about + 1
    return about
