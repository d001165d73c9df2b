"""/api/v1/instances/…/actions and /api/v1/incidents/…/actions: an operator's verbs for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import blueprint as new_blueprint
from app.api import refusals
from app.database import reading
from app.operations import acting, acting_view
from app.operations.acting_schemas import ActIn, ForeseenOut, HelpIn, StuckOut, act_of, help_of
from app.operations.acting_view import Stuck
from app.operations.instances_api import READERS
from app.processes.operating import Foreseen

blueprint = new_blueprint("acting", __name__, "What operators do to instances and about incidents.")


@blueprint.route("/instances/<uuid:instance_id>/actions")
class Actions(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(ActIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], instance_id: UUID) -> None:
        """Suspend, resume, cancel or move an instance, set its variables or the time of a timer."""
        acting.do(current_actor(), instance_id, act_of(given))


@blueprint.route("/instances/<uuid:instance_id>/actions/preview")
class ActionsPreview(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(ActIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, ForeseenOut)
    def post(self, given: dict[str, Any], instance_id: UUID) -> Foreseen:
        """Say what an action would do; nothing is changed."""
        return acting.foresee(current_actor(), instance_id, act_of(given))


@blueprint.route("/incidents/<uuid:incident_id>")
class OneIncident(MethodView):
    @allowed("operations:read", *READERS)
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, StuckOut)
    def get(self, incident_id: UUID) -> Stuck:
        """Return an incident with what its element saw, and the ways out of it."""
        with reading(current_actor().org_id) as tx:
            return acting_view.stuck_at(tx, incident_id)


@blueprint.route("/incidents/<uuid:incident_id>/actions")
class IncidentActions(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(HelpIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], incident_id: UUID) -> None:
        """Try again, go on at another element, answer by a BPMN error, or cancel the instance."""
        acting.help_out(current_actor(), incident_id, help_of(given))


@blueprint.route("/incidents/<uuid:incident_id>/actions/preview")
class IncidentActionsPreview(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(HelpIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, ForeseenOut)
    def post(self, given: dict[str, Any], incident_id: UUID) -> Foreseen:
        """Say what a way out of an incident would do; nothing is changed."""
        return acting.foresee_help(current_actor(), incident_id, help_of(given))
