"""What a customer may want next as a part of the order's form, where one press makes it a line."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.customers.queries import get_customer
from app.database import reading
from app.insights.suggestions_shown import suggestions_for
from app.web import page, signed_in

blueprint = Blueprint("suggestions", __name__)


@blueprint.get("/customers/<uuid:customer_id>/offers")
@signed_in(Role.SALES)
def offers(customer_id: UUID) -> Response:
    with reading(current_actor().org_id) as tx:
        customer = get_customer(tx, customer_id)
        found = suggestions_for(tx, customer)
    return page("insights/_offers.html", suggestions=found, customer=customer)
