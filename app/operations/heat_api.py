"""/api/v1/heat: how many instances stand where, and how long elements take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.database import reading
from app.moments import utc_now
from app.operations import heat_queries

LONGEST_DAYS = 366

blueprint = new_blueprint("heat", __name__, "Where instances stand, and how long elements take.")


class HeatProcessOut(Schema):
    """A process with the live instances that stand in it, and how many of those have an open incident."""

    process = ma.fields.String(required=True)
    file = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    open = ma.fields.Integer(required=True)
    stopped = ma.fields.Integer(required=True)


class HeatProcessesOut(Schema):
    items = ma.fields.List(ma.fields.Nested(HeatProcessOut), required=True)


class HeatQuery(Schema):
    """Without a version all of them count. `days` are those of leaving an element, in UTC, with today."""

    version = ma.fields.Integer(load_default=None, validate=ma.validate.Range(1, 999_999_999))
    days = ma.fields.Integer(load_default=90, validate=ma.validate.Range(1, LONGEST_DAYS))


class HeatElementOut(Schema):
    """Times are seconds, of completed visits, right to 2.5 percent; `open` counts the instances there."""

    process = ma.fields.String(required=True)
    element = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    completed = ma.fields.Integer(required=True)
    cancelled = ma.fields.Integer(required=True)
    median = ma.fields.Float(required=True, allow_none=True)
    p95 = ma.fields.Float(required=True, allow_none=True)
    open = ma.fields.Integer(required=True)


class HeatOut(Schema):
    name = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True, allow_none=True)
    drawn_version = ma.fields.Integer(required=True)
    versions = ma.fields.List(ma.fields.Integer(), required=True)
    elements = ma.fields.List(ma.fields.Nested(HeatElementOut), required=True)


@blueprint.route("/heat")
class Processes(MethodView):
    @allowed("operations:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, HeatProcessesOut)
    def get(self) -> dict[str, Any]:
        """List the deployed processes with their open instances."""
        with reading(current_actor().org_id) as tx:
            return {"items": heat_queries.list_processes(tx)}


@blueprint.route("/heat/<string:name>")
class Heat(MethodView):
    @allowed("operations:read")
    @blueprint.arguments(HeatQuery, location="query")
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, HeatOut)
    def get(self, query: dict[str, Any], name: str) -> heat_queries.HeatView:
        """Return a diagram's elements: how often they were passed, how long that took, who stands there."""
        since = utc_now().date() - timedelta(days=query["days"] - 1)
        with reading(current_actor().org_id) as tx:
            return heat_queries.get_heat(tx, name, query["version"], since)
