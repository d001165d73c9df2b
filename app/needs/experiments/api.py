"""/api/v1/experiments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import PageQuery, if_match, refusals
from app.api import blueprint as new_blueprint
from app.database import reading
from app.needs.experiments import assigning, commands, queries, schemas
from app.paging import after_moment, cut

blueprint = new_blueprint("experiments", __name__, "Designed experiments: plan, assign, tell, conclude.")
_WHO = (Role.SALES, Role.PROCESS_OWNER)


@blueprint.route("/experiments")
class Experiments(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(PageQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, schemas.ExperimentPage)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List experiments, the newest first."""
        with reading(current_actor().org_id) as tx:
            after = after_moment(query["cursor"])
            rows = queries.list_experiments(tx, after, query["limit"] + 1)
        page, following = cut(rows, query["limit"], lambda row: (row.created_at, row.id))
        return {"items": page, "next": following}

    @allowed("needs:write", *_WHO)
    @blueprint.arguments(schemas.ExperimentIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, schemas.PlannedOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Plan an experiment; the answer says how many units it needs."""
        design = schemas.design_of(given["plan"])
        experiment_id, needed = commands.create(
            current_actor(), given["name"], given["hypothesis"], given["unit"], design
        )
        return {"id": experiment_id, "planned_units": needed}


@blueprint.route("/experiments/<uuid:experiment_id>")
class OneExperiment(MethodView):
    @allowed("needs:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, schemas.ExperimentDetailOut)
    def get(self, experiment_id: UUID) -> dict[str, Any]:
        """Return an experiment with its plan, its units and its looks."""
        with reading(current_actor().org_id) as tx:
            experiment = queries.get(tx, experiment_id)
            units = queries.count_units(tx, experiment_id)
            looks = queries.list_looks(tx, experiment_id)
        plain = schemas.ExperimentOut().dump(experiment)
        return {
            **{name: getattr(experiment, name) for name in plain},
            "plan": experiment.plan,
            "units": units,
            "looks": looks,
        }

    @allowed("needs:write", *_WHO)
    @blueprint.arguments(schemas.ExperimentIn)
    @refusals(blueprint, 401, 403, 404, 409, 412, 422)
    @blueprint.response(200, schemas.PlannedOut)
    def put(self, given: dict[str, Any], experiment_id: UUID) -> dict[str, Any]:
        """Change a draft as a whole."""
        design = schemas.design_of(given["plan"])
        texts = (given["name"], given["hypothesis"], given["unit"])
        needed = commands.change(current_actor(), experiment_id, *texts, design, if_match())
        return {"id": experiment_id, "planned_units": needed}


@blueprint.route("/experiments/<uuid:experiment_id>/start")
class ExperimentStart(MethodView):
    @allowed("needs:write", *_WHO)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(204)
    def post(self, experiment_id: UUID) -> None:
        """Let units take part; the plan is fixed from now on."""
        commands.start(current_actor(), experiment_id)


@blueprint.route("/experiments/<uuid:experiment_id>/assignments")
class ExperimentAssignments(MethodView):
    @allowed("needs:write", *_WHO)
    @blueprint.arguments(schemas.UnitIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, schemas.AssignedOut)
    def post(self, given: dict[str, Any], experiment_id: UUID) -> dict[str, Any]:
        """Return a unit's variant, always the same one, and count it as taking part."""
        return {"variant": assigning.assign(current_actor(), experiment_id, given["unit"])}


@blueprint.route("/experiments/<uuid:experiment_id>/outcomes")
class ExperimentOutcomes(MethodView):
    @allowed("needs:write", *_WHO)
    @blueprint.arguments(schemas.OutcomeIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, schemas.OutcomeKeptOut)
    def post(self, given: dict[str, Any], experiment_id: UUID) -> dict[str, Any]:
        """Tell what a unit did: 1 for a proportion, an amount, or a number of events; it adds up."""
        is_new = assigning.record(current_actor(), experiment_id, **given)
        return {"is_new": is_new}


@blueprint.route("/experiments/<uuid:experiment_id>/looks")
class ExperimentLooks(MethodView):
    @allowed("needs:write", *_WHO)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(202)
    def post(self, experiment_id: UUID) -> None:
        """Have a worker look at what is known now; planned looks come by themselves."""
        commands.ask_look(current_actor(), experiment_id)


@blueprint.route("/experiments/<uuid:experiment_id>/stop")
class ExperimentStop(MethodView):
    @allowed("needs:write", *_WHO)
    @blueprint.arguments(schemas.StopIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], experiment_id: UUID) -> None:
        """End an experiment with a conclusion."""
        commands.stop(current_actor(), experiment_id, given["conclusion"])
