"""Needs grouped by one or two of their sides, and counted or added up: a pivot of as many as there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Subquery, func, literal, select

from app.customers.models import Customer
from app.database import Transaction
from app.needs import queries
from app.needs.beside import BESIDE
from app.needs.models import Need
from app.orders.models import OrderLine

REST = "…"  # what the rows or columns that are not shown add up to


class Side(StrEnum):
    """By what needs are grouped. A segment is the kind of customer, a product the first that was ordered.

    Theme and customer segment are told by rooms above: BESIDE knows them by these words.
    """

    TYPE = "type"
    CHANNEL = "channel"
    STATUS = "status"
    SEGMENT = "segment"
    CUSTOMER_SEGMENT = "customer_segment"
    THEME = "theme"
    PRODUCT = "product"
    TIME = "time"


class Measure(StrEnum):
    COUNT = "count"
    VALUE = "value"
    MEAN_VALUE = "mean_value"
    QUANTITY = "quantity"
    MEAN_QUANTITY = "mean_quantity"


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Worth is told in one `currency`: amounts in others are left out, and counted."""

    rows: Side = Side.TYPE
    columns: Side | None = None
    measure: Measure = Measure.COUNT
    period: Period = Period.MONTH
    currency: str = "EUR"
    segment: str = ""
    product: str = ""

    @property
    def of_worth(self) -> bool:
        return self.measure in (Measure.VALUE, Measure.MEAN_VALUE)

    @property
    def is_mean(self) -> bool:
        return self.measure in (Measure.MEAN_VALUE, Measure.MEAN_QUANTITY)


@dataclass(slots=True)
class Sum:
    """Needs of a cell: how many, and what they add up to."""

    count: int = 0
    total: Decimal = Decimal(0)

    def add(self, count: int, total: Decimal) -> None:
        self.count += count
        self.total += total


@dataclass(frozen=True, slots=True)
class Pivot:
    """The answer: `cells` by row and column ("" is the one column where nothing is asked across).

    Rows stand by their size, time in its order; `others` counts needs in currencies that are left out.
    """

    question: Question
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Sum]
    row_sums: Mapping[str, Sum]
    column_sums: Mapping[str, Sum]
    total: Sum
    others: int

    def told(self, sums: Sum | None) -> Decimal | None:
        """Return what a cell says: None for a mean of nothing."""
        sums = sums or Sum()
        if self.question.measure is Measure.COUNT:
            return Decimal(sums.count)
        if not self.question.is_mean:
            return sums.total
        return sums.total / sums.count if sums.count else None


def explore(
    tx: Transaction, wanted: queries.Filter, question: Question, most: tuple[int, int] | None = None
) -> Pivot:
    """Answer a question about the needs that fit; `most` rows and columns, the others in one."""
    cells: dict[tuple[str, str], Sum] = defaultdict(Sum)
    others = 0
    told = {side: BESIDE[side].told(tx) for side in _sides(question) if side is not None and side in BESIDE}
    for count, total, currency, *keys in tx.session.execute(_statement(wanted, question, told)):
        if question.of_worth and currency != question.currency:
            others += count
            continue
        cells[_cell(question, keys)].add(count, total or Decimal(0))
    if most is not None:
        cells = _folded(question, cells, most)
    return _pivot(question, cells, others)


def _statement(wanted: queries.Filter, question: Question, told: Mapping[Side, Subquery]) -> Select[Any]:
    sides = [question.rows, *([question.columns] if question.columns else [])]
    grouped = [told[side].c.number if side in told else _column(side) for side in sides]
    currency: SQLColumnExpression[Any] = Need.currency if question.of_worth else literal("")
    added = {Measure.COUNT: literal(0)}.get(
        question.measure, func.sum(Need.value if question.of_worth else Need.quantity)
    )
    statement = (
        select(func.count(), added, currency, *grouped).select_from(Need).where(*queries.conditions(wanted))
    )
    by = [*([Need.currency] if question.of_worth else []), *grouped]
    for side, rows in told.items():
        subject = Need.customer_id if BESIDE[side].of_customer else Need.id
        statement = statement.outerjoin(rows, rows.c.subject == subject)
    return _joined(statement, question, sides).group_by(*by)


