"""Adding and changing customers and their contacts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.customers.erasing import refuse_erased
from app.customers.models import Contact, Customer, Risk
from app.database import Transaction, transaction
from app.entered import check_lengths
from app.errors import InvalidError, NotFoundError, StaleError
from app.moments import utc_now
from app.numbering import next_number
from app.wording import worded

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LOCALES = ("en", "zh_Hans_CN")
MOST_CREDIT = Decimal(10**12)
LONGEST = {
    "name": 190,
    "email": 190,
    "phone": 60,
    "tax_number": 60,
    "street": 190,
    "postcode": 20,
    "city": 120,
    "notes": 4000,
}
LONGEST_OF_CONTACT = {"name": 190, "email": 190, "phone": 60, "position": 120}
# What the record says of before and after; of the rest, which is about persons, only that it was changed.
TERMS = frozenset({"kind", "risk", "credit_limit", "payment_days", "is_active"})
CHANGEABLE = frozenset(
    {
        "name",
        "kind",
        "email",
        "phone",
        "tax_number",
        "street",
        "postcode",
        "city",
        "country",
        "locale",
        "risk",
        "credit_limit",
        "payment_days",
        "notes",
        "is_active",
    }
)


@dataclass(frozen=True, slots=True)
class Saved:
    """Where the row is, and the version that the next change must name."""

    id: UUID
    number: str
    version: int


def create(actor: Actor, values: Mapping[str, Any]) -> Saved:
    """Add a customer; raise InvalidError naming the fields that are wrong."""
    actor.require(Role.SALES)
    _check({"name": "", **values})
    with transaction(actor.org_id) as tx:
        customer = Customer(
            id=new_id(),
            org_id=actor.org_id,
            number=next_number(tx, "customers", "C-"),
            created_at=utc_now(),
            version=1,
            **_known(values),
        )
        tx.session.add(customer)
        audit.write(tx, "customers", actor.person_id, "customer.added", {"customer": customer.id})
    return Saved(customer.id, customer.number, 1)


def change(actor: Actor, customer_id: UUID, values: Mapping[str, Any], expected: int | None) -> Saved:
    """Change what is given; raise StaleError where somebody changed it since `expected`."""
    actor.require(Role.SALES)
    with transaction(actor.org_id) as tx:
        customer = _locked(tx, customer_id, expected)
        _check({"name": customer.name, **values})
        before = {name: getattr(customer, name) for name in sorted(set(values) & TERMS)}
        for name, value in _known(values).items():
            setattr(customer, name, value)
        customer.version += 1
        changed = sorted(set(values) & CHANGEABLE)
        detail = {"customer": customer_id, "fields": changed, "changes": audit.changes(before, customer)}
        audit.write(tx, "customers", actor.person_id, "customer.changed", detail)
    return Saved(customer.id, customer.number, customer.version)


def _locked(tx: Transaction, customer_id: UUID, expected: int | None) -> Customer:
    customer = tx.session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
    if customer is None:
        raise NotFoundError("customer", customer_id)
    refuse_erased(customer)
    if expected is not None and expected != customer.version:
        raise StaleError("somebody else changed this customer meanwhile", version=customer.version)
    return customer


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in CHANGEABLE}


def _check(values: Mapping[str, Any]) -> None:
    wrong = check_lengths(values, LONGEST)
    if not str(values["name"] or "").strip():
        wrong["name"] = ["is empty"]
    if values.get("email") and not _EMAIL.fullmatch(str(values["email"])):
        wrong["email"] = ["is not an e-mail address"]
    if values.get("risk", Risk.LOW) not in list(Risk):
        wrong["risk"] = ["is not low, medium or high"]
    if not 0 <= Decimal(values.get("credit_limit") or 0) <= MOST_CREDIT:
        wrong["credit_limit"] = [worded("is not from 0 to {most}", most=MOST_CREDIT)]
    if not 0 <= int(values.get("payment_days", 30)) <= 365:
        wrong["payment_days"] = ["is not from 0 to 365"]
    if values.get("kind", "business") not in ("business", "person"):
        wrong["kind"] = ["is not business or person"]
    if values.get("locale", "en") not in LOCALES:
        wrong["locale"] = [worded("is not one of: {allowed}", allowed=", ".join(LOCALES))]
    if values.get("country") and not re.fullmatch(r"[A-Z]{2}", str(values["country"])):
        wrong["country"] = ["is not two letters such as DE"]
    if wrong:
        raise InvalidError("the customer was not saved", dict(wrong))


def add_contact(actor: Actor, customer_id: UUID, values: Mapping[str, Any]) -> UUID:
    """Add a person to talk to at a customer."""
    actor.require(Role.SALES)
    wrong = check_lengths(values, LONGEST_OF_CONTACT)
    if not str(values.get("name") or "").strip():
        wrong["name"] = ["is empty"]
    if values.get("email") and not _EMAIL.fullmatch(str(values["email"])):
        wrong["email"] = ["is not an e-mail address"]
    if wrong:
        raise InvalidError("the contact was not saved", dict(wrong))
    with transaction(actor.org_id) as tx:
        _locked(tx, customer_id, None)
        contact = Contact(id=new_id(), org_id=actor.org_id, customer_id=customer_id, **values)
        tx.session.add(contact)
        detail = {"customer": customer_id, "contact": contact.id}
        audit.write(tx, "customers", actor.person_id, "contact.added", detail)
    return contact.id


def remove_contact(actor: Actor, customer_id: UUID, contact_id: UUID) -> None:
    actor.require(Role.SALES)
    with transaction(actor.org_id) as tx:
        _locked(tx, customer_id, None)
        removed = tx.session.execute(
            delete(Contact).where(Contact.id == contact_id, Contact.customer_id == customer_id)
        )
        if removed.rowcount != 1:  # type: ignore[attr-defined] # a delete's result counts its rows
            raise NotFoundError("contact", contact_id)
        detail = {"customer": customer_id, "contact": contact_id}
        audit.write(tx, "customers", actor.person_id, "contact.removed", detail)
