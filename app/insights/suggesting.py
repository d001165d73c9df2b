"""Suggesting a need's type from its text, and keeping what was suggested beside what people chose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select

from app.database import Transaction
from app.insights import predictions, scoring_texts, text_models
from app.insights.models import SaidPrediction
from app.insights.need_types import NAME
from app.insights.scoring_texts import LEAST_OF_A_TYPE, LEAST_TYPES, Suggestion
from app.moments import utc_now
from app.needs.models import Need

# One of each type is held back to judge by.
LEAST_NEEDS = LEAST_OF_A_TYPE + 1


@dataclass(frozen=True, slots=True)
class Answer:
    """A suggestion by a version; without one, how many needs with their types are missing to learn from."""

    suggestion: Suggestion | None
    version: int | None
    missing: int


def suggest(tx: Transaction, text: str) -> Answer:
    """Return the type that the model in use suggests, or what is missing for one."""
    model = text_models.in_use(tx, NAME)
    if model is None:
        return Answer(None, None, _missing(tx))
    return Answer(scoring_texts.suggest(model.weights, text), model.version, 0)


def _missing(tx: Transaction) -> int:
    counted = select(func.count()).where(Need.text != "").group_by(Need.need_type)
    counts = tx.session.scalars(counted.order_by(func.count().desc()).limit(LEAST_TYPES)).all()
    lacking = [max(0, LEAST_NEEDS - count) for count in counts]
    return sum(lacking) + LEAST_NEEDS * (LEAST_TYPES - len(counts))


def note(tx: Transaction, need: Need) -> None:
    """Keep what model and baseline say beside the type that a person gave it; a correction counts anew."""
    model = text_models.in_use(tx, NAME)
    if model is None:
        return
    _forget(tx, need.number)
    found = scoring_texts.suggest(model.weights, need.text)
    said = {"type": found.type, "confidence": round(found.confidence, 4)}
    now = utc_now()
    predictions.say(tx, NAME, need.number, said, now, model_id=model.id, customer_id=need.customer_id)
    if model.weights.usual is not None:
        usual = {"type": model.weights.usual}
        predictions.say(tx, NAME, need.number, usual, now, customer_id=need.customer_id)
    tx.flush()
    error = partial(_error, need.need_type, need.need_type in model.weights.types)
    predictions.settle(tx, NAME, need.number, {"type": need.need_type}, error, now)


def _error(chosen: str, is_known: bool, said: predictions.Said) -> float:
    """Return 0 where it was right: also with "none of these", where the type is none that it knows."""
    suggested = said["type"]
    return float(suggested != chosen) if suggested is not None else float(is_known)


def _forget(tx: Transaction, number: str) -> None:
    said = select(SaidPrediction).where(SaidPrediction.kind == NAME, SaidPrediction.subject == number)
    for row in tx.session.scalars(said):
        tx.session.delete(row)
    tx.flush()
