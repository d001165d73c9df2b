"""Which type a need is of: what the suggestion learns from, and how often it was right."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.insights.gate import Metric
from app.insights.kind import Kind, Reading
from app.insights.trained import Row
from app.needs.models import Need
from app.wording import worded

NAME = "need_type"
# Newer needs say better what is asked for today, and a training has to end.
MOST = 20_000


def read(given: Reading) -> Iterator[Row]:
    """Yield (text, type, moment) of the newest needs, the oldest first; what people corrected is the type."""
    newest = select(Need.text, Need.need_type, Need.created_at).where(Need.text != "")
    newest = newest.order_by(Need.created_at.desc(), Need.id.desc()).limit(MOST)
    yield from map(tuple, reversed(given.tx.session.execute(newest).all()))


KIND = Kind(
    name=NAME,
    title=worded("Type of a need"),
    about=worded("Which of your types the text of a need belongs to; suggested while it is entered."),
    metric=Metric("accuracy", higher_is_better=True),
    metric_words=worded("Share of the newest needs whose type was told"),
    baseline_words=worded("always the most frequent type"),
    error_words=worded("Share of needs that people gave another type"),
    read=read,
    learner="app.insights.learning.texts.training:learn",
)
