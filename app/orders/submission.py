"""Submitting: the draft is checked, and its instance learns what the policies ask about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from app.accounts.actor import Actor
from app.catalogue.models import Product
from app.database import Transaction
from app.errors import InvalidError
from app.moments import utc_now
from app.orders import drafts, foresight, locking
from app.orders.errors import NotEditableError
from app.orders.flow import FORM, beginning, follow_newest
from app.orders.models import Order, OrderLine
from app.orders.policy_inputs import policy_inputs
from app.orders.pricing import priced_otherwise, terms_of
from app.orders.totals import OrderTotals, line_totals, order_totals
from app.processes import advance
from app.processes.loaded import Loaded
from app.wording import worded


def submit_in(
    tx: Transaction, actor: Actor, order_id: UUID, version: int | None = None, now: datetime | None = None
) -> None:
    """Complete the step that prepares or revises this order, in an open transaction.

    A draft follows what is published now, whenever it was begun.
    """
    now = now or utc_now()
    order, loaded = locking.lock(tx, order_id)
    locking.check_owner(actor, order, "submit")
    locking.check_editable(order, version)
    loaded = follow_newest(tx, order, loaded, actor.person_id, now)
    item = _open_form(tx, order, loaded)
    lines = drafts.lines_of(tx, order.id)
    check_complete(tx, order, lines)
    customer = drafts.customer_of(tx, order.customer_id)
    totals, parts = totals_of(lines, order.currency), [(line.sku, line.net) for line in lines]
    asked = foresight.asked_of(order, customer, totals, parts, order.submitted_at or now)
    risk = foresight.assess(tx, asked)
    inputs = policy_inputs(tx, customer, totals, order.id, risk)
    result = {**beginning(order.id, order.requester_id), **inputs.as_variables()}
    outcome = {**result, "version": order.version}
    foresight.hear(tx, order, risk, now)
    advance.complete_item(tx, loaded, item, result, actor.person_id, now, outcome)


def totals_of(lines: Sequence[OrderLine], currency: str) -> OrderTotals:
    return order_totals(line_totals(terms_of(line), currency) for line in lines)


def check_complete(tx: Transaction, order: Order, lines: Sequence[OrderLine]) -> None:
    """Raise InvalidError naming each line and field that keeps this order from being submitted."""
    if not lines:
        raise InvalidError("the order is not complete", {"lines": ["there is none"]})
    ids = {line.product_id for line in lines if line.product_id}
    found = tx.session.scalars(select(Product).where(Product.id.in_(ids)))
    products = {product.id: product for product in found}
    wrong: dict[str, list[str]] = {}
    for position, line in enumerate(lines):
        problem = _problem(line, products.get(line.product_id) if line.product_id else None, order.currency)
        if problem:
            wrong[f"lines.{position}.{problem[0]}"] = [problem[1]]
    if wrong:
        raise InvalidError("some lines are not complete", dict(wrong))


def _problem(line: OrderLine, product: Product | None, currency: str) -> tuple[str, str] | None:
    if product is None:
        return "product_id", worded("names no product")
    if not product.is_active:
        return "product_id", worded("{sku} is no longer sold", sku=product.sku)
    if product.currency != currency:
        return "product_id", priced_otherwise(product, currency)
    if line.quantity <= 0:
        return "quantity", worded("is not more than 0")
    return None


def _open_form(tx: Transaction, order: Order, loaded: Loaded) -> Row[Any]:
    for item in advance.open_items(tx, loaded):
        if item.form == FORM:
            return item
    raise NotEditableError(order.number, order.status)
