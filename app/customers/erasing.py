"""Erasing a customer: what is about a person goes from every room in one transaction, what was done stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Organisation, Role
from app.customers.models import Contact, Customer, Profiling
from app.database import Transaction, transaction
from app.errors import ConflictError, NotFoundError
from app.moments import utc_now

FEWEST_DIGITS = 6
_LONG_IN_CHINESE = re.compile(r"[\u3400-\u9fff]{3,}")


@dataclass(frozen=True, slots=True)
class Erased:
    """Who is erased: the name, address and telephone are what they were, to be found; `number` stays.

    `contacts` are the names, addresses and telephones of the people at them.
    """

    id: UUID
    number: str
    name: str
    email: str | None
    phone: str | None = None
    contacts: tuple[str, ...] = ()

    @property
    def replaced(self) -> Mapping[str, str]:
        """Return the words by which they are found, and what takes the place of each: their number.

        A telephone number of a few digits is found in many that are not theirs, and so is not looked for;
        nor is the first name alone of a contact.
        """
        words = {self.name, *([self.email] if self.email else []), *self._telling}
        # The longer first: an address may hold the name.
        return dict.fromkeys(sorted(words, key=lambda word: (-len(word), word)), self.number)

    @property
    def telling(self) -> Mapping[str, str]:
        """Return those of these words that tell them apart wherever they stand, also in what is others'."""
        return {word: number for word, number in self.replaced.items() if word in self._telling}

    @property
    def addresses(self) -> list[str]:
        return [word for word in self.replaced if "@" in word]

    @property
    def _telling(self) -> frozenset[str]:
        words = (self.name, self.email or "", self.phone or "", *self.contacts)
        return frozenset(word for word in words if _tells(word))


def _tells(word: str) -> bool:
    """Say whether hardly anybody else is meant: an address, a telephone number, a name of several parts."""
    if "@" in word or sum(map(str.isdigit, word)) >= FEWEST_DIGITS:
        return True
    return len(word.split()) > 1 or _LONG_IN_CHINESE.fullmatch(word) is not None


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
        # Whoever reads a file, and keeps its needs, is waited for, and sees afterwards that somebody went.
        tx.session.get_one(Organisation, tx.organisation, with_for_update=True)
        customer = tx.session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
        if customer is None:
            raise NotFoundError("customer", customer_id)
        refuse_erased(customer)
        contacts = tuple(_words_of_contacts(tx, customer_id))
        whom = Erased(customer.id, customer.number, customer.name, customer.email, customer.phone, contacts)
        rows = 1 + _clear(tx, customer) + sum(eraser(tx, whom) for eraser in ERASERS)
        customer.erased_at = now
        detail = {"customer": customer_id, "rows": rows}
        audit.write(tx, "customers", actor.person_id, "customer.erased", detail, now)
    return rows


def _words_of_contacts(tx: Transaction, customer_id: UUID) -> list[str]:
    found = select(Contact.name, Contact.email, Contact.phone).where(Contact.customer_id == customer_id)
    return [word for row in tx.session.execute(found) for word in row if word]


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
