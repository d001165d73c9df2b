"""A need gets its theme when it is kept or its text changes: by exported weights, in plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from uuid import UUID

from sqlalchemy import delete, select

from app.database import Transaction
from app.insights import scoring_texts, text_models
from app.insights.themes.models import NAME, NeedTheme
from app.needs.models import Need

# What came while themes were learned is told when they are kept: so many, the newest.
MOST_BELATED = 500
_PART = 500


def tell(tx: Transaction, texts: Mapping[UUID, str]) -> None:
    """Say by the version in use of which theme needs with these texts are; without text, of none."""
    model = text_models.in_use(tx, NAME, itemgetter("telling"))
    if model is None or not texts:
        return
    ids = list(texts)
    for at in range(0, len(ids), _PART):
        known = (NeedTheme.model_id == model.id) & NeedTheme.need_id.in_(ids[at : at + _PART])
        tx.session.execute(delete(NeedTheme).where(known))
    for need_id, text in texts.items():
        if text.strip():
            row = NeedTheme(org_id=tx.organisation, model_id=model.id, need_id=need_id)
            row.number = number_of(model.weights, text)
            tx.session.add(row)


def number_of(weights: scoring_texts.Weights, text: str) -> int:
    """Return the number of the theme that a text is of: the one on whose side it lies furthest."""
    margins: Sequence[float] = scoring_texts.margins(weights, text)
    return int(weights.types[max(range(len(margins)), key=margins.__getitem__)])


def tell_belated(tx: Transaction, model_id: UUID) -> None:
    """Tell needs that came while this version was learned, if it is in use."""
    model = text_models.in_use(tx, NAME, itemgetter("telling"))
    if model is None or model.id != model_id:
        return
    newest = (
        select(Need.id, Need.text)
        .where(Need.text != "", Need.merged_into_id.is_(None))
        .order_by(Need.created_at.desc(), Need.id.desc())
        .limit(MOST_BELATED)
        .subquery()
    )
    known = select(NeedTheme.need_id).where(NeedTheme.model_id == model_id)
    late = tx.session.execute(select(newest.c.id, newest.c.text).where(newest.c.id.not_in(known)))
    tell(tx, {row.id: row.text for row in late})
