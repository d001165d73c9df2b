"""/api/v1/segments: customers by how lately, how often and for how much they ordered."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import g
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.queries import currency_of
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Money
from app.database import reading
from app.insights.segments import queries
from app.wording import translated

blueprint = new_blueprint("segments", __name__, "Segments of customers.")


class SegmentOut(Schema):
    """Means of its customers; `share` is its part of all value, 0 to 1."""

    number = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    customers = ma.fields.Integer(required=True)
    recency_days = ma.fields.Float(required=True)
    frequency = ma.fields.Float(required=True)
    value = Money(required=True)
    share = ma.fields.Float(required=True)


class SegmentsOut(Schema):
    """Without a version the baseline says it: thirds by value. `missing` says why there is nothing."""

    version = ma.fields.Integer(required=True, allow_none=True)
    stability = ma.fields.Float(required=True, allow_none=True)
    told = ma.fields.Float(required=True, allow_none=True)
    baseline = ma.fields.Float(required=True, allow_none=True)
    items = ma.fields.List(ma.fields.Nested(SegmentOut), required=True)
    missing = ma.fields.List(ma.fields.String(), required=True)


@blueprint.route("/segments")
class Segments(MethodView):
    @allowed("insights:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, SegmentsOut)
    def get(self) -> dict[str, Any]:
        """List segments of customers, those of most value first."""
        with reading(current_actor().org_id) as tx:
            g.currency = currency_of(tx)
            shown = queries.present(tx)
        names = ("number", "customers", "recency_days", "frequency", "value", "share")
        return {
            **{name: getattr(shown, name) for name in ("version", "stability", "told", "baseline")},
            "items": [
                {
                    **{name: getattr(line, name) for name in names},
                    "name": ", ".join(translated(word) for word in line.words),
                }
                for line in shown.lines
            ],
            "missing": [translated(reason) for reason in shown.missing],
        }
