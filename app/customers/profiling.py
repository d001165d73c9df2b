"""What a customer says of being suggested products from what they bought: kept, and obeyed at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Organisation, Role
from app.customers.erasing import refuse_erased
from app.customers.models import Customer, Profiling
from app.database import Transaction, transaction
from app.errors import InvalidError, NotFoundError
from app.moments import utc_now
from app.wording import Wording, worded

LONGEST_TEXT = 40
# What customers are told or sent, by version; a business with words of its own names theirs instead. A text
# that was ever said is never changed: other words are another version.
TEXTS: Mapping[str, Wording] = {
    "placet-1": worded(
        "We learn from your orders, and from those of customers like you, what you may want next, and "
        "suggest it to you. You may refuse at any time; then we stop, and what was computed is removed."
    )
}
NEWEST_TEXT = "placet-1"

# Rooms that keep something learned of a customer, signed up in wiring: each removes it and counts the rows.
Forgetter = Callable[[Transaction, UUID], int]
FORGETTERS: list[Forgetter] = []


def may_be_profiled() -> ColumnElement[bool]:
    """Return the condition on customers from whose orders anything may be learned or suggested.

    They are there and agreed, or were never asked and their business profiles such customers too.
    """
    unasked = exists().where(Organisation.id == Customer.org_id, Organisation.profiles_unasked.is_(True))
    allowed = (Customer.profiling == Profiling.UNASKED) & unasked.correlate(Customer)
    return Customer.erased_at.is_(None) & ((Customer.profiling == Profiling.AGREED) | allowed)


def may_profile(tx: Transaction, customer: Customer) -> bool:
    """Say the same of one customer."""
    found = select(Customer.id).where(Customer.id == customer.id, may_be_profiled())
    return tx.session.scalar(found) is not None


def say(actor: Actor, customer_id: UUID, said: str, text: str) -> int:
    """Keep what a customer said to which version of the text; return how many computed rows that removed.

    A refusal is obeyed at once: what was computed of them goes in the same transaction.
    """
    actor.require(Role.SALES)
    _check(said, text)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        customer = tx.session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
        if customer is None:
            raise NotFoundError("customer", customer_id)
        refuse_erased(customer)
        former = customer.profiling
        customer.profiling, customer.profiling_text, customer.profiling_at = said, text.strip(), now
        customer.version += 1
        rows = 0
        if said == Profiling.REFUSED:
            rows = sum(forget(tx, customer_id) for forget in FORGETTERS)
        changes = {"profiling": [former, said]}
        detail = {"customer": customer_id, "changes": changes, "text": customer.profiling_text, "rows": rows}
        audit.write(tx, "customers", actor.person_id, "customer.profiling", detail, now)
    return rows


def _check(said: str, text: str) -> None:
    wrong: dict[str, list[str]] = {}
    if said not in (Profiling.AGREED, Profiling.REFUSED):
        wrong["said"] = ["is not agreed or refused"]
    if not text.strip():
        wrong["text"] = ["is empty"]
    elif len(text.strip()) > LONGEST_TEXT:
        wrong["text"] = [worded("has more than {longest} characters", longest=LONGEST_TEXT)]
    if wrong:
        raise InvalidError("what the customer said was not kept", wrong)
