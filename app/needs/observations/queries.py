"""Finding what customers were seen to do, and all that happened with one of them, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from app.accounts import queries as accounts
from app.catalogue.models import Product
from app.customers.erasing import Erased
from app.database import Transaction
from app.errors import NotFoundError
from app.needs import origins
from app.needs.models import Need
from app.needs.observations.models import Observation
from app.needs.origins import OriginKind
from app.orders.models import Feedback, Order

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    customer_id: UUID | None = None
    kind: str | None = None
    product_id: UUID | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """An observation with its product's name, who noted it, and the need that was made of it."""

    id: UUID
    customer_id: UUID
    kind: str
    product_id: UUID | None
    product: str | None
    text: str
    source: str
    key: str | None
    person: str | None
    need_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing on a customer's timeline: an observation, a need, or what they said of an order."""

    at: datetime
    kind: str  # observed | need | feedback
    text: str
    observation: ObservationRow | None = None
    need_id: UUID | None = None
    order_id: UUID | None = None
    number: str = ""  # of the need, or of the order
    status: str = ""
    score: int | None = None


def list_observations(
    tx: Transaction, wanted: Wanted, after: tuple[datetime, UUID] | None = None, limit: int = SHOWN
) -> list[ObservationRow]:
    statement = (
        select(Observation, Product.name)
        .outerjoin(Product, Product.id == Observation.product_id)
        .where(*_conditions(wanted))
        .order_by(Observation.at.desc(), Observation.id.desc())
        .limit(limit)
    )
    if after is not None:
        at, last = after
        older = or_(Observation.at < at, and_(Observation.at == at, Observation.id < last))
        statement = statement.where(older)
    found = tx.session.execute(statement).all()
    names = accounts.names_of(tx, [row.Observation.person_id for row in found])
    made = origins.needs_of(tx, OriginKind.OBSERVATION, [row.Observation.id for row in found])
    return [
        ObservationRow(
            id=row.Observation.id,
            customer_id=row.Observation.customer_id,
            kind=row.Observation.kind,
            product_id=row.Observation.product_id,
            product=row.name,
            text=row.Observation.text,
            source=row.Observation.source,
            key=row.Observation.key,
            person=names.get(row.Observation.person_id),
            need_id=made.get(row.Observation.id),
            at=row.Observation.at,
        )
        for row in found
    ]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column in ("customer_id", "kind", "product_id"):
        if (value := getattr(wanted, column)) is not None:
            found.append(getattr(Observation, column) == value)
    if wanted.since:
        found.append(Observation.at >= datetime.combine(wanted.since, time(), UTC))
    if wanted.until:
        found.append(Observation.at < datetime.combine(wanted.until + timedelta(days=1), time(), UTC))
    return found


def customer_of(tx: Transaction, observation_id: UUID) -> UUID:
    found = tx.session.get(Observation, observation_id)
    if found is None:
        raise NotFoundError("observation", observation_id)
    return found.customer_id


def timeline_of(tx: Transaction, customer_id: UUID, limit: int = SHOWN) -> list[Happening]:
    """Return the newest that is known of a customer: what was seen, what they needed, what they said."""
    seen = [
        Happening(row.at, "observed", row.text, observation=row, need_id=row.need_id)
        for row in list_observations(tx, Wanted(customer_id=customer_id), limit=limit)
    ]
    needs = select(Need).where(Need.customer_id == customer_id).order_by(Need.created_at.desc()).limit(limit)
    wanted = [
        Happening(need.created_at, "need", need.text, need_id=need.id, number=need.number, status=need.status)
        for need in tx.session.scalars(needs)
    ]
    answered = (
        select(Feedback, Order.number)
        .join(Order, Order.id == Feedback.order_id)
        .where(Order.customer_id == customer_id, Feedback.answered_at.is_not(None))
        .order_by(Feedback.answered_at.desc())
        .limit(limit)
    )
    said = [
        Happening(
            row.Feedback.answered_at,
            "feedback",
            row.Feedback.text,
            order_id=row.Feedback.order_id,
            number=row.number,
            score=row.Feedback.score,
        )
        for row in tx.session.execute(answered)
    ]
    return sorted([*seen, *wanted, *said], key=lambda each: each.at, reverse=True)[:limit]


def erase(tx: Transaction, whom: Erased) -> int:
    """Remove all that a customer was seen to do; return how many rows went."""
    rows = tx.session.scalars(select(Observation).where(Observation.customer_id == whom.id)).all()
    for row in rows:
        tx.session.delete(row)
    tx.flush()
    return len(rows)
