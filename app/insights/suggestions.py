"""What a customer may want next: what it is learned from, what is kept of it, and what is shown of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select

from app.catalogue.models import Product
from app.columns import new_id
from app.customers.models import Customer
from app.database import Transaction
from app.insights.gate import Metric
from app.insights.kind import Kind, Reading
from app.insights.models import CustomerSuggestion, TrainedModel
from app.insights.pseudonyms import pseudonyms_of
from app.insights.trained import Row
from app.orders.models import Order, OrderLine, OrderStatus
from app.wording import worded

NAME = "suggestions"
SHOWN = 5
LONGEST = timedelta(days=2 * 366)
# An order that was approved and is carried out, or was: what a customer did buy.
BOUGHT = (OrderStatus.EXECUTING, OrderStatus.DELIVERED, OrderStatus.CLOSING, OrderStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Suggested:
    """One product with the reason as a code and its values; products named by a reason have their name."""

    product_id: UUID
    sku: str
    name: str
    reason: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What they buy again and what is new to them, apart; `popular` where too little is known."""

    again: tuple[Suggested, ...] = ()
    new: tuple[Suggested, ...] = ()
    popular: tuple[Suggested, ...] = ()


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
            Customer.erased_at.is_(None),
        )
        .order_by(Order.submitted_at)
    )
    for customer_id, product_id, order_id, moment in given.tx.session.execute(statement):
        yield given.pseudonym(customer_id), str(product_id), str(order_id), moment


def keep(tx: Transaction, model_id: UUID | None, rows: Iterable[Row]) -> None:
    """Keep a model's lists in place of its former ones; of who was erased meanwhile, nothing is kept."""
    forget(tx, model_id)
    pseudonym = pseudonyms_of(tx.organisation)
    there = select(Customer.id).where(Customer.erased_at.is_(None))
    by_pseudonym: dict[str, UUID | None] = {pseudonym(each): each for each in tx.session.scalars(there)}
    by_pseudonym[""] = None
    for name, again, new in rows:
        if name in by_pseudonym:
            row = CustomerSuggestion(id=new_id(), org_id=tx.organisation, model_id=model_id)
            row.customer_id, row.again, row.new = by_pseudonym[name], again, new
            tx.session.add(row)


def forget(tx: Transaction, model_id: UUID | None) -> None:
    tx.session.execute(delete(CustomerSuggestion).where(_of(model_id)))


def _of(model_id: UUID | None) -> Any:
    owner = CustomerSuggestion.model_id
    return owner.is_(None) if model_id is None else owner == model_id


def erase(tx: Transaction, customer_id: UUID) -> int:
    gone = tx.session.execute(delete(CustomerSuggestion).where(CustomerSuggestion.customer_id == customer_id))
    return int(gone.rowcount)  # type: ignore[attr-defined] # a delete's result counts its rows


def suggestions_for(tx: Transaction, customer: Customer) -> Suggestions:
    """Return what to offer a customer now: only what is sold and free in the warehouse at this moment."""
    if customer.erased_at is not None or not customer.is_active:
        return Suggestions()
    used = tx.session.scalar(select(TrainedModel.id).where(TrainedModel.used_as == NAME))
    kept = CustomerSuggestion
    statement = select(kept).where(
        or_(
            (kept.customer_id == customer.id) & (kept.model_id == used),
            kept.customer_id.is_(None) & kept.model_id.is_(None),
        )
    )
    rows = {row.customer_id: row for row in tx.session.scalars(statement)}
    own, everybody = rows.get(customer.id), rows.get(None)
    if own is not None:
        products = _on_sale(tx, [*own.again, *own.new])
        return Suggestions(_shown(own.again, products), _shown(own.new, products))
    if everybody is not None:
        return Suggestions(popular=_shown(everybody.new, _on_sale(tx, everybody.new)))
    return Suggestions()


def _on_sale(tx: Transaction, listed: Sequence[Any]) -> dict[str, Product]:
    """Return products by their id as text: those listed, and those that a reason names."""
    ids = {UUID(each[0]) for each in listed}
    named = {UUID(each[2]["product"]) for each in listed if "product" in each[2]}
    found = tx.session.scalars(select(Product).where(Product.id.in_(ids | named)))
    return {str(product.id): product for product in found}


def _shown(listed: Sequence[Any], products: Mapping[str, Product]) -> tuple[Suggested, ...]:
    shown = []
    for product_id, reason, values in listed:
        product = products.get(product_id)
        if product is None or not _is_free(product):
            continue
        said = dict(values)
        if "product" in said:
            beside = products.get(said["product"])
            if beside is None:
                continue
            said["product"] = beside.name
        if "last" in said:
            said["last"] = date.fromisoformat(said["last"])
        shown.append(Suggested(product.id, product.sku, product.name, reason, said))
    return tuple(shown[:SHOWN])


def _is_free(product: Product) -> bool:
    return product.is_active and (not product.is_stocked or product.on_hand > product.reserved)


KIND = Kind(
    name=NAME,
    title=worded("Suggestions"),
    about=worded("What each customer buys again, and what is new to them and bought by others like them."),
    metric=Metric("recall", higher_is_better=True, least_gain=0.01),
    metric_words=worded("Share of a customer's next order that is among ten suggestions"),
    baseline_words=worded("the ten most popular products for everybody"),
    read=read,
    learner="app.insights.learning.recommend.training:learn",
    keep=keep,
    forget=forget,
    erase=erase,
)
