"""/api/v1/incidents, /api/v1/messages and /api/v1/signals: what operators help with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import PageQuery, Schema, page_of, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.database import reading
from app.operations import queries, retrying
from app.paging import after_moment, cut
from app.processes import incidents

blueprint = new_blueprint("operations", __name__, "Incidents that wait for help, and messages for instances.")


class IncidentOut(Schema):
    id = ma.fields.UUID(required=True)
    instance_id = ma.fields.UUID(required=True, allow_none=True)
    title = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    order_id = ma.fields.UUID(required=True, allow_none=True)
    element = ma.fields.String(required=True)
    handler = ma.fields.String(required=True, allow_none=True)
    attempts = ma.fields.Integer(required=True, allow_none=True)
    message = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    resolved_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    resolved_by = ma.fields.String(required=True, allow_none=True)
    resolution = ma.fields.String(required=True, allow_none=True)


class IncidentQuery(PageQuery):
    all = ma.fields.Boolean(load_default=False, metadata={"description": "Resolved ones too."})


class RetryIn(Schema):
    """`variables` replace those of the instance before the element is tried again.

    A service call is tried again with what it was made with: variables are refused there.
    """

    reason = Text(load_default="", longest=500)
    variables = ma.fields.Dict(keys=ma.fields.String(), load_default=None, allow_none=True)


class RetryAllIn(Schema):
    """Which incidents: all open ones that say exactly this."""

    message = Text(required=True, shortest=1, longest=4000, metadata={"examples": ["the carrier is away"]})


class RetriedOut(Schema):
    count = ma.fields.Integer(required=True)


@blueprint.route("/incidents")
class Incidents(MethodView):
    @allowed("operations:read")
    @blueprint.arguments(IncidentQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, page_of(IncidentOut))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List incidents, the newest first; only open ones unless asked otherwise."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            rows = queries.list_incidents(
                tx,
                only_open=not query["all"],
                after=after_moment(query["cursor"]),
                limit=query["limit"] + 1,
            )
        page, following = cut(rows, query["limit"], lambda row: (row.at, row.id))
        return {"items": page, "next": following}


@blueprint.route("/incidents/<uuid:incident_id>/retry")
class Retry(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(RetryIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], incident_id: UUID) -> None:
        """Try again what the incident stands for."""
        incidents.retry(current_actor(), incident_id, given["reason"], given["variables"])


@blueprint.route("/incidents/retry")
class RetryAll(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(RetryAllIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, RetriedOut)
    def post(self, given: dict[str, Any]) -> dict[str, int]:
        """Try all open incidents of one cause again; one that cannot be is left as it is."""
        return {"count": retrying.retry_all(current_actor(), given["message"])}
