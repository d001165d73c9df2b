"""Erasing a customer: what is about a person goes from every room in one transaction, what was done stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.customers.models import Contact, Customer, Profiling
from app.database import Transaction, transaction
from app.errors import ConflictError, NotFoundError
from app.moments import utc_now

FEWEST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Erased:
    """Who is erased: the name, address and telephone are what they were, to be found; `number` stays."""

    id: UUID
    number: str
    name: str
    email: str | None
    phone: str | None = None

    @property
    def replaced(self) -> Mapping[str, str]:
        """Return the words by which they are found, and what takes the place of each: their number.

        A telephone number of a few digits is found in many that are not theirs, and so is not looked for.
        """
        words = [self.name, self.email]
        if self.phone and sum(map(str.isdigit, self.phone)) >= FEWEST_DIGITS:
            words.append(self.phone)
        # The longer first: an address may hold the name.
        return dict.fromkeys(sorted((word for word in words if word), key=len, reverse=True), self.number)


# Each room's own part, signed up in wiring; it returns how many rows it cleared or removed.
Eraser = Callable[[Transaction, Erased], int]
ERASERS: list[Eraser] = []


def erase(actor: Actor, customer_id: UUID) -> int:
    """Erase a customer for good; return how many rows were cleared. Only their number and dealings stay.

    Raise ConflictError where they are erased already.
    """
    actor.require(Role.ADMINISTRATOR)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        customer = tx.session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
        if customer is None:
            raise NotFoundError("customer", customer_id)
        refuse_erased(customer)
        whom = Erased(customer.id, customer.number, customer.name, customer.email, customer.phone)
        rows = 1 + _clear(tx, customer) + sum(eraser(tx, whom) for eraser in ERASERS)
        customer.erased_at = now
        detail = {"customer": customer_id, "rows": rows}
        audit.write(tx, "customers", actor.person_id, "customer.erased", detail, now)
    return rows


def refuse_erased(customer: Customer) -> None:
    if customer.erased_at is not None:
        raise ConflictError("this customer was erased")


def _clear(tx: Transaction, customer: Customer) -> int:
    """The number takes the name's place; the country stays, for it tells nobody apart."""
    customer.name, customer.notes, customer.is_active = customer.number, "", False
    customer.email = customer.phone = customer.tax_number = None
    customer.street = customer.postcode = customer.city = None
    customer.profiling, customer.profiling_text, customer.profiling_at = Profiling.UNASKED, "", None
    customer.version += 1
    gone = tx.session.execute(delete(Contact).where(Contact.customer_id == customer.id))
    return int(gone.rowcount)  # type: ignore[attr-defined] # a delete's result counts its rows
