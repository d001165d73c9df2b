"""Numbers for people: one series for each kind of document of an organisation, without gaps or doubles."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import String, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, Owned, Transaction

FIRST = 1001


class NumberSeries(Owned, Model):
    """The last number given out of a series (orders, invoices, customers, needs) of an organisation."""

    __tablename__ = "number_series"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int]


_series = NumberSeries.__table__.c
_KEY = (_series.org_id == bindparam("b_org_id"), _series.name == bindparam("b_name"))
_TAKE = update(NumberSeries).where(*_KEY).values(last=_series.last + bindparam("count"))
_TAKEN = select(_series.last).where(*_KEY)


def next_number(tx: Transaction, series: str, prefix: str) -> str:
    """Take the next number; whoever else takes one of this series waits until this transaction ends."""
    return next_numbers(tx, series, prefix, 1)[0]


def next_numbers(tx: Transaction, series: str, prefix: str, count: int) -> list[str]:
    """Take the next numbers, at the price of one."""
    key = {"b_org_id": tx.organisation, "b_name": series}
    taking = {**key, "count": count}
    if tx.execute(_TAKE, taking).rowcount == 0 and not _begin_series(tx, series, count):
        tx.execute(_TAKE, taking)
    last = tx.execute(_TAKEN, key).scalar_one()
    return [f"{prefix}{number}" for number in range(last - count + 1, last + 1)]


def _begin_series(tx: Transaction, series: str, count: int) -> bool:
    """Write the series' first row; False where somebody else has just done so."""
    row = {"org_id": tx.organisation, "name": series, "last": FIRST + count - 1}
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(NumberSeries), row)
    except IntegrityError:
        return False
    return True
