"""The papers of an order, as data that pages print: invoices and delivery notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Organisation
from app.customers.models import Customer
from app.database import Transaction
from app.orders import locking
from app.orders.drafts import lines_of
from app.orders.models import Invoice, Order, OrderLine, Shipment
from app.orders.pricing import terms_of
from app.orders.totals import line_totals


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line on paper; a delivery note shows no amounts."""

    sku: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one rate."""

    percent: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a delivery note, complete: nothing has to be looked up to print it."""

    id: UUID
    kind: str  # invoice | delivery_note
    number: str
    issued_on: date
    seller: str
    customer_name: str
    customer_number: str
    address: tuple[str, ...]
    tax_number: str | None
    order_number: str
    order_title: str
    currency: str
    lines: tuple[PrintedLine, ...]
    taxes: tuple[TaxLine, ...]
    subtotal: Decimal
    discount: Decimal
    total: Decimal
    due_on: date | None = None
    is_simulated: bool = False
    carrier: str | None = None
    tracking_number: str | None = None
    paid_on: date | None = None


def documents_of(tx: Transaction, order_id: UUID) -> list[Document]:
    """Return all papers of an order, in the order in which they were issued; raise NotFoundError."""
    order = locking.find(tx, order_id)
    desk = _Desk(tx, order)
    shipments = select(Shipment).where(Shipment.order_id == order.id).order_by(Shipment.created_at)
    invoices = select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.number)
    return [
        *(desk.delivery_note(shipment) for shipment in tx.session.scalars(shipments).all()),
        *(desk.invoice(invoice) for invoice in tx.session.scalars(invoices).all()),
    ]


class _Desk:
    """What all papers of one order share, read once."""

    def __init__(self, tx: Transaction, order: Order) -> None:
        self._order = order
        self._lines = lines_of(tx, order.id)
        self._customer = tx.session.scalars(select(Customer).where(Customer.id == order.customer_id)).one()
        self._seller = tx.session.get_one(Organisation, tx.organisation).name

    def invoice(self, invoice: Invoice) -> Document:
        return self._paper(
            id=invoice.id,
            kind="invoice",
            number=invoice.number,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            paid_on=invoice.paid_at.date() if invoice.paid_at else None,
        )

    def delivery_note(self, shipment: Shipment) -> Document:
        return self._paper(
            id=shipment.id,
            kind="delivery_note",
            number=f"{self._order.number}-{shipment.tracking_number}",
            issued_on=shipment.created_at.date(),
            is_simulated=shipment.is_simulated,
            carrier=shipment.carrier,
            tracking_number=shipment.tracking_number,
        )

    def _paper(self, **own: Any) -> Document:
        order, customer = self._order, self._customer
        return Document(
            **own,
            seller=self._seller,
            customer_name=customer.name,
            customer_number=customer.number,
            address=_address(customer),
            tax_number=customer.tax_number,
            order_number=order.number,
            order_title=order.title,
            currency=order.currency,
            lines=tuple(_printed(line) for line in self._lines),
            taxes=_taxes(self._lines, order.currency),
            subtotal=order.subtotal,
            discount=order.discount,
            total=order.total,
        )


def _address(customer: Customer) -> tuple[str, ...]:
    town = " ".join(part for part in (customer.postcode, customer.city) if part)
    return tuple(part for part in (customer.street, town, customer.country) if part)


def _printed(line: OrderLine) -> PrintedLine:
    return PrintedLine(
        line.sku,
        line.description,
        line.quantity,
        line.unit_price,
        line.discount_percent,
        line.tax_percent,
        line.net,
    )


def _taxes(lines: Sequence[OrderLine], currency: str) -> tuple[TaxLine, ...]:
    found: dict[Decimal, TaxLine] = {}
    for line in lines:
        totals = line_totals(terms_of(line), currency)
        before = found.get(line.tax_percent, TaxLine(line.tax_percent, Decimal(0), Decimal(0)))
        found[line.tax_percent] = TaxLine(line.tax_percent, before.net + totals.net, before.tax + totals.tax)
    return tuple(found[percent] for percent in sorted(found))
