"""Data for tests about orders: customers, products, the shipped flows, and an order driven along them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

import rules
import workflows
from app.catalogue.models import Product
from app.columns import new_id
from app.customers.models import Customer
from app.database import reading, transaction
from app.moments import utc_now
from app.orders import commands
from app.orders.detail import OrderDetail, get_order
from app.orders.models import Order, OrderStatus
from app.orders.terms import NewLine, NewOrder
from app.outbox.models import CallStatus, ServiceCall
from app.processes import advance, deployments
from tests.builders import Firm

FOLDERS = (
    Path(workflows.__file__).parent / "bpmn" / "shared",
    Path(rules.__file__).parent / "tables" / "shared",
)


def publish_shipped(firm: Firm) -> None:
    """Let the firm run the flows that Placet ships."""
    files = {
        file.name: file.read_bytes()
        for folder in FOLDERS
        for file in sorted(folder.iterdir())
        if file.name.endswith((".bpmn", ".dmn", ".tests.csv"))
    }
    with transaction(firm.org_id) as tx:
        deployments.publish(tx, files, "shipped", None, utc_now())


def a_customer(
    firm: Firm,
    name: str = "Northwind",
    *,
    risk: str = "low",
    credit_limit: int = 100_000,
    is_active: bool = True,
    is_known: bool = True,
) -> UUID:
    """`is_known`: they have a closed order already."""
    customer = Customer(
        id=new_id(),
        org_id=firm.org_id,
        number=f"C-{secrets.token_hex(4)}",
        name=name,
        email="orders@customer.example",
        risk=risk,
        credit_limit=Decimal(credit_limit),
        is_active=is_active,
        created_at=utc_now(),
    )
    with transaction(firm.org_id) as tx:
        tx.session.add(customer)
        tx.flush()
        if is_known:
            tx.session.add(_closed_order(firm, customer.id))
    return customer.id


def _closed_order(firm: Firm, customer_id: UUID) -> Order:
    return Order(
        org_id=firm.org_id,
        number=f"old-{secrets.token_hex(4)}",
        title="An old order",
        customer_id=customer_id,
        requester_id=firm["sales"].person_id,
        status=OrderStatus.CLOSED,
        currency="EUR",
        created_at=utc_now(),
    )


def a_product(
    firm: Firm,
    *,
    price: str = "100",
    cost: str = "50",
    tax: str = "0",
    on_hand: int = 1000,
    currency: str = "EUR",
    is_stocked: bool = True,
    is_active: bool = True,
    name: str = "Chair",
) -> UUID:
    product = Product(
        id=new_id(),
        org_id=firm.org_id,
        sku=f"SKU-{secrets.token_hex(4)}",
        name=name,
        currency=currency,
        price=Decimal(price),
        cost=Decimal(cost),
        tax_percent=Decimal(tax),
        on_hand=Decimal(on_hand),
        is_stocked=is_stocked,
        is_active=is_active,
        created_at=utc_now(),
    )
    with transaction(firm.org_id) as tx:
        tx.session.add(product)
    return product.id


def stock_figures(firm: Firm, product_id: UUID) -> tuple[Decimal, Decimal]:
    """Return what is on hand and what of it is reserved."""
    with reading(firm.org_id) as tx:
        product = tx.session.get_one(Product, product_id)
        return product.on_hand, product.reserved


def a_line(product_id: UUID, quantity: int | str = 1, discount: int | str = 0) -> NewLine:
    return NewLine(product_id, Decimal(quantity), discount_percent=Decimal(discount))


def an_order(
    firm: Firm,
    lines: Sequence[NewLine] | None = None,
    *,
    customer_id: UUID | None = None,
    submit: bool = False,
) -> OrderDetail:
    """Make an order of the firm's seller; small enough that nobody must approve, unless `lines` says more."""
    new = NewOrder(
        customer_id=customer_id or a_customer(firm),
        lines=tuple(lines) if lines is not None else (a_line(a_product(firm)),),
    )
    return commands.place(firm["sales"], new, submit=submit)


def read(firm: Firm, order_id: UUID) -> OrderDetail:
    with reading(firm.org_id) as tx:
        return get_order(tx, order_id)


def calls_of(firm: Firm, order_id: UUID, handler: str | None = None) -> list[ServiceCall]:
    """Return the calls of an order's instance that are still to be made, in the order of their asking."""
    order = read(firm, order_id)
    statement = (
        select(ServiceCall)
        .where(ServiceCall.instance_id == order.instance_id, ServiceCall.status == CallStatus.WAITING)
        .order_by(ServiceCall.created_at, ServiceCall.id)
    )
    if handler is not None:
        statement = statement.where(ServiceCall.handler == handler)
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(statement))


def complete(firm: Firm, order_id: UUID, element: str, result: dict[str, object], by: str = "admin") -> None:
    """Complete the open user task of this element, whoever may."""
    with transaction(firm.org_id) as tx:
        instance_id = get_order(tx, order_id).instance_id
        assert instance_id is not None
        loaded = advance.load(tx, instance_id)
        item = next(row for row in advance.open_items(tx, loaded) if row.element == element)
        advance.complete_item(tx, loaded, item, result, firm[by].person_id, utc_now())
