"""What pages and the API show of segments: each with its customers and what they are like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, false, func, or_, select

from app.customers.models import Customer
from app.database import Transaction
from app.insights import said, training
from app.insights.kept_rows import belong_to
from app.insights.models import TrainedModel
from app.insights.segments.kind import NAME
from app.insights.segments.models import CustomerSegment
from app.needs.models import Need
from app.wording import Wording, translated, worded

WORDS = {
    "recent": worded("ordered lately"),
    "lapsed": worded("not for a long time"),
    "often": worded("often"),
    "rarely": worded("rarely"),
    "much": worded("for much"),
    "little": worded("for little"),
    "most": worded("the third of most value"),
    "middle": worded("the middle third"),
    "least": worded("the third of least value"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A segment: how many customers, the means of what it is told by, and its share of all value, 0 to 1."""

    number: int
    words: Sequence[Wording]
    customers: int
    recency_days: float
    frequency: float
    value: Decimal
    share: float


@dataclass(frozen=True, slots=True)
class Shown:
    """By the version in use, or by the baseline; `missing` says why there is nothing."""

    version: int | None
    stability: float | None
    told: float | None
    baseline: float | None
    lines: Sequence[Line]
    missing: Sequence[Wording]


def present(tx: Transaction) -> Shown:
    model = tx.session.scalars(select(TrainedModel).where(TrainedModel.used_as == NAME)).first()
    lines = _lines(tx, model.id if model else None)
    runs = training.latest(tx, NAME, 1)
    missing = said.reasons(runs[0].reasons) if runs and not lines else []
    if model is None:
        return Shown(None, None, None, None, lines, missing)
    mine, base = model.metrics["candidate"], model.metrics["baseline"]
    return Shown(model.version, mine["stability"], mine["told"], base["told"], lines, missing)


def _lines(tx: Transaction, model_id: UUID | None) -> list[Line]:
    kept = CustomerSegment
    rows = tx.session.execute(
        select(
            kept.number,
            kept.code,
            func.count(),
            func.avg(kept.recency_days),
            func.avg(kept.frequency),
            func.sum(kept.value),
        )
        .where(belong_to(kept, model_id))
        .group_by(kept.number, kept.code)
        .order_by(kept.number)
    ).all()
    whole = sum(Decimal(row[5]) for row in rows) or Decimal(1)
    return [
        Line(
            number=number,
            words=words_of(code),
            customers=count,
            recency_days=float(recency),
            frequency=float(frequency),
            value=(Decimal(value) / count).quantize(Decimal("0.01")),
            share=float(Decimal(value) / whole),
        )
        for number, code, count, recency, frequency, value in rows
    ]


def words_of(code: str) -> list[Wording]:
    return [WORDS.get(word, Wording(word)) for word in code.split()]


def _used(tx: Transaction) -> UUID | None:
    return tx.session.scalar(select(TrainedModel.id).where(TrainedModel.used_as == NAME))


def of_customer(tx: Transaction, customer_id: UUID) -> CustomerSegment | None:
    """Return a customer's segment by what answers now."""
    mine = belong_to(CustomerSegment, _used(tx))
    statement = select(CustomerSegment).where(mine, CustomerSegment.customer_id == customer_id)
    return tx.session.scalars(statement).first()


def names(tx: Transaction) -> list[tuple[str, Sequence[Wording]]]:
    """Return the segments that answer now, for filters."""
    statement = (
        select(CustomerSegment.number, CustomerSegment.code)
        .where(belong_to(CustomerSegment, _used(tx)))
        .distinct()
        .order_by(CustomerSegment.number)
    )
    return [(str(number), words_of(code)) for number, code in tx.session.execute(statement)]


def narrow(tx: Transaction, number: str) -> ColumnElement[bool]:
    """Say which customers are in a segment; of one that is no number, none."""
    if not number.isdecimal() or len(number) > 9:
        return false()
    mine = belong_to(CustomerSegment, _used(tx))
    return Customer.id.in_(
        select(CustomerSegment.customer_id).where(mine, CustomerSegment.number == int(number))
    )


def of_needs(tx: Transaction) -> list[tuple[str, str]]:
    """Return the segments that answer now as needs are grouped by them: number, and name in words."""
    return [(number, f"{number}: {', '.join(map(translated, words))}") for number, words in names(tx)]


def told(tx: Transaction) -> Subquery:
    """Return each customer's segment by what answers now."""
    rows = select(CustomerSegment.customer_id.label("subject"), CustomerSegment.number)
    return rows.where(belong_to(CustomerSegment, _used(tx))).subquery()


def narrow_needs(number: str) -> ColumnElement[bool]:
    """Say which needs are of a segment's customers, or of "none"; of one that is no number, none."""
    used = select(TrainedModel.id).where(TrainedModel.used_as == NAME).scalar_subquery()
    known = select(CustomerSegment.customer_id).where(CustomerSegment.model_id.is_not_distinct_from(used))
    if number == "none":
        return or_(Need.customer_id.is_(None), Need.customer_id.not_in(known))
    if not number.isdecimal() or len(number) > 9:
        return false()
    return Need.customer_id.in_(known.where(CustomerSegment.number == int(number)))


def of_need(tx: Transaction, need_id: UUID) -> tuple[str, str] | None:
    """Return number and name of the segment of a need's customer."""
    customer_id = tx.session.scalar(select(Need.customer_id).where(Need.id == need_id))
    found = of_customer(tx, customer_id) if customer_id else None
    return (
        (str(found.number), translated(worded(", ")).join(map(translated, words_of(found.code))))
        if found
        else None
    )
