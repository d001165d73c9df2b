"""Making an order of a need: the need is won, and the two know each other from then on."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import transaction
from app.errors import ConflictError, InvalidError
from app.moments import utc_now
from app.needs import commands, following
from app.needs.models import Need, NeedStatus
from app.orders import drafts
from app.orders.terms import NewLine, NewOrder

# What one line of an order can hold.
MOST_PIECES, HIGHEST_PRICE = Decimal("999999.9999"), Decimal("9999999.9999")
LONGEST_ITEM = 255
PLACES = Decimal("0.0001")


def make_order(actor: Actor, need_id: UUID, customer_id: UUID | None = None) -> UUID:
    """Begin a draft order for a need; return the order's id.

    Raises InvalidError where nobody is known to order, ConflictError where the need is won or lost.
    """
    actor.require(Role.SALES)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        held = following.lock(tx, need_id)
        need = held.need
        if need.order_id is not None:
            raise ConflictError("an order was made of this need already", order=str(need.order_id))
        whose = customer_id or need.customer_id
        if whose is None:
            raise InvalidError("no order was made", {"customer_id": ["say which customer orders"]})
        new = NewOrder(
            customer_id=whose,
            lines=_lines(need),
            title=f"{need.need_type}, {need.number}",
            currency=need.currency,
            note=need.text,
            need_id=need.id,
        )
        order_id = drafts.create_draft_in(tx, actor, new)
        need.order_id = order_id
        need.customer_id = whose
        commands.move_in(tx, held, NeedStatus.WON, "", actor.person_id, now)
    return order_id


def _lines(need: Need) -> tuple[NewLine, ...]:
    """Return one line of the need's words, quantity and value; whoever sells chooses the product for it."""
    if not 0 < need.quantity <= MOST_PIECES:
        return ()
    price = (need.value / need.quantity).quantize(PLACES)
    if price > HIGHEST_PRICE:
        return ()
    words = " ".join(need.text.split())[:LONGEST_ITEM]
    return (NewLine(product_id=None, quantity=need.quantity, unit_price=price, description=words),)
