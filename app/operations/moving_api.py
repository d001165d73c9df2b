"""/api/v1/migrations: running instances to another version of their process."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.database import reading
from app.operations import moving, moving_queries
from app.operations.moving import ROLES, Chosen
from app.operations.moving_queries import Choice, Course

MOST = 200
blueprint = new_blueprint(
    "migrations", __name__, "Running instances on former versions, and how they come to another."
)


def _process() -> Text:
    return Text(required=True, shortest=1, longest=120, metadata={"examples": ["order_approval"]})


def _number() -> ma.fields.Integer:
    return ma.fields.Integer(
        required=True,
        strict=True,
        validate=ma.validate.Range(min=1, max=2**31 - 1),
        metadata={"examples": [1]},
    )


class OriginOut(Schema):
    """Instances of a process that run on a former deployment, by its number."""

    process = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    file = ma.fields.String(required=True)
    deployment = ma.fields.Integer(required=True)
    published_at = ma.fields.AwareDateTime(required=True)
    note = ma.fields.String(required=True)
    newest = ma.fields.Integer(required=True)
    running = ma.fields.Integer(required=True)


class OriginsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(OriginOut), required=True)


class CourseQuery(Schema):
    """A process, and two deployments by their numbers."""

    process = _process()
    before = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=2**31 - 1))
    after = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=2**31 - 1))


class PairOut(Schema):
    """An element and the one that stands for it; `why`: id, name, work, place or chosen."""

    process = ma.fields.String(required=True)
    old = ma.fields.String(required=True)
    new = ma.fields.String(required=True)
    why = ma.fields.String(required=True)
    is_sure = ma.fields.Boolean(required=True)


class PlanPlaceOut(Schema):
    process = ma.fields.String(required=True)
    element = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)


class PlanOut(Schema):
    """`gone` are only in the old version, `added` only in the new, `changed` of another kind there."""

    process = ma.fields.String(required=True)
    pairs = ma.fields.List(ma.fields.Nested(PairOut), required=True)
    gone = ma.fields.List(ma.fields.Nested(PlanPlaceOut), required=True)
    added = ma.fields.List(ma.fields.Nested(PlanPlaceOut), required=True)
    changed = ma.fields.List(ma.fields.Nested(PlanPlaceOut), required=True)


class ChoiceIn(Schema):
    """Which element stands for an old one, other than proposed; null: none does."""

    process = _process()
    old = Text(required=True, shortest=1, longest=190, metadata={"examples": ["approve_order"]})
    new = Text(
        required=True, shortest=1, longest=190, allow_none=True, metadata={"examples": ["approve_order"]}
    )


class CourseIn(Schema):
    """From which deployment to which, with what was chosen otherwise than proposed."""

    process = _process()
    before = _number()
    after = _number()
    choices = ma.fields.List(
        ma.fields.Nested(ChoiceIn), load_default=list, validate=ma.validate.Length(max=500)
    )


class CheckIn(CourseIn):
    """Which instances; without ids the oldest that run on the deployment, 200 at most."""

    ids = ma.fields.List(ma.fields.UUID(), load_default=list, validate=ma.validate.Length(max=MOST))


class ChosenIn(Schema):
    """An instance; with a revision it is refused where it has moved on since you looked."""

    id = ma.fields.UUID(required=True)
    revision = ma.fields.Integer(strict=True, load_default=None, allow_none=True)


class MigrateIn(CourseIn):
    """Which instances go, and why."""

    instances = ma.fields.List(
        ma.fields.Nested(ChosenIn), required=True, validate=ma.validate.Length(min=1, max=MOST)
    )
    reason = Text(required=True, shortest=1, longest=500, metadata={"examples": ["Finance looks at it too"]})


class UndoIn(Schema):
    """Which instances are taken back, and why."""

    ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(min=1, max=MOST))
    reason = Text(required=True, shortest=1, longest=500, metadata={"examples": ["The wrong version"]})


class MigrationOut(Schema):
    """Without reasons the instance is migrated (or can be, where you only checked)."""

    id = ma.fields.UUID(required=True)
    reasons = ma.fields.List(ma.fields.String(), required=True)


class MigrationsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(MigrationOut), required=True)


def _course(given: dict[str, Any]) -> Course:
    choices = tuple(Choice(**choice) for choice in given.get("choices", ()))
    return Course(given["process"], given["before"], given["after"], choices)


@blueprint.route("/migrations")
class Migrations(MethodView):
    @allowed("operations:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, OriginsOut)
    def get(self) -> dict[str, Any]:
        """List where instances run that are not on the newest deployment."""
        with reading(current_actor().org_id) as tx:
            return {"items": moving_queries.list_origins(tx)}

    @allowed("operations:write", *ROLES)
    @blueprint.arguments(MigrateIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, MigrationsOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Migrate instances, each by itself: one that cannot be stays as it is, and its row says why."""
        chosen = [Chosen(**each) for each in given["instances"]]
        return {"items": moving.migrate_each(current_actor(), _course(given), chosen, given["reason"])}


@blueprint.route("/migrations/plan")
class Planning(MethodView):
    @allowed("operations:read")
    @blueprint.arguments(CourseQuery, location="query")
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, PlanOut)
    def get(self, given: dict[str, Any]) -> Any:
        """Return which element of one version is proposed to stand for which of another."""
        with reading(current_actor().org_id) as tx:
            return moving_queries.find_way(tx, _course(given)).plan


@blueprint.route("/migrations/check")
class Checking(MethodView):
    @allowed("operations:write", *ROLES)
    @blueprint.arguments(CheckIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, MigrationsOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Say of each instance whether it can be migrated, and why not; nothing is changed."""
        return {"items": moving.check(current_actor(), _course(given), given["ids"])}


@blueprint.route("/migrations/undo")
class Undoing(MethodView):
    @allowed("operations:write", *ROLES)
    @blueprint.arguments(UndoIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, MigrationsOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Take migrated instances back, as long as they have not gone on; each by itself."""
        ids: list[UUID] = given["ids"]
        return {"items": moving.undo_each(current_actor(), ids, given["reason"])}
