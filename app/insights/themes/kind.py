"""What needs are about: what themes are learned from, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import delete, select

from app.database import Transaction
from app.insights.gate import Metric
from app.insights.kept_rows import remove
from app.insights.kind import Kind, Reading
from app.insights.themes.models import NAME, NeedTheme, Theme
from app.insights.themes.telling import tell_belated
from app.insights.trained import Row
from app.needs.models import Need
from app.wording import worded

# Newer needs say better what is asked for today, and a training has to end.
MOST = 5_000


def read(given: Reading) -> Iterator[Row]:
    """Yield (need, customer's pseudonym, text, moment) of the newest needs, the oldest first."""
    newest = (
        select(Need.id, Need.customer_id, Need.text, Need.created_at)
        .where(Need.text != "", Need.merged_into_id.is_(None))
        .order_by(Need.created_at.desc(), Need.id.desc())
        .limit(MOST)
    )
    for need_id, customer_id, text, moment in reversed(given.tx.session.execute(newest).all()):
        yield str(need_id), given.pseudonym(customer_id) if customer_id else "", text, moment


def keep(tx: Transaction, model_id: UUID | None, rows: Iterable[Row]) -> None:
    """Keep a version's themes in place of its former ones; of a need that was cleared meanwhile, nothing."""
    forget(tx, model_id)
    there = {str(each) for each in tx.session.scalars(select(Need.id).where(Need.text != ""))}
    org_id = tx.organisation
    for what, *values in rows:
        if what == "theme":
            number, name, terms, examples, is_new = values
            row = Theme(org_id=org_id, model_id=model_id, number=number, name=name, terms=terms)
            row.examples, row.is_new = [each for each in examples if each in there], is_new
            tx.session.add(row)
        elif values[0] in there:
            need_id, number = values
            tx.session.add(NeedTheme(org_id=org_id, model_id=model_id, need_id=UUID(need_id), number=number))
    tx.flush()
    if model_id is not None:
        tell_belated(tx, model_id)


def forget(tx: Transaction, model_id: UUID | None) -> None:
    remove(tx, model_id, NeedTheme, Theme)


def erase(tx: Transaction, customer_id: UUID) -> int:
    """Remove what is kept of needs that were cleared: theirs, also those that know them by name only."""
    cleared = select(Need.id).where((Need.customer_id == customer_id) | (Need.text == ""))
    gone = tx.session.execute(
        delete(NeedTheme).where(NeedTheme.need_id.in_(cleared)).execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined] # a delete's result counts its rows


KIND = Kind(
    name=NAME,
    title=worded("Themes of needs"),
    about=worded("What needs are about, found in their texts, and which themes grow or shrink."),
    metric=Metric("agreement", higher_is_better=True, least_gain=0.02),
    metric_words=worded("How much groups found in other samples agree on the newest needs, 0 to 1"),
    baseline_words=worded("groups of the same needs with their words shuffled, which is chance"),
    read=read,
    learner="app.insights.learning.texts.theme_training:learn",
    keep=keep,
    forget=forget,
    erase=erase,
)
