"""The model in use, as the web scores it: exported weights in plain Python, read once for each version."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.database import Transaction
from app.insights.models import TrainedModel

MOST_KEPT = 16


@dataclass(frozen=True, slots=True)
class Scorer:
    """The version in use and its exported weights, which nobody may change."""

    model_id: UUID
    version: int
    weights: Mapping[str, Any]


_kept: OrderedDict[UUID, Scorer] = OrderedDict()
_lock = Lock()


def scorer_of(tx: Transaction, kind: str) -> Scorer | None:
    """Return the model in use of a kind; None where the baseline answers."""
    in_use = tx.session.execute(
        select(TrainedModel.id, TrainedModel.version).where(TrainedModel.used_as == kind)
    ).first()
    if in_use is None:
        return None
    with _lock:
        if in_use.id in _kept:
            _kept.move_to_end(in_use.id)
            return _kept[in_use.id]
    weights = tx.session.scalar(select(TrainedModel.weights).where(TrainedModel.id == in_use.id))
    made = Scorer(in_use.id, in_use.version, weights or {})
    with _lock:
        _kept[made.model_id] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made
