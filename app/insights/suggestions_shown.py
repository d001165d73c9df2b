"""What to suggest to a customer at this moment: of what was computed, what is sold, free and allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.catalogue.models import Product
from app.customers.models import Customer, Profiling
from app.customers.profiling import may_profile
from app.database import Transaction
from app.insights.models import CustomerSuggestion, TrainedModel
from app.insights.suggestions import NAME
from app.localised import Day
from app.wording import Wording, worded

SHOWN = 5

_REASONS: Mapping[str, Wording] = {
    "due": worded("Due: bought every {days} days, {times} times; last on {last}"),
    "rhythm": worded("Bought every {days} days, {times} times; last on {last}"),
    "bought": worded("Bought before; last on {last}"),
    "beside": worded("Bought by those who buy {product}"),
    "popular": worded("Bought by {customers} customers in 90 days"),
}


class Standing(StrEnum):
    """Why a customer is suggested what they are, or nothing."""

    KNOWN = "known"
    COLD = "cold"  # too little is known of them: what is popular with all
    UNTRAINED = "untrained"  # nothing was computed yet
    REFUSED = "refused"  # by the customer
    UNASKED = "unasked"  # the customer, and the business suggests only to those who agreed
    ENDED = "ended"  # erased, or no customer any more


@dataclass(frozen=True, slots=True)
class Suggested:
    """One product that can be sold now; the reason is a code with its values, and in words."""

    product_id: UUID
    sku: str
    name: str
    unit: str
    price: Decimal
    currency: str
    free: Decimal | None  # none: not kept in a warehouse
    reason: str
    values: Mapping[str, Any]

    @property
    def words(self) -> Wording:
        return Wording(_REASONS[self.reason].template, dict(self.values))


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What they buy again and what is new to them, apart; `popular` where too little is known."""

    standing: Standing
    again: tuple[Suggested, ...] = ()
    new: tuple[Suggested, ...] = ()
    popular: tuple[Suggested, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.again or self.new or self.popular)


def suggestions_for(tx: Transaction, customer: Customer, most: int = SHOWN) -> Suggestions:
    """Return what to offer a customer now, at most so many of each sort."""
    if customer.erased_at is not None or not customer.is_active:
        return Suggestions(Standing.ENDED)
    if not may_profile(tx, customer):
        refused = customer.profiling == Profiling.REFUSED
        return Suggestions(Standing.REFUSED if refused else Standing.UNASKED)
    kept = CustomerSuggestion
    used = tx.session.scalar(select(TrainedModel.id).where(TrainedModel.used_as == NAME))
    # Found by the customer alone: a planner that chose the model's index would read everybody's rows.
    found = tx.session.execute(
        select(kept.model_id, kept.again, kept.new).where(kept.customer_id == customer.id)
    )
    own = next((row for row in found if row.model_id == used), None)
    if own is not None:
        products = _on_sale(tx, [*own.again, *own.new])
        again, new = (_shown(each, products, most) for each in (own.again, own.new))
        return Suggestions(Standing.KNOWN, again, new)
    everybody = tx.session.scalar(select(kept.new).where(kept.customer_id.is_(None), kept.model_id.is_(None)))
    if everybody is None:
        return Suggestions(Standing.UNTRAINED)
    return Suggestions(Standing.COLD, popular=_shown(everybody, _on_sale(tx, everybody), most))


def _on_sale(tx: Transaction, listed: Sequence[Any]) -> dict[str, Any]:
    """Return products by their id as text: those listed, and those that a reason names."""
    ids = {UUID(each[0]) for each in listed}
    ids |= {UUID(each[2]["product"]) for each in listed if "product" in each[2]}
    product = Product
    columns = (product.id, product.sku, product.name, product.unit, product.price, product.currency)
    stock = (product.is_active, product.is_stocked, product.on_hand, product.reserved)
    found = tx.session.execute(select(*columns, *stock).where(product.id.in_(ids)))
    return {str(row.id): row for row in found}


def _shown(listed: Sequence[Any], products: Mapping[str, Any], most: int) -> tuple[Suggested, ...]:
    shown: list[Suggested] = []
    for product_id, reason, values in listed:
        row = products.get(product_id)
        if row is None or not row.is_active or (row.is_stocked and row.on_hand <= row.reserved):
            continue
        said = dict(values)
        if "product" in said:
            beside = products.get(said["product"])
            if beside is None:
                continue
            said["product"] = beside.name
        if "last" in said:
            said["last"] = Day(date.fromisoformat(said["last"]))
        free = row.on_hand - row.reserved if row.is_stocked else None
        shown.append(
            Suggested(row.id, row.sku, row.name, row.unit, row.price, row.currency, free, reason, said)
        )
        if len(shown) == most:
            break
    return tuple(shown)
