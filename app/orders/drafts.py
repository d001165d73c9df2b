"""Drafts: an order is begun with its instance, and changed until it is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.columns import new_id
from app.customers.models import Customer
from app.database import Transaction
from app.errors import InvalidError, NotFoundError
from app.moments import utc_now
from app.numbering import next_number
from app.orders import locking, pricing
from app.orders.flow import PROCESS, beginning
from app.orders.models import Order, OrderLine
from app.orders.pricing import PricedLine
from app.orders.terms import UNCHANGED, Change, NewLine, NewOrder
from app.processes import advance
from app.processes.models import Instance
from app.wording import worded

LONGEST_TITLE = 190


def create_draft_in(tx: Transaction, actor: Actor, new: NewOrder) -> UUID:
    """Begin an order and its instance in an open transaction; return its id."""
    now = utc_now()
    if len(new.title) > LONGEST_TITLE:
        problem = worded("has more than {longest} characters", longest=LONGEST_TITLE)
        raise InvalidError("the order was not entered", {"title": [problem]})
    customer = customer_of(tx, new.customer_id)
    currency = currency_of(tx, new.currency)
    priced = pricing.price(tx, new.lines, currency)
    order = Order(
        id=new_id(),
        org_id=tx.organisation,
        number=next_number(tx, "orders", "O-"),
        title=new.title or _title(priced, customer),
        customer_id=customer.id,
        need_id=new.need_id,
        requester_id=actor.person_id,
        currency=currency,
        wanted_on=new.wanted_on,
        note=new.note,
        created_at=now,
    )
    tx.session.add(order)
    tx.flush()
    _write_lines(tx, order, priced)
    _begin(tx, order, actor, now)
    return order.id


def change_in(tx: Transaction, actor: Actor, order_id: UUID, change: Change, version: int | None) -> None:
    """Change a draft in an open transaction; raise StaleError where `version` is an older one."""
    order, _ = locking.lock(tx, order_id)
    locking.check_owner(actor, order, "change")
    locking.check_editable(order, version)
    if change.customer_id is not UNCHANGED:
        order.customer_id = customer_of(tx, change.customer_id).id
    if change.wanted_on is not UNCHANGED:
        order.wanted_on = change.wanted_on
    if change.note is not UNCHANGED:
        order.note = change.note
    if change.lines is not UNCHANGED:
        priced = pricing.price(tx, change.lines, order.currency)
        tx.session.execute(delete(OrderLine).where(OrderLine.order_id == order.id))
        _write_lines(tx, order, priced)
    if change.title is not UNCHANGED:
        _rename(tx, order, change.title)
    order.version += 1
    detail = {"version": order.version, "total": order.total, "customer": order.customer_id}
    audit.write(tx, f"order:{order.id}", actor.person_id, "order.changed", detail)


def change_customer_in(tx: Transaction, actor: Actor, order_id: UUID, customer_id: UUID) -> int:
    """Give a draft another customer and quote its lines anew; return how many prices changed by that.

    What was agreed with the former customer does not hold for this one: products get their list price.
    Discounts and lines without a product stay.
    """
    order, _ = locking.lock(tx, order_id)
    lines = lines_of(tx, order_id)
    prices = [line.unit_price for line in lines]
    anew = tuple(
        NewLine(
            line.product_id,
            line.quantity,
            None if line.product_id else line.unit_price,
            line.discount_percent,
            line.description,
        )
        for line in lines
    )
    before = tx.session.get_one(Customer, order.customer_id)
    title = _title((), customer_of(tx, customer_id)) if order.title == _title((), before) else UNCHANGED
    change_in(tx, actor, order_id, Change(customer_id=customer_id, lines=anew, title=title), None)
    return sum(was != line.unit_price for was, line in zip(prices, lines_of(tx, order_id), strict=True))


def customer_of(tx: Transaction, customer_id: UUID) -> Customer:
    """Return an active customer; raise InvalidError naming the field."""
    customer = tx.session.scalar(select(Customer).where(Customer.id == customer_id))
    if customer is None or not customer.is_active:
        problem = (
            worded("is no longer a customer")
            if customer
            else worded("there is no customer {id}", id=customer_id)
        )
        raise InvalidError("the customer cannot order", {"customer_id": [problem]})
    return customer


def currency_of(tx: Transaction, asked: str | None) -> str:
    """Return the organisation's currency, in which policies and credit limits are written."""
    organisation = tx.session.get(Organisation, tx.organisation)
    if organisation is None:
        raise NotFoundError("organisation", tx.organisation)
    if asked is not None and asked != organisation.currency:
        problem = worded(
            "is not {currency}, in which this organisation sells", currency=organisation.currency
        )
        raise InvalidError("the currency cannot be used", {"currency": [problem]})
    return organisation.currency


def lines_of(tx: Transaction, order_id: UUID) -> list[OrderLine]:
    statement = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    return list(tx.session.scalars(statement))


def _begin(tx: Transaction, order: Order, actor: Actor, now: datetime) -> None:
    loaded = advance.begin(
        tx,
        process=PROCESS,
        variables=beginning(order.id, actor.person_id),
        business_key=order.number,
        title=order.title,
        subject_id=order.id,
        requester_id=actor.person_id,
        by=actor.person_id,
        now=now,
    )
    order.instance_id = loaded.id
    tx.flush()
    tx.session.refresh(order)


def _write_lines(tx: Transaction, order: Order, priced: Sequence[PricedLine]) -> None:
    tx.session.add_all(
        OrderLine(
            org_id=order.org_id,
            order_id=order.id,
            position=position,
            product_id=line.product_id,
            sku=line.sku,
            description=line.description,
            quantity=line.terms.quantity,
            unit_price=line.terms.unit_price,
            discount_percent=line.terms.discount_percent,
            tax_percent=line.terms.tax_percent,
            unit_cost=line.terms.unit_cost,
            net=line.totals.net,
        )
        for position, line in enumerate(priced)
    )
    totals = pricing.total_of(priced)
    order.subtotal, order.discount = totals.subtotal, totals.discount
    order.tax, order.total, order.cost = totals.tax, totals.total, totals.cost
    tx.flush()


def _title(priced: Sequence[PricedLine], customer: Customer) -> str:
    if not priced or not priced[0].description:
        return f"Order of {customer.name}"[:LONGEST_TITLE]
    quantity = f"{priced[0].terms.quantity.normalize():f}"
    return f"{priced[0].description[:150]} × {quantity}"


def _rename(tx: Transaction, order: Order, title: str) -> None:
    if not title:
        raise InvalidError("the order needs a name", {"title": ["is empty"]})
    order.title = title
    tx.session.execute(update(Instance).where(Instance.id == order.instance_id).values(title=title))
