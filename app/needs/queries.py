"""Listing needs, following one, and adding them up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.accounts import queries as accounts
from app.database import Transaction
from app.errors import NotFoundError
from app.moments import utc_now
from app.needs.beside import BESIDE
from app.needs.forms.models import ConsentText, NeedSubmission
from app.needs.forms.queries import consent_of
from app.needs.models import Need, NeedEvent
from app.needs.origins import NeedOrigin, origin_of
from app.orders.models import Order
from app.searching import pattern_of


@dataclass(frozen=True, slots=True)
class Filter:
    """Which needs; empty fields do not narrow. Days are whole, both ends included, in UTC."""

    search: str = ""
    need_type: str = ""
    status: str = ""
    channel: str = ""
    customer_id: UUID | None = None
    owner_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    open: bool = False
    overdue: bool = False
    theme: str = ""
    customer_segment: str = ""


@dataclass(frozen=True, slots=True)
class EventRow:
    at: datetime
    person: str | None
    kind: str
    from_status: str | None
    to_status: str | None
    text: str
    of: str = ""  # the number of the merged need that it happened to


@dataclass(frozen=True, slots=True)
class Origin:
    """What a need came of: an observation of its customer, or feedback on an order."""

    kind: str
    source_id: UUID
    order_id: UUID | None
    order_number: str | None


@dataclass(frozen=True, slots=True)
class Consent:
    """What the sender of a public form agreed to: the very text that they saw, its version and language."""

    version: int
    language: str
    text: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class NeedView:
    """A need with its history, oldest first, and those that were merged into it with theirs."""

    need: Need
    owner_name: str | None
    events: tuple[EventRow, ...]
    merged: tuple[Need, ...] = ()
    origin: Origin | None = None
    consent: Consent | None = None


def list_needs(
    tx: Transaction, wanted: Filter, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Need]:
    """Return needs, the newest first."""
    statement = select(Need).where(*conditions(wanted)).order_by(Need.created_at.desc(), Need.id.desc())
    if after is not None:
        at, need_id = after
        statement = statement.where(or_(Need.created_at < at, (Need.created_at == at) & (Need.id < need_id)))
    return list(tx.session.scalars(statement.limit(limit)))


def conditions(wanted: Filter) -> Iterable[ColumnElement[bool]]:
    """Yield what the needs of a filter fulfil; one that was merged into another is no need of its own."""
    yield Need.merged_into_id.is_(None)
    if wanted.search:
        pattern = pattern_of(wanted.search)
        yield or_(
            Need.text.ilike(pattern, escape="\\"),
            Need.number.ilike(pattern, escape="\\"),
            Need.customer_name.ilike(pattern, escape="\\"),
        )
    for column, value in (
        (Need.need_type, wanted.need_type),
        (Need.status, wanted.status),
        (Need.channel, wanted.channel),
    ):
        if value:
            yield column == value
    if wanted.customer_id is not None:
        yield Need.customer_id == wanted.customer_id
    if wanted.owner_id is not None:
        yield Need.owner_id == wanted.owner_id
    if wanted.since is not None:
        yield Need.created_at >= _midnight(wanted.since)
    if wanted.until is not None:
        yield Need.created_at <= datetime.combine(wanted.until, time.max, UTC)
    if wanted.open:
        yield Need.closed_at.is_(None)
    for beside, asked in (("theme", wanted.theme), ("customer_segment", wanted.customer_segment)):
        if asked:
            yield BESIDE[beside].narrow(asked)
    if wanted.overdue:
        yield is_overdue(utc_now().date())


def is_overdue(today: date) -> ColumnElement[bool]:
    """Say which needs were due before today and are open still."""
    return and_(Need.closed_at.is_(None), Need.due_on < today)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def get_need(tx: Transaction, need_id: UUID) -> NeedView:
    need = tx.session.get(Need, need_id)
    if need is None:
        raise NotFoundError("need", need_id)
    merged = tx.session.scalars(select(Need).where(Need.merged_into_id == need_id).order_by(Need.id)).all()
    of = {need.id: "", **{each.id: each.number for each in merged}}
    statement = select(NeedEvent).where(NeedEvent.need_id.in_(of)).order_by(NeedEvent.at, NeedEvent.id)
    events = tx.session.scalars(statement).all()
    names = accounts.names_of(tx, [need.owner_id, *(event.person_id for event in events)])
    return NeedView(
        need=need,
        owner_name=names.get(need.owner_id) if need.owner_id else None,
        events=tuple(
            EventRow(
                at=event.at,
                person=names.get(event.person_id) if event.person_id else None,
                kind=event.kind,
                from_status=event.from_status,
                to_status=event.to_status,
                text=event.text,
                of=of[event.need_id],
            )
            for event in events
        ),
        merged=tuple(merged),
        origin=_origin(tx, origin_of(tx, need_id)),
        consent=_consent(consent_of(tx, need_id)),
    )


def _origin(tx: Transaction, found: NeedOrigin | None) -> Origin | None:
    if found is None:
        return None
    order = tx.session.get(Order, found.order_id) if found.order_id else None
    return Origin(found.kind, found.source_id, found.order_id, order.number if order else None)


def _consent(found: tuple[NeedSubmission, ConsentText] | None) -> Consent | None:
    if found is None:
        return None
    sent, said = found
    text = said.text_en if sent.consent_language == "en" else said.text_zh
    return Consent(sent.consent_version, sent.consent_language, text, sent.sent_at)


def list_values(tx: Transaction, column: str) -> list[str]:
    """Return the types or channels in use, for filters."""
    chosen = {"need_type": Need.need_type, "channel": Need.channel}[column]
    return list(tx.session.scalars(select(chosen).distinct().order_by(chosen).limit(200)))


class Bucket(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Cell:
    """How many needs of a type came in a period, and what they were worth in one currency."""

    starts_on: date
    need_type: str
    currency: str
    count: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Analysis:
    """Cells in order of time and type, and the same added up by type."""

    bucket: Bucket
    cells: tuple[Cell, ...]
    totals: tuple[Cell, ...]


def analyse(tx: Transaction, wanted: Filter, bucket: Bucket) -> Analysis:
    """Count and add up needs by type over time.

    Days are added up by the database, weeks (from Monday) and months from those, so that all databases agree.
    """
    day = func.date(Need.created_at)
    statement = (
        select(day, Need.need_type, Need.currency, func.count(), func.sum(Need.value))
        .where(*conditions(wanted))
        .group_by(day, Need.need_type, Need.currency)
    )
    cells: dict[tuple[date, str, str], tuple[int, Decimal]] = {}
    totals: dict[tuple[date, str, str], tuple[int, Decimal]] = {}
    for on, need_type, currency, count, value in tx.session.execute(statement):
        starts_on = _bucket_start(_day(on), bucket)
        _add(cells, (starts_on, need_type, currency), count, value or Decimal(0))
        _add(totals, (date.min, need_type, currency), count, value or Decimal(0))
    return Analysis(bucket, _cells(cells), tuple(sorted(_cells(totals), key=_largest_first)))


def _add(
    into: dict[tuple[date, str, str], tuple[int, Decimal]],
    key: tuple[date, str, str],
    count: int,
    value: Decimal,
) -> None:
    before = into.get(key, (0, Decimal(0)))
    into[key] = (before[0] + count, before[1] + value)


def _cells(found: dict[tuple[date, str, str], tuple[int, Decimal]]) -> tuple[Cell, ...]:
    return tuple(Cell(*key, *found[key]) for key in sorted(found))


def _largest_first(cell: Cell) -> tuple[int, str, str]:
    return (-cell.count, cell.need_type, cell.currency)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _bucket_start(day: date, bucket: Bucket) -> date:
    if bucket is Bucket.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if bucket is Bucket.MONTH else day
