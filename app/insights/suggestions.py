"""What a customer may want next: what it is learned from, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import insert, select

from app.accounts.queries import hold
from app.columns import new_id
from app.customers.models import Customer
from app.customers.profiling import may_be_profiled
from app.database import Transaction
from app.insights import kept_rows, predictions, suggestions_taken
from app.insights.gate import Metric
from app.insights.kind import Kind, Reading
from app.insights.models import CustomerSuggestion, SaidPrediction
from app.insights.pseudonyms import pseudonyms_of
from app.insights.suggestions_taken import BOUGHT
from app.insights.trained import Row
from app.orders.models import Order, OrderLine
from app.wording import worded

NAME = suggestions_taken.NAME
# Rows read, and written, at a time: memory stays bounded.
AT_ONCE = 2_000
LONGEST = timedelta(days=2 * 366)


def read(given: Reading) -> Iterator[Row]:
    """Yield (customer's pseudonym, product, order, moment) of what was carried out, the oldest first."""
    statement = (
        select(Order.customer_id, OrderLine.product_id, Order.id, Order.submitted_at)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Customer, Customer.id == Order.customer_id)
        .where(
            Order.status.in_(BOUGHT),
            Order.submitted_at >= given.now - LONGEST,
            Order.submitted_at < given.now,
            OrderLine.product_id.is_not(None),
            may_be_profiled(),
        )
        .order_by(Order.submitted_at)
        .execution_options(yield_per=AT_ONCE)
    )
    for customer_id, product_id, order_id, moment in given.tx.session.execute(statement):
        yield given.pseudonym(customer_id), str(product_id), str(order_id), moment


def keep(tx: Transaction, model_id: UUID | None, rows: Iterable[Row]) -> None:
    """Keep a model's lists in place of its former ones; nothing of who was erased or refused meanwhile."""
    hold(tx)
    forget(tx, model_id)
    pseudonym = pseudonyms_of(tx.organisation)
    there = select(Customer.id).where(may_be_profiled())
    by_pseudonym: dict[str, UUID | None] = {pseudonym(each): each for each in tx.session.scalars(there)}
    by_pseudonym[""] = None
    wanted = (row for row in rows if row[0] in by_pseudonym)
    while some := list(islice(wanted, AT_ONCE)):
        tx.session.execute(
            insert(CustomerSuggestion),
            [
                {
                    "id": new_id(),
                    "org_id": tx.organisation,
                    "model_id": model_id,
                    "customer_id": by_pseudonym[name],
                    "again": again,
                    "new": new,
                }
                for name, again, new in some
            ],
        )
    kept_rows.remove_unprofiled(tx, model_id, CustomerSuggestion)


def forget(tx: Transaction, model_id: UUID | None) -> None:
    kept_rows.remove(tx, model_id, CustomerSuggestion)


def erase(tx: Transaction, customer_id: UUID) -> int:
    """Remove what was computed of a customer, and what was said of them."""
    return kept_rows.erase(tx, customer_id, CustomerSuggestion) + predictions.erase(tx, customer_id, NAME)


def erase_unprofiled(tx: Transaction) -> int:
    """Remove the same of everybody who may not be profiled."""
    said = kept_rows.erase_unprofiled(tx, SaidPrediction, SaidPrediction.kind == NAME)
    return said + kept_rows.erase_unprofiled(tx, CustomerSuggestion)


KIND = Kind(
    name=NAME,
    title=worded("Suggestions"),
    about=worded("What each customer buys again, and what is new to them and bought by others like them."),
    metric=Metric("recall", higher_is_better=True, least_gain=0.01),
    metric_words=worded("Share of a customer's next order that is among ten suggestions"),
    baseline_words=worded("the ten most popular products for everybody"),
    error_words=worded("Share of customers whose next order held nothing of it"),
    read=read,
    learner="app.insights.learning.recommend.training:learn",
    keep=keep,
    forget=forget,
    erase=erase,
    reckon=suggestions_taken.reckon,
)
