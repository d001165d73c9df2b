"""Segments of customers: what they are learned from, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from app.accounts.queries import currency_of, hold
from app.columns import new_id
from app.customers.models import Customer
from app.customers.profiling import may_be_profiled
from app.database import Transaction
from app.insights import kept_rows
from app.insights.gate import Metric
from app.insights.kind import Kind, Reading
from app.insights.pseudonyms import pseudonyms_of
from app.insights.segments.models import CustomerSegment
from app.insights.suggestions_taken import BOUGHT
from app.insights.trained import Row
from app.orders.models import Order
from app.wording import worded

NAME = "segments"
# Two years before the quarter that is held back.
LONGEST = timedelta(days=730 + 90)


def read(given: Reading) -> Iterator[Row]:
    """Yield (customer's pseudonym, moment, total) of orders carried out, the oldest first."""
    statement = (
        select(Order.customer_id, Order.submitted_at, Order.total)
        .join(Customer, Customer.id == Order.customer_id)
        .where(
            Order.status.in_(BOUGHT),
            Order.submitted_at >= given.now - LONGEST,
            Order.submitted_at < given.now,
            Order.currency == currency_of(given.tx),
            may_be_profiled(),
        )
        .order_by(Order.submitted_at)
    )
    for customer_id, moment, total in given.tx.session.execute(statement):
        yield given.pseudonym(customer_id), moment, float(total)


def keep(tx: Transaction, model_id: UUID | None, rows: Iterable[Row]) -> None:
    """Keep a model's segments in place of its former ones; nothing of who was erased or refused meanwhile."""
    hold(tx)
    forget(tx, model_id)
    pseudonym = pseudonyms_of(tx.organisation)
    there = select(Customer.id).where(may_be_profiled())
    by_pseudonym = {pseudonym(each): each for each in tx.session.scalars(there)}
    for name, number, code, recency_days, frequency, value in rows:
        if name in by_pseudonym:
            row = CustomerSegment(id=new_id(), org_id=tx.organisation, model_id=model_id)
            row.customer_id, row.number, row.code = by_pseudonym[name], number, code
            row.recency_days, row.frequency, row.value = recency_days, frequency, Decimal(f"{value:.2f}")
            tx.session.add(row)
    tx.flush()
    kept_rows.remove_unprofiled(tx, model_id, CustomerSegment)


def forget(tx: Transaction, model_id: UUID | None) -> None:
    kept_rows.remove(tx, model_id, CustomerSegment)


def erase(tx: Transaction, customer_id: UUID) -> int:
    return kept_rows.erase(tx, customer_id, CustomerSegment)


def erase_unprofiled(tx: Transaction) -> int:
    return kept_rows.erase_unprofiled(tx, CustomerSegment)


KIND = Kind(
    name=NAME,
    title=worded("Customer segments"),
    about=worded("Customers by how lately, how often and for how much they ordered."),
    metric=Metric("told", higher_is_better=True, least_gain=0.02),
    metric_words=worded("Share of the differences in a customer's orders of the next quarter that it tells"),
    baseline_words=worded("three thirds by value"),
    read=read,
    learner="app.insights.learning.segments.training:learn",
    keep=keep,
    forget=forget,
    erase=erase,
)
