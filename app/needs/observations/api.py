"""/api/v1/observations, and all that happened with a customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import blueprint as new_blueprint
from app.api import refusals
from app.customers import queries as customers
from app.database import reading
from app.needs.commands import Saved
from app.needs.observations import commands, queries, schemas
from app.needs.schemas import SavedNeedOut
from app.paging import after_moment, cut

blueprint = new_blueprint("observations", __name__, "What customers were seen to do.")


@blueprint.route("/observations")
class Observations(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(schemas.ObservationQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, schemas.ObservationPage)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List observations, the newest first."""
        cursor, limit = after_moment(query.pop("cursor")), query.pop("limit")
        with reading(current_actor().org_id) as tx:
            rows = queries.list_observations(tx, queries.Wanted(**query), cursor, limit + 1)
        page, following = cut(rows, limit, lambda row: (row.at, row.id))
        return {"items": page, "next": following}

    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.ObservationsIn)
    @refusals(blueprint, 401, 403, 409, 422)
    @blueprint.response(201, schemas.AllNotedOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Keep what customers were seen to do, up to 500 at once; a key that is known is not kept again."""
        seen = [commands.Seen(**each) for each in given["items"]]
        return {"items": commands.note(current_actor(), seen)}


@blueprint.route("/observations/<uuid:observation_id>/need")
class ObservationNeed(MethodView):
    @allowed("needs:write", Role.SALES)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(201, SavedNeedOut)
    def post(self, observation_id: UUID) -> Saved:
        """Make a need of what a customer asked or complained of; asked again, it is the same need."""
        return commands.make_need(current_actor(), observation_id)


@blueprint.route("/customers/<uuid:customer_id>/timeline")
class CustomerTimeline(MethodView):
    @allowed("customers:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, schemas.CustomerTimelineOut)
    def get(self, customer_id: UUID) -> dict[str, Any]:
        """Return the fifty newest things known of a customer: observations, needs and feedback."""
        with reading(current_actor().org_id) as tx:
            customers.get_customer(tx, customer_id)
            return {"items": queries.timeline_of(tx, customer_id)}
