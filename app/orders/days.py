"""Which day it is for an organisation: papers carry the date of its own time zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.database import Transaction


def day_of(tx: Transaction, moment: datetime) -> date:
    organisation = tx.session.get_one(Organisation, tx.organisation)
    return moment.astimezone(ZoneInfo(organisation.time_zone)).date()
