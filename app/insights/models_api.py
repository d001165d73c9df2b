"""/api/v1/models and /api/v1/forecasts: what is predicted, how good it is, and what may be done about it."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.database import reading
from app.insights import forecast_pages, nights, publishing, queries, training
from app.insights.queries import Line, Version, View
from app.moments import utc_now
from app.wording import translated

blueprint = new_blueprint("models", __name__, "Trained models: quality, versions, trainings; and forecasts.")


class TrainingRunOut(Schema):
    """`percent` is how far it is; `reasons` why it ended as it did, in the reader's language."""

    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    asked_at = ma.fields.AwareDateTime(required=True)
    asked_by = ma.fields.String(required=True, allow_none=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    percent = ma.fields.Integer(required=True)
    reasons = ma.fields.List(ma.fields.String(), required=True)


class ModelVersionOut(Schema):
    """`candidate`, `baseline` and `in_use` are the kind's metric on the same held-back rows."""

    version = ma.fields.Integer(required=True)
    status = ma.fields.String(required=True)
    trained_at = ma.fields.AwareDateTime(required=True)
    trained_by = ma.fields.String(required=True, allow_none=True)
    used_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    rows_since = ma.fields.AwareDateTime(required=True)
    rows_until = ma.fields.AwareDateTime(required=True)
    held_since = ma.fields.AwareDateTime(required=True)
    row_count = ma.fields.Integer(required=True)
    held_back = ma.fields.Integer(required=True)
    candidate = ma.fields.Float(required=True)
    baseline = ma.fields.Float(required=True)
    in_use = ma.fields.Float(required=True, allow_none=True)
    metrics = ma.fields.Dict(required=True)
    features = ma.fields.List(ma.fields.String(), required=True)
    reasons = ma.fields.List(ma.fields.String(), required=True)
    code_version = ma.fields.String(required=True)
    seed = ma.fields.Integer(required=True)


class ModelLineOut(Schema):
    """A kind: without a version the baseline answers. `runs` holds the last training, if there was one."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    about = ma.fields.String(required=True)
    metric = ma.fields.String(required=True)
    higher_is_better = ma.fields.Boolean(required=True)
    version = ma.fields.Integer(required=True, allow_none=True)
    candidate = ma.fields.Float(required=True, allow_none=True)
    baseline = ma.fields.Float(required=True, allow_none=True)
    runs = ma.fields.List(ma.fields.Nested(TrainingRunOut), required=True)


class ModelsOut(Schema):
    """`hour` is when all are trained each night, in the organisation's time zone; null: only when asked."""

    items = ma.fields.List(ma.fields.Nested(ModelLineOut), required=True)
    hour = ma.fields.Integer(required=True, allow_none=True)


class DriftOut(Schema):
    name = ma.fields.String(required=True)
    shift = ma.fields.Float(required=True)
    level = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)


class QualityWeekOut(Schema):
    """Mean errors of what was settled; null where the model, or the baseline, said nothing."""

    starts_on = ma.fields.Date(required=True)
    count = ma.fields.Integer(required=True)
    error = ma.fields.Float(required=True, allow_none=True)
    baseline_error = ma.fields.Float(required=True, allow_none=True)


class SaidOut(Schema):
    """What was said of a subject, by a model or by the baseline, and what happened then."""

    subject = ma.fields.String(required=True)
    by_baseline = ma.fields.Boolean(required=True)
    said = ma.fields.Dict(required=True)
    said_at = ma.fields.AwareDateTime(required=True)
    happened = ma.fields.Dict(required=True)
    happened_at = ma.fields.AwareDateTime(required=True)
    error = ma.fields.Float(required=True, allow_none=True)


class ModelOut(Schema):
    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    metric = ma.fields.String(required=True)
    versions = ma.fields.List(ma.fields.Nested(ModelVersionOut), required=True)
    runs = ma.fields.List(ma.fields.Nested(TrainingRunOut), required=True)
    drifts = ma.fields.List(ma.fields.Nested(DriftOut), required=True)
    weeks = ma.fields.List(ma.fields.Nested(QualityWeekOut), required=True)
    settled = ma.fields.List(ma.fields.Nested(SaidOut), required=True)


class ScheduleIn(Schema):
    hour = ma.fields.Integer(required=True, allow_none=True, strict=True, validate=ma.validate.Range(0, 23))


class UseIn(Schema):
    version = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 999_999_999))


class TrainingAskedOut(Schema):
    id = ma.fields.UUID(required=True)


