"""Finding customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from app.customers.models import Contact, Customer
from app.database import Transaction
from app.errors import NotFoundError
from app.searching import pattern_of


def list_customers(
    tx: Transaction,
    *,
    search: str = "",
    risk: str | None = None,
    is_active: bool | None = None,
    among: ColumnElement[bool] | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[Customer]:
    """Return customers in order of name; `search` looks in name, number and address."""
    statement = select(Customer).order_by(Customer.name, Customer.id).limit(limit)
    if search:
        pattern = pattern_of(search)
        statement = statement.where(
            or_(
                Customer.name.ilike(pattern, escape="\\"),
                Customer.number.ilike(pattern, escape="\\"),
                Customer.email.ilike(pattern, escape="\\"),
            )
        )
    if risk is not None:
        statement = statement.where(Customer.risk == risk)
    if is_active is not None:
        statement = statement.where(Customer.is_active.is_(is_active))
    if among is not None:
        statement = statement.where(among)
    if after is not None:
        name, customer_id = after
        statement = statement.where(
            or_(Customer.name > name, (Customer.name == name) & (Customer.id > customer_id))
        )
    return list(tx.session.scalars(statement))


def get_customer(tx: Transaction, customer_id: UUID) -> Customer:
    customer = tx.session.get(Customer, customer_id)
    if customer is None:
        raise NotFoundError("customer", customer_id)
    return customer


def customers_called(tx: Transaction, texts: Collection[str]) -> dict[str, list[Customer]]:
    """Return who is called by each of these numbers, addresses or exact names: two of several."""
    lowered = {text.lower() for text in texts}
    statement = select(Customer).where(
        or_(Customer.number.in_(texts), Customer.email.in_(lowered), Customer.name.in_(texts))
    )
    named: dict[str, dict[UUID, Customer]] = defaultdict(dict)
    addressed: dict[str, dict[UUID, Customer]] = defaultdict(dict)
    for customer in tx.session.scalars(statement):
        named[customer.number][customer.id] = named[customer.name][customer.id] = customer
        if customer.email:
            addressed[customer.email][customer.id] = customer
    return {text: list({**named[text], **addressed[text.lower()]}.values())[:2] for text in texts}


def customers_erased(tx: Transaction) -> frozenset[UUID]:
    """Return everybody who was erased."""
    return frozenset(tx.session.scalars(select(Customer.id).where(Customer.erased_at.is_not(None))))


def count_erased(tx: Transaction) -> int:
    """Return how many were erased so far: who reads for long, and asks again, knows whether somebody was."""
    erased = select(func.count()).select_from(Customer).where(Customer.erased_at.is_not(None))
    return tx.session.scalar(erased) or 0


def list_contacts(tx: Transaction, customer_id: UUID) -> list[Contact]:
    statement = (
        select(Contact)
        .where(Contact.customer_id == customer_id)
        .order_by(Contact.is_main.desc(), Contact.name)
    )
    return list(tx.session.scalars(statement))