def _column(side: Side) -> ColumnElement[Any]:
    return {
        Side.TYPE: Need.need_type,
        Side.CHANNEL: Need.channel,
        Side.STATUS: Need.status,
        Side.SEGMENT: Customer.kind,
        Side.PRODUCT: OrderLine.sku,
        Side.TIME: func.date(Need.created_at),
    }[side]  # type: ignore[return-value] # mapped columns are column elements


def _joined(statement: Select[Any], question: Question, sides: Sequence[Side]) -> Select[Any]:
    if Side.SEGMENT in sides or question.segment:
        statement = statement.outerjoin(Customer, Customer.id == Need.customer_id)
    if question.segment:
        is_none = question.segment == "none"
        statement = statement.where(Customer.kind.is_(None) if is_none else Customer.kind == question.segment)
    if Side.PRODUCT in sides or question.product:
        first = (OrderLine.order_id == Need.order_id) & (OrderLine.position == 0)
        statement = statement.outerjoin(OrderLine, first)
    if question.product:
        is_none = question.product == "none"
        statement = statement.where(OrderLine.sku.is_(None) if is_none else OrderLine.sku == question.product)
    return statement


def _cell(question: Question, keys: Sequence[Any]) -> tuple[str, str]:
    sides = (question.rows, question.columns)
    told = [_key(side, key, question.period) for side, key in zip(sides, keys, strict=False) if side]
    return told[0], told[1] if len(told) > 1 else ""


def _key(side: Side, value: Any, period: Period) -> str:
    if side is not Side.TIME:
        return "none" if value in (None, "") else str(value)
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return begin_of(day, period).isoformat()


def begin_of(day: date, period: Period) -> date:
    """Return the first day of the period that a day is in; weeks begin on Monday."""
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    if period is Period.MONTH:
        return day.replace(day=1)
    if period is Period.QUARTER:
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1) if period is Period.YEAR else day


def end_of(first: date, period: Period) -> date:
    """Return the last day of the period that begins on a day."""
    if period is Period.DAY:
        return first
    days = {Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 92, Period.YEAR: 366}[period]
    try:
        return begin_of(first + timedelta(days=days), period) - timedelta(days=1)
    except OverflowError:
        return date.max


def _folded(
    question: Question, cells: Mapping[tuple[str, str], Sum], most: tuple[int, int]
) -> dict[tuple[str, str], Sum]:
    """Put what is beyond `most` rows and columns into one of each."""
    kept = [
        set(_order(side, _sums(cells, at), question)[: most[at]]) for at, side in enumerate(_sides(question))
    ]
    folded: dict[tuple[str, str], Sum] = defaultdict(Sum)
    for (row, column), sums in cells.items():
        key = (row if row in kept[0] else REST, column if column in kept[1] else REST)
        folded[key].add(sums.count, sums.total)
    return folded


def _sides(question: Question) -> tuple[Side | None, Side | None]:
    return question.rows, question.columns


def _sums(cells: Mapping[tuple[str, str], Sum], at: int) -> dict[str, Sum]:
    sums: dict[str, Sum] = defaultdict(Sum)
    for key, each in cells.items():
        sums[key[at]].add(each.count, each.total)
    return sums


def _order(side: Side | None, sums: Mapping[str, Sum], question: Question) -> list[str]:
    if side is Side.TIME:  # the newest are kept where there are too many
        return sorted(sums, reverse=True)

    def size(key: str) -> tuple[bool, Decimal, str]:
        each = sums[key]
        return key == REST, -(Decimal(each.count) if question.measure is Measure.COUNT else each.total), key

    return sorted(sums, key=size)


def _pivot(question: Question, cells: Mapping[tuple[str, str], Sum], others: int) -> Pivot:
    row_sums, column_sums = _sums(cells, 0), _sums(cells, 1)
    total = Sum()
    for each in cells.values():
        total.add(each.count, each.total)
    shown = [
        _order(side, sums, question)
        for side, sums in zip(_sides(question), (row_sums, column_sums), strict=True)
    ]
    for side, keys in zip(_sides(question), shown, strict=True):
        if side is Side.TIME:
            keys.sort(key=lambda key: "" if key == REST else key)
    return Pivot(question, tuple(shown[0]), tuple(shown[1]), cells, row_sums, column_sums, total, others)
