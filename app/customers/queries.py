"""Finding customers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

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


def customers_called(tx: Transaction, text: str) -> list[Customer]:
    """Return the customers of this number, address or exact name: one, none, or two of several."""
    statement = select(Customer).where(
        or_(Customer.number == text, Customer.email == text.lower(), Customer.name == text)
    )
    return list(tx.session.scalars(statement.limit(2)))


def list_contacts(tx: Transaction, customer_id: UUID) -> list[Contact]:
    statement = (
        select(Contact)
        .where(Contact.customer_id == customer_id)
        .order_by(Contact.is_main.desc(), Contact.name)
    )
    return list(tx.session.scalars(statement))
