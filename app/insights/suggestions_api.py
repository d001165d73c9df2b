"""/api/v1/customers/{id}/suggestions: what a customer may want next, each with its reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Measure, Money, Sentence
from app.customers.queries import get_customer
from app.database import reading
from app.insights.suggestions_shown import SHOWN, Standing, Suggestions, suggestions_for

blueprint = new_blueprint("suggestions", __name__, "What a customer may want next.")
MOST = 20


class SuggestionsQuery(Schema):
    limit = ma.fields.Integer(load_default=SHOWN, validate=ma.validate.Range(1, MOST))


class SuggestedOut(Schema):
    """A product that is sold and free at this moment. `reason` is due, rhythm, bought, beside or popular."""

    product_id = ma.fields.UUID(required=True)
    sku = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    price = Money(required=True)
    currency = ma.fields.String(required=True)
    free = Measure(required=True, allow_none=True)
    reason = ma.fields.String(required=True)
    words = Sentence(required=True)


class SuggestionsOut(Schema):
    """`again` was bought before, `new` never was; `popular` is the same for all whom little is known of.

    `standing` is known, cold (popular only), untrained (nothing was computed yet), refused (by the customer),
    unasked (the business suggests only to those who agreed) or ended (erased, or no customer any more).
    """

    standing = ma.fields.String(required=True, validate=ma.validate.OneOf([str(each) for each in Standing]))
    again = ma.fields.List(ma.fields.Nested(SuggestedOut), required=True)
    new = ma.fields.List(ma.fields.Nested(SuggestedOut), required=True)
    popular = ma.fields.List(ma.fields.Nested(SuggestedOut), required=True)


@blueprint.route("/customers/<uuid:customer_id>/suggestions")
class CustomerSuggestions(MethodView):
    @allowed("customers:read")
    @blueprint.arguments(SuggestionsQuery, location="query")
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, SuggestionsOut)
    def get(self, query: dict[str, Any], customer_id: UUID) -> Suggestions:
        """Return what the customer may want next, at most `limit` of each sort."""
        with reading(current_actor().org_id) as tx:
            return suggestions_for(tx, get_customer(tx, customer_id), query["limit"])
