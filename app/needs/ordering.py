"""Making an order of a need: the need is won, and the two know each other from then on."""

from __future__ import annotations

from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import transaction
from app.errors import ConflictError, InvalidError
from app.moments import utc_now
from app.needs import commands
from app.needs.models import NeedStatus
from app.orders import drafts
from app.orders.terms import NewOrder


def make_order(actor: Actor, need_id: UUID, customer_id: UUID | None = None) -> UUID:
    """Begin a draft order for a need; return the order's id.

    Raises InvalidError where nobody is known to order, ConflictError where the need is won or lost.
    """
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        need = commands.lock(tx, need_id)
        if need.order_id is not None:
            raise ConflictError("an order was made of this need already", order=str(need.order_id))
        whose = customer_id or need.customer_id
        if whose is None:
            raise InvalidError("no order was made", {"customer_id": ["say which customer orders"]})
        new = NewOrder(
            customer_id=whose,
            title=f"{need.need_type}, {need.number}",
            currency=need.currency,
            note=need.text,
            need_id=need.id,
        )
        order_id = drafts.create_draft_in(tx, actor, new)
        need.order_id = order_id
        need.customer_id = whose
        commands.move_in(tx, need, NeedStatus.WON, "", actor.person_id, now)
    return order_id
