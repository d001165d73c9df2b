"""How many needs and orders will come: what the forecast learns from, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.columns import new_id
from app.database import Transaction
from app.insights import kept_rows, predictions
from app.insights.gate import Metric
from app.insights.kind import Kind, Reading
from app.insights.models import Forecast, SaidPrediction, TrainedModel
from app.insights.trained import Row
from app.needs.models import Need
from app.orders.models import Order, OrderStatus
from app.wording import worded

NAME = "forecast"
NEEDS, ORDERS = "needs", "orders"
LONGEST = timedelta(days=3 * 366)


def read(given: Reading) -> Iterator[Row]:
    """Yield (measure, type, day, count) of whole days in UTC, up to yesterday. No person is in it."""
    since, until = _bounds(given.now)
    for measure, statement in ((NEEDS, _needs(since, until)), (ORDERS, _orders(since, until))):
        for need_type, day, count in given.tx.session.execute(statement):
            yield (measure, need_type or "", _day(day), int(count))


def _bounds(now: datetime) -> tuple[datetime, datetime]:
    until = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return until - LONGEST, until


def _needs(since: datetime, until: datetime) -> Any:
    day = func.date(Need.created_at)
    return (
        select(Need.need_type, day, func.count())
        .where(Need.created_at >= since, Need.created_at < until)
        .group_by(Need.need_type, day)
    )


def _orders(since: datetime, until: datetime) -> Any:
    """Orders that were submitted, by the type of the need that they came from."""
    day = func.date(Order.submitted_at)
    return (
        select(Need.need_type, day, func.count())
        .select_from(Order)
        .outerjoin(Need, Need.id == Order.need_id)
        .where(Order.submitted_at >= since, Order.submitted_at < until, Order.status != OrderStatus.DRAFT)
        .group_by(Need.need_type, day)
    )


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def keep(tx: Transaction, model_id: UUID | None, rows: Iterable[Row]) -> None:
    """Keep a model's forecasts in place of its former ones."""
    forget(tx, model_id)
    for measure, need_type, starts_on, days, expected, low, high, method in rows:
        row = Forecast(id=new_id(), org_id=tx.organisation, model_id=model_id, measure=measure)
        row.need_type, row.starts_on, row.days, row.method = need_type, starts_on, days, method
        row.expected, row.low, row.high = expected, low, high
        tx.session.add(row)


def forget(tx: Transaction, model_id: UUID | None) -> None:
    kept_rows.remove(tx, model_id, Forecast)


def reckon(tx: Transaction, now: datetime) -> None:
    """Compare weeks that are over with what was expected of them, and say what is expected of the next."""
    _settle_weeks(tx, now)
    tx.flush()
    model_id = tx.session.scalar(select(TrainedModel.id).where(TrainedModel.used_as == NAME))
    for by in dict.fromkeys((model_id, None)):
        for row in list_forecasts(tx, by):
            if row.days == 7:
                subject = f"{row.measure}|{row.need_type}|{row.starts_on}"
                said = {"expected": row.expected, "low": row.low, "high": row.high}
                if not _is_said(tx, subject, by is None):
                    predictions.say(tx, NAME, subject, said, now, model_id=by)


def _is_said(tx: Transaction, subject: str, by_baseline: bool) -> bool:
    statement = select(SaidPrediction.id).where(
        SaidPrediction.kind == NAME,
        SaidPrediction.subject == subject,
        SaidPrediction.model_id.is_(None) if by_baseline else SaidPrediction.model_id.is_not(None),
    )
    return tx.session.scalars(statement.limit(1)).first() is not None


def _settle_weeks(tx: Transaction, now: datetime) -> None:
    open_ = select(SaidPrediction.subject).where(
        SaidPrediction.kind == NAME, SaidPrediction.happened_at.is_(None)
    )
    over: dict[date, list[tuple[str, str, str]]] = {}
    for subject in tx.session.scalars(open_.distinct()):
        measure, rest = subject.split("|", 1)
        need_type, _, starts_on = rest.rpartition("|")
        monday = date.fromisoformat(starts_on)
        if monday + timedelta(days=7) <= now.astimezone(UTC).date():
            over.setdefault(monday, []).append((subject, measure, need_type))
    for monday, subjects in over.items():
        counted = _counted(tx, monday)
        for subject, measure, need_type in subjects:
            came = counted.get((measure, need_type), 0)
            predictions.settle(tx, NAME, subject, {"count": came}, partial(_error, came), now)


def _error(came: int, said: predictions.Said) -> float:
    return abs(float(said["expected"]) - came) / max(came, 1)


def _counted(tx: Transaction, first: date) -> dict[tuple[str, str], int]:
    since = datetime.combine(first, time(), UTC)
    until = since + timedelta(days=7)
    counted: dict[tuple[str, str], int] = {}
    for measure, statement in ((NEEDS, _needs(since, until)), (ORDERS, _orders(since, until))):
        for need_type, _, count in tx.session.execute(statement):
            for each in {"", need_type or ""}:
                counted[measure, each] = counted.get((measure, each), 0) + int(count)
    return counted


def list_forecasts(tx: Transaction, model_id: UUID | None) -> list[Forecast]:
    """Return a model's forecasts, or the baseline's, in the order of their series and days."""
    mine = kept_rows.belong_to(Forecast, model_id)
    order = (Forecast.measure, Forecast.need_type, Forecast.days, Forecast.starts_on)
    return list(tx.session.scalars(select(Forecast).where(mine).order_by(*order)))


KIND = Kind(
    name=NAME,
    title=worded("Forecast"),
    about=worded("How many needs and orders of each type will come in the next two weeks, day by day."),
    metric=Metric("error", higher_is_better=False, least_gain=0.01),
    metric_words=worded("Mean error of a day, as a share of what came"),
    baseline_words=worded("as many as on the same weekday of the week before"),
    error_words=worded("Mean error of a week, as a share of what came"),
    read=read,
    learner="app.insights.learning.forecast.training:learn",
    keep=keep,
    forget=forget,
    reckon=reckon,
)
