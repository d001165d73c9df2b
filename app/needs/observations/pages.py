"""Noting by hand what a customer did, on their page, and making a need of it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.customers import queries as customers
from app.database import reading
from app.entered import identity
from app.errors import InvalidError
from app.needs.observations import commands
from app.needs.observations.models import ObservedKind
from app.web import go, signed_in

blueprint = Blueprint("observations", __name__)


@blueprint.post("/customers/<uuid:customer_id>/observations")
@signed_in(Role.SALES)
def note(customer_id: UUID) -> BaseResponse:
    with reading(current_actor().org_id) as tx:
        customers.get_customer(tx, customer_id)
    form = request.form
    kind = form.get("kind", "")
    product_id = identity(form.get("product_id"))
    if kind not in list(ObservedKind) or (form.get("product_id") and product_id is None):
        raise InvalidError("nothing was noted", {"kind": [gettext("is not known here")]})
    seen = commands.Seen(customer_id, ObservedKind(kind), product_id, form.get("text", ""))
    commands.note(current_actor(), [seen])
    return go(f"/customers/{customer_id}", gettext("Noted."))


@blueprint.post("/observations/<uuid:observation_id>/need")
@signed_in(Role.SALES)
def make_need(observation_id: UUID) -> BaseResponse:
    saved = commands.make_need(current_actor(), observation_id)
    return go(f"/needs/{saved.id}", gettext("Kept as %(number)s.", number=saved.number))
