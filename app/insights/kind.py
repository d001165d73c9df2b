"""What must be said once about each thing that is predicted; everything else is the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.database import Transaction
from app.insights.gate import Metric
from app.insights.trained import Row
from app.wording import Wording

Read = Callable[["Reading"], Iterable[Row]]
# Keeps rows computed beforehand for a model, or for the baseline (None), in place of those that were there.
Keep = Callable[[Transaction, UUID | None, Iterable[Row]], None]
Erase = Callable[[Transaction, UUID], int]
Forget = Callable[[Transaction, UUID], None]
Reckon = Callable[[Transaction, datetime], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """An open read for one training. Persons are told apart by `pseudonym(id)`; no name is read."""

    tx: Transaction
    now: datetime
    pseudonym: Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that is predicted.

    `read` streams the rows to learn from, the oldest first. `learner` names the function that learns, as
    `module:function` in `app.insights.learning`: only a worker imports it. `keep` writes what was computed
    beforehand and `forget` removes a model's rows again; `reckon`, after each training, compares what was
    said with what happened and says anew; `erase` removes what is kept about a customer and returns how many
    rows that were. `error_words` say what the error of something said is; without them nothing that a kind
    says comes true on a day.
    """

    name: str
    title: Wording
    about: Wording
    metric: Metric
    metric_words: Wording
    baseline_words: Wording
    read: Read
    learner: str
    keep: Keep | None = None
    forget: Forget | None = None
    reckon: Reckon | None = None
    erase: Erase | None = None
    error_words: Wording | None = None
