"""/api/v1/instances/actions and /api/v1/incidents/actions: the same verbs on many, with a result for each."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.database import reading
from app.operations import bulk
from app.operations.acting_schemas import ActIn, HelpIn, ResultOut, act_of, help_of
from app.operations.instances_list import InstanceFilter
from app.processes.models import LIVE

blueprint = new_blueprint("bulk", __name__, "What operators do to many at once.")
_EXAMPLE = {"examples": [["018f0000-0000-7000-8000-000000000000"]]}
_STATUSES = tuple(status.name.lower() for status in LIVE)


class SelectionIn(Schema):
    """Which instances: what is empty does not narrow. `element` is one that holds a token now."""

    process = Text(load_default="", longest=120)
    element = Text(load_default="", longest=190)
    status = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *_STATUSES]))
    stopped = ma.fields.Boolean(load_default=False)
    started_from = ma.fields.Date(load_default=None, allow_none=True)
    started_to = ma.fields.Date(load_default=None, allow_none=True)


class ActOnAllIn(ActIn):
    """An action on the instances of these ids, at most 500."""

    ids = ma.fields.List(
        ma.fields.UUID(), required=True, validate=ma.validate.Length(1, bulk.MOST), metadata=_EXAMPLE
    )


class ForeseeAllIn(ActIn):
    """An action on the instances that `select` means, or on those of `ids`."""

    ids = ma.fields.List(ma.fields.UUID(), load_default=list, validate=ma.validate.Length(max=bulk.MOST))
    select = ma.fields.Nested(SelectionIn, load_default=None, allow_none=True)


class HelpAllIn(HelpIn):
    """A way out for the incidents of these ids, at most 500."""

    ids = ma.fields.List(
        ma.fields.UUID(), required=True, validate=ma.validate.Length(1, bulk.MOST), metadata=_EXAMPLE
    )


class ResultsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(ResultOut), required=True)


class ForeseenAllOut(ResultsOut):
    """`more`: the filter means more than are listed; do these first, then ask again."""

    more = ma.fields.Boolean(required=True)


class CauseOut(Schema):
    """Open incidents at one element that say the same but for particulars, which are `…` in the pattern."""

    process = ma.fields.String(required=True)
    element = ma.fields.String(required=True)
    pattern = ma.fields.String(required=True)
    example = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    ids = ma.fields.List(ma.fields.UUID(), required=True)


class CausesOut(Schema):
    items = ma.fields.List(ma.fields.Nested(CauseOut), required=True)


@blueprint.route("/instances/actions")
class AllActions(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(ActOnAllIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, ResultsOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Do the same to many instances, each in a transaction of its own; say what came of each."""
        ids = given.pop("ids")
        return {"items": bulk.do_all(current_actor(), ids, act_of(given))}


@blueprint.route("/instances/actions/preview")
class AllActionsPreview(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(ForeseeAllIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, ForeseenAllOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Say for each instance what an action would do; nothing is changed."""
        actor, ids, more = current_actor(), given.pop("ids"), False
        select = given.pop("select")
        if not ids and select is not None:
            only_stopped = select.pop("stopped")
            rows, more = bulk.find(actor, InstanceFilter(**select, only_stopped=only_stopped, only_live=True))
            ids = [row.id for row in rows]
        return {"items": bulk.foresee_all(actor, ids, act_of(given)), "more": more}


@blueprint.route("/incidents/causes")
class Causes(MethodView):
    @allowed("operations:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, CausesOut)
    def get(self) -> dict[str, Any]:
        """List the open incidents by what caused them, the most frequent first."""
        with reading(current_actor().org_id) as tx:
            return {"items": bulk.causes(tx)}


@blueprint.route("/incidents/actions")
class AllIncidentActions(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(HelpAllIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, ResultsOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Go the same way out of many incidents; say what came of each."""
        ids = given.pop("ids")
        return {"items": bulk.help_out_all(current_actor(), ids, help_of(given))}


@blueprint.route("/incidents/actions/preview")
class AllIncidentActionsPreview(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(HelpAllIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, ResultsOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Say for each incident what a way out would do; nothing is changed."""
        ids = given.pop("ids")
        return {"items": bulk.foresee_help_all(current_actor(), ids, help_of(given))}