class ForecastOut(Schema):
    """What is expected from a day on for 1 or 7 days; 80 of 100 outcomes lie from `low` to `high`."""

    measure = ma.fields.String(required=True)
    need_type = ma.fields.String(required=True)
    starts_on = ma.fields.Date(required=True)
    days = ma.fields.Integer(required=True)
    expected = ma.fields.Float(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)
    method = ma.fields.String(required=True)


class ForecastsOut(Schema):
    """Without a version the baseline says it; `missing` says why there is nothing."""

    version = ma.fields.Integer(required=True, allow_none=True)
    items = ma.fields.List(ma.fields.Nested(ForecastOut), required=True)
    missing = ma.fields.List(ma.fields.String(), required=True)


@blueprint.route("/models")
class Models(MethodView):
    @allowed("insights:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, ModelsOut)
    def get(self) -> dict[str, Any]:
        """List everything that is predicted, with the version in use and the last training."""
        with reading(current_actor().org_id) as tx:
            items = [_line(row) for row in queries.list_kinds(tx)]
            return {"items": items, "hour": nights.read_hour(tx)}


def _line(row: Line) -> dict[str, Any]:
    return {
        "name": row.kind.name,
        "title": translated(row.kind.title),
        "about": translated(row.kind.about),
        "metric": row.kind.metric.name,
        "higher_is_better": row.kind.metric.higher_is_better,
        "version": row.version,
        "candidate": row.candidate,
        "baseline": row.baseline,
        "runs": [_run(row.run)] if row.run else [],
    }


def _run(run: queries.Run) -> dict[str, Any]:
    names = ("id", "state", "asked_at", "asked_by", "ended_at", "percent")
    return {**{name: getattr(run, name) for name in names}, "reasons": [translated(r) for r in run.reasons]}


def _version(found: Version) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in ModelVersionOut().fields}
    return {**values, "reasons": [translated(reason) for reason in found.reasons]}


@blueprint.route("/models/<string:name>")
class OneModel(MethodView):
    @allowed("insights:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, ModelOut)
    def get(self, name: str) -> dict[str, Any]:
        """Return one kind: its versions, trainings, drift, and what was said against what happened."""
        with reading(current_actor().org_id) as tx:
            return _view(queries.view(tx, name, utc_now()))


def _view(view: View) -> dict[str, Any]:
    return {
        "name": view.kind.name,
        "title": translated(view.kind.title),
        "metric": view.kind.metric.name,
        "versions": [_version(each) for each in view.versions],
        "runs": [_run(each) for each in view.runs],
        "drifts": view.drifts,
        "weeks": view.weeks,
        "settled": [
            {
                **{name: getattr(each, name) for name in SaidOut._declared_fields if name != "by_baseline"},
                "by_baseline": each.model_id is None,
            }
            for each in view.settled
        ],
    }


@blueprint.route("/models/<string:name>/trainings")
class Trainings(MethodView):
    @allowed("insights:write", Role.PROCESS_OWNER)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(202, TrainingAskedOut)
    def post(self, name: str) -> dict[str, Any]:
        """Ask for a training; a worker takes it up."""
        return {"id": training.ask(current_actor(), name)}


@blueprint.route("/models/<string:name>/use")
class UseOfVersion(MethodView):
    @allowed("insights:write", Role.PROCESS_OWNER)
    @blueprint.arguments(UseIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], name: str) -> None:
        """Put a version that was in use before in use again."""
        publishing.use_version(current_actor(), name, given["version"])


@blueprint.route("/models/<string:name>/stop")
class StopOfModel(MethodView):
    @allowed("insights:write", Role.PROCESS_OWNER)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(204)
    def post(self, name: str) -> None:
        """Take the version in use out of use: the baseline answers."""
        publishing.stop_using(current_actor(), name)


@blueprint.route("/model-schedule")
class Schedule(MethodView):
    @allowed("insights:write", Role.PROCESS_OWNER)
    @blueprint.arguments(ScheduleIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(204)
    def put(self, given: dict[str, Any]) -> None:
        """Choose the hour of the nightly trainings; null trains only when somebody asks."""
        nights.set_hour(current_actor(), given["hour"])


@blueprint.route("/forecasts")
class Forecasts(MethodView):
    @allowed("insights:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, ForecastsOut)
    def get(self) -> dict[str, Any]:
        """List what is expected of needs and orders, by type, for single days and for seven together."""
        with reading(current_actor().org_id) as tx:
            shown = forecast_pages.present(tx)
        missing = [translated(reason) for reason in shown.missing]
        return {"version": shown.version, "items": [*shown.weeks, *shown.days], "missing": missing}
