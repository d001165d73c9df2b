"""What people call themes: a name of theirs goes with the theme from training to training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app import audit
from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, transaction
from app.errors import InvalidError, NotFoundError
from app.insights.models import TrainedModel
from app.insights.themes.models import LONGEST_NAME, NAME, Theme, ThemeName
from app.moments import utc_now
from app.wording import worded


@dataclass(frozen=True, slots=True)
class Named:
    """What a theme is called; by whom and when, where a person named it."""

    name: str
    by: str | None = None
    at: datetime | None = None


def rename(actor: Actor, written: str, name: str) -> None:
    """Call a theme in use by another name; by its words again where that is empty."""
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    name, now = " ".join(name.split()), utc_now()
    if len(name) > LONGEST_NAME:
        why = worded("has more than {longest} characters", longest=LONGEST_NAME)
        raise InvalidError("the theme was not renamed", {"name": [why]})
    if not written.isdecimal() or len(written) > 9:
        raise NotFoundError("theme", written)
    number = int(written)
    with transaction(actor.org_id) as tx:
        theme = tx.session.scalars(
            select(Theme)
            .join(TrainedModel, TrainedModel.id == Theme.model_id)
            .where(TrainedModel.used_as == NAME, Theme.number == number)
        ).first()
        if theme is None:
            raise NotFoundError("theme", number)
        row = tx.session.get(ThemeName, (tx.organisation, number), with_for_update=True)
        if row is None:
            row = ThemeName(org_id=tx.organisation, number=number)
            tx.session.add(row)
        former = row.name if row.called == theme.name else ""
        row.called, row.name, row.named_by, row.named_at = list(theme.name), name, actor.person_id, now
        detail = {"theme": number, "from": former or _words(theme), "to": name or _words(theme)}
        audit.write(tx, "insights", actor.person_id, "theme.renamed", detail, now)


def names_of(tx: Transaction, themes: Iterable[Theme]) -> Mapping[int, Named]:
    """Return what themes are called. Where they began anew, a number's former name is not the new one's."""
    given = {row.number: row for row in tx.session.scalars(select(ThemeName))}
    people = accounts.names_of(tx, [row.named_by for row in given.values()])
    found = {}
    for theme in themes:
        row = given.get(theme.number)
        if row is not None and row.name and row.called == theme.name:
            found[theme.number] = Named(row.name, people.get(row.named_by), row.named_at)
        else:
            found[theme.number] = Named(_words(theme))
    return found


def _words(theme: Theme) -> str:
    return ", ".join(theme.name) or f"{theme.number}"
