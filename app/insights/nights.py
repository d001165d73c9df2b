"""The nightly trainings: each organisation at the hour that it chose, in its own time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Organisation, Role
from app.database import Transaction, across_organisations, transaction
from app.errors import ConflictError, InvalidError
from app.insights import training
from app.insights.kinds import KINDS
from app.moments import utc_now

USUAL_HOUR = 2


@dataclass(frozen=True, slots=True)
class _Night:
    org_id: UUID
    on: date


class Nights:
    """Remembers which nights are asked for, so that a quiet minute costs one read."""

    def __init__(self) -> None:
        self._asked: dict[UUID, date] = {}

    def ask(self) -> int:
        """Ask for the trainings of every organisation whose hour has come; return of how many."""
        now = utc_now()
        due = [night for night in _nights(now) if self._asked.get(night.org_id) != night.on]
        for night in due:
            ask_for_all(night.org_id, night.on, now)
            self._asked[night.org_id] = night.on
        return len(due)


def _nights(now: datetime) -> list[_Night]:
    with across_organisations() as tx:
        rows = tx.session.execute(
            select(Organisation.id, Organisation.time_zone, Organisation.settings, Organisation.created_at)
        ).all()
    found = []
    for row in rows:
        on = night_of(now, row.time_zone, hour_of(row.settings), row.created_at)
        if on is not None:
            found.append(_Night(row.id, on))
    return found


def hour_of(settings: Mapping[str, Any]) -> int | None:
    """Return the hour at which an organisation trains; None where it trains only when asked."""
    hour = settings.get("insights", {}).get("hour", USUAL_HOUR)
    return hour if isinstance(hour, int) else None


def night_of(now: datetime, time_zone: str, hour: int | None, since: datetime) -> date | None:
    """Return the day whose training is due by now; an organisation's own first day has none."""
    if hour is None:
        return None
    try:
        here = now.astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        here = now
    midnight = datetime.combine(here.date(), time(), here.tzinfo)
    return here.date() if here.hour >= hour and since < midnight else None


def ask_for_all(org_id: UUID, night: date, now: datetime) -> None:
    """Write the night's trainings; where another relay was faster, nothing is left to do."""
    for kind in KINDS:
        try:
            with transaction(org_id) as tx:
                training.ask_for_night(tx, kind, night, now)
        except ConflictError:
            continue


def read_hour(tx: Transaction) -> int | None:
    return hour_of(tx.session.get_one(Organisation, tx.organisation).settings)


def set_hour(actor: Actor, hour: int | None) -> None:
    """Choose the hour of the nightly trainings, 0 to 23; None trains only when somebody asks."""
    actor.require(Role.PROCESS_OWNER)
    if hour is not None and not 0 <= hour <= 23:
        raise InvalidError("the schedule was not changed", {"hour": ["is not from 0 to 23"]})
    with transaction(actor.org_id) as tx:
        organisation = tx.session.get_one(Organisation, actor.org_id, with_for_update=True)
        kept = dict(organisation.settings.get("insights", {}))
        organisation.settings = {**organisation.settings, "insights": {**kept, "hour": hour}}
        flag_modified(organisation, "settings")
        audit.write(tx, training.STREAM, actor.person_id, "training.scheduled", {"hour": hour})
