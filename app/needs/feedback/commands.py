"""Making needs of feedback: of each at most one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.customers.models import Customer
from app.database import Transaction, transaction
from app.errors import ConflictError, NotFoundError
from app.moments import utc_now
from app.needs import origins
from app.needs.commands import Saved
from app.needs.feedback import rules
from app.needs.given_types import GivenType, name_of
from app.needs.models import Need
from app.needs.origins import OriginKind
from app.orders.models import Feedback, Order

CHANNEL = "feedback"


def make_need(actor: Actor, feedback_id: UUID) -> Saved:
    """Make a need of what a customer said of an order; pressed again, it is the same need."""
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        said = tx.session.get(Feedback, feedback_id, with_for_update=True, populate_existing=True)
        if said is None or said.answered_at is None:
            raise NotFoundError("feedback", feedback_id)
        need = _make(tx, said, actor.person_id, now)
        return Saved(need.id, need.number, need.version)


def hear(tx: Transaction, said: Feedback) -> None:
    """Told of each answer as it is given: make a need of it where the business wants that."""
    if rules.is_wanted(rules.rule_of(tx).becomes, said):
        _make(tx, said, None, utc_now())


def _make(tx: Transaction, said: Feedback, by: UUID | None, now: datetime) -> Need:
    order = tx.session.get_one(Order, said.order_id)
    if tx.session.get_one(Customer, order.customer_id).erased_at is not None:
        raise ConflictError("this customer was erased")
    values = {
        "need_type": name_of(tx, GivenType.COMPLAINT if rules.is_low(said) else GivenType.FEEDBACK),
        "text": said.text.strip() or f"{said.score}/5 · {order.number} {order.title}",
        "customer_id": order.customer_id,
        "channel": CHANNEL,
        "currency": order.currency,
        "owner_id": order.requester_id,
        "created_at": said.answered_at,
    }
    return origins.need_from(tx, OriginKind.FEEDBACK, said.id, by, values, now, order.id)
