"""Models that read texts, as the web asks them: the version in use of a kind, read once and kept ready."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.database import Transaction
from app.insights import scoring_texts
from app.insights.models import TrainedModel
from app.insights.pseudonyms import secret_of
from app.insights.scoring_texts import Weights

# A few megabytes each: those of the organisations that type now.
MOST_KEPT = 16


@dataclass(frozen=True, slots=True)
class TextModel:
    id: UUID
    version: int
    weights: Weights


_kept: OrderedDict[UUID, TextModel] = OrderedDict()
_lock = Lock()


def in_use(
    tx: Transaction, kind: str, part: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda whole: whole
) -> TextModel | None:
    """Return the version in use; `part` finds in its weights what `scoring_texts` reads.

    None, too, for one that kept words in clear: it waits for the next training.
    """
    used = tx.session.execute(
        select(TrainedModel.id, TrainedModel.version).where(TrainedModel.used_as == kind)
    ).first()
    if used is None:
        return None
    with _lock:
        if used.id in _kept:
            _kept.move_to_end(used.id)
            return _kept[used.id]
    exported = part(tx.session.scalar(select(TrainedModel.weights).where(TrainedModel.id == used.id)) or {})
    if not scoring_texts.is_known(exported):
        return None
    weights = scoring_texts.load(exported, secret_of(tx.organisation))
    made = TextModel(used.id, used.version, weights)
    with _lock:
        _kept[made.id] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made
