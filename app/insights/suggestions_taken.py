"""What became of suggestions: whether a customer's next order held any of what they would be suggested."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from app.accounts.queries import hold
from app.catalogue.models import Product
from app.customers.models import Customer
from app.customers.profiling import may_be_profiled
from app.database import Transaction
from app.insights import predictions
from app.insights.models import CustomerSuggestion, SaidPrediction, TrainedModel
from app.orders.models import Order, OrderLine, OrderStatus
from app.wording import worded

NAME = "suggestions"
# An order that was approved and is carried out, or was: what a customer did buy.
BOUGHT = (OrderStatus.EXECUTING, OrderStatus.DELIVERED, OrderStatus.CLOSING, OrderStatus.CLOSED)
# Of each sort so many are shown; as many customers as say enough are followed at once.
OF_EACH, FOLLOWED = 5, 300
LATELY = timedelta(days=90)
SUGGESTED, TAKEN = worded("suggested"), worded("of it in the next order")
_BETWEEN = ", "


def reckon(tx: Transaction, now: datetime) -> None:
    """Compare what was said with customers' next orders, and say anew of those who ordered lately."""
    hold(tx)
    _settle(tx, now)
    tx.flush()
    used = tx.session.scalar(select(TrainedModel.id).where(TrainedModel.used_as == NAME))
    everybody = tx.session.scalar(
        select(CustomerSuggestion.new).where(
            CustomerSuggestion.customer_id.is_(None), CustomerSuggestion.model_id.is_(None)
        )
    )
    people = _people(tx, now)
    own = {
        row.customer_id: [*row.again[:OF_EACH], *row.new[:OF_EACH]]
        for row in tx.session.scalars(
            select(CustomerSuggestion).where(
                CustomerSuggestion.model_id == used, CustomerSuggestion.customer_id.in_(people)
            )
        )
    }
    listed = [*own.values(), everybody or []]
    skus = _skus(tx, {UUID(each[0]) for products in listed for each in products})
    for customer_id, number in people.items():
        subject = f"{number} {now:%Y-%m-%d}"
        by = [(used, own.get(customer_id)), (None, (everybody or [])[: 2 * OF_EACH])]
        for model_id, products in by:
            if products:
                told = _BETWEEN.join(skus[each[0]] for each in products if each[0] in skus)
                said = {str(SUGGESTED): told}
                predictions.say(tx, NAME, subject, said, now, model_id=model_id, customer_id=customer_id)


def _people(tx: Transaction, now: datetime) -> dict[UUID, str]:
    """Return customers who ordered lately, and of whom nothing that was said waits for an order."""
    waits = exists().where(
        SaidPrediction.kind == NAME,
        SaidPrediction.customer_id == Customer.id,
        SaidPrediction.happened_at.is_(None),
    )
    ordered = exists().where(
        Order.customer_id == Customer.id, Order.status.in_(BOUGHT), Order.submitted_at >= now - LATELY
    )
    found = select(Customer.id, Customer.number).where(may_be_profiled(), ordered, ~waits)
    return {row.id: row.number for row in tx.session.execute(found.order_by(Customer.id).limit(FOLLOWED))}


def _skus(tx: Transaction, ids: Iterable[UUID]) -> Mapping[str, str]:
    found = tx.session.execute(select(Product.id, Product.sku).where(Product.id.in_(list(ids))))
    return {str(row.id): row.sku for row in found}


def _settle(tx: Transaction, now: datetime) -> None:
    open_: dict[UUID, tuple[str, datetime]] = {}
    waiting = select(SaidPrediction).where(SaidPrediction.kind == NAME, SaidPrediction.happened_at.is_(None))
    for row in tx.session.scalars(waiting):
        if row.customer_id is not None:
            open_[row.customer_id] = row.subject, row.said_at
    for customer_id, (moment, bought) in _next_orders(tx, open_).items():
        subject = open_[customer_id][0]
        for row in tx.session.scalars(waiting.where(SaidPrediction.subject == subject)):
            taken = len(bought & set(row.said[SUGGESTED].split(_BETWEEN)))
            row.happened, row.happened_at, row.error = {str(TAKEN): taken}, moment, float(not taken)


def _next_orders(
    tx: Transaction, since: Mapping[UUID, tuple[str, datetime]]
) -> dict[UUID, tuple[datetime, set[str]]]:
    """Return each customer's first order after what was said: when, and the SKUs in it."""
    if not since:
        return {}
    rows: Sequence[Any] = tx.session.execute(
        select(Order.customer_id, Order.id, Order.submitted_at, Product.sku)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(
            Order.customer_id.in_(list(since)),
            Order.status.in_(BOUGHT),
            Order.submitted_at > min(at for _, at in since.values()),
        )
        .order_by(Order.submitted_at, Order.id)
    ).all()
    firsts: dict[UUID, tuple[UUID, datetime]] = {}
    bought: dict[UUID, set[str]] = defaultdict(set)
    for row in rows:
        if row.submitted_at <= since[row.customer_id][1]:
            continue
        order_id, _ = firsts.setdefault(row.customer_id, (row.id, row.submitted_at))
        if row.id == order_id:
            bought[row.customer_id].add(row.sku)
    return {customer_id: (moment, bought[customer_id]) for customer_id, (_, moment) in firsts.items()}
