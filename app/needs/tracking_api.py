"""/api/v1/needs/stages, /needs/views: where needs can stand, and the filters that people keep."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView

from app.accounts import queries as accounts
from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Measure, Text
from app.database import reading
from app.needs import board, duplicates, explore, funnel, queries, views
from app.needs.explore import Question
from app.needs.schemas import NeedFilterQuery, NeedOut

blueprint = new_blueprint("need-tracking", __name__, "Where needs stand, and views of them that are kept.")


class StageOut(Schema):
    """A stage of the diagram; `moves` are the stages to which a need can go on from it."""

    key = ma.fields.String(required=True)
    closed = ma.fields.Boolean(required=True)
    moves = ma.fields.List(ma.fields.String(), required=True)
    count = ma.fields.Integer(required=True)
    overdue = ma.fields.Integer(required=True)


class StagesOut(Schema):
    """The stages from left to right as the diagram shows them, and what stands at stages of older ones."""

    stages = ma.fields.List(ma.fields.Nested(StageOut), required=True)


class PassageOut(Schema):
    """A stage: how many came to it or further, of all and of the stage before (0 to 1); the median stay."""

    stage = ma.fields.String(required=True)
    closed = ma.fields.Boolean(required=True)
    reached = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, allow_none=True)
    kept = ma.fields.Float(required=True, allow_none=True)
    stands = ma.fields.Integer(required=True)
    left = ma.fields.Integer(required=True)
    median_seconds = ma.fields.Integer(required=True, allow_none=True)


class ReasonOut(Schema):
    reason = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)


class FunnelOut(Schema):
    """Needs collected in a period by what became of them; `decided` is the share of won among the closed."""

    total = ma.fields.Integer(required=True)
    open = ma.fields.Integer(required=True)
    won = ma.fields.Integer(required=True)
    lost = ma.fields.Integer(required=True)
    decided = ma.fields.Float(required=True, allow_none=True)
    passages = ma.fields.List(ma.fields.Nested(PassageOut), required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)


class ExploreQuery(NeedFilterQuery):
    """What is asked: `rows` and `columns` are sides of needs, `period` is how time is cut."""

    rows = ma.fields.Enum(explore.Side, by_value=True, load_default=explore.Side.TYPE)
    columns = ma.fields.Enum(explore.Side, by_value=True, load_default=None)
    measure = ma.fields.Enum(explore.Measure, by_value=True, load_default=explore.Measure.COUNT)
    period = ma.fields.Enum(explore.Period, by_value=True, load_default=explore.Period.MONTH)
    currency = Text(longest=3, load_default="")
    segment = Text(longest=10, load_default="")
    product = Text(longest=60, load_default="")

    @ma.validates_schema
    def check_sides(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a side across itself."""
        if data["columns"] == data["rows"]:
            raise ma.ValidationError("is the same as rows", "columns")


class PivotCellOut(Schema):
    """A cell: a period is named by its first day, what has no value by "none". A mean of nothing is null."""

    row = ma.fields.String(required=True)
    column = ma.fields.String(required=True, allow_none=True)
    count = ma.fields.Integer(required=True)
    value = Measure(required=True, allow_none=True)


class PivotOut(Schema):
    """Needs grouped: `others` counts those in other currencies, which are left out where worth is asked."""

    measure = ma.fields.String(required=True)
    currency = ma.fields.String(required=True, allow_none=True)
    rows = ma.fields.List(ma.fields.String(), required=True)
    columns = ma.fields.List(ma.fields.String(), required=True)
    cells = ma.fields.List(ma.fields.Nested(PivotCellOut), required=True)
    count = ma.fields.Integer(required=True)
    total = Measure(required=True, allow_none=True)
    others = ma.fields.Integer(required=True)


class NeedPairOut(Schema):
    """Two needs that may be the same; `share` of their words is from 0 to 1."""

    one = ma.fields.Nested(NeedOut, required=True)
    other = ma.fields.Nested(NeedOut, required=True)
    share = ma.fields.Float(required=True)


class NeedPairsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(NeedPairOut), required=True)


class MergeIn(Schema):
    """The need that goes into the one of the address."""

    need_id = ma.fields.UUID(required=True)


class ViewOut(Schema):
    id = ma.fields.UUID(required=True)
    page = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    query = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    shared = ma.fields.Boolean(required=True)
    mine = ma.fields.Boolean(required=True)
    person = ma.fields.String(required=True)


class ViewsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(ViewOut), required=True)


class ViewIn(Schema):
    """A filter under a name: `query` holds what the page's address holds. The same name again replaces it."""

    page = ma.fields.String(load_default="list", validate=ma.validate.OneOf(sorted(views.KEYS)))
    name = Text(required=True, longest=views.LONGEST_NAME, shortest=1, metadata={"examples": ["My week"]})
    query = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        load_default=dict,
        metadata={"examples": [{"status": "quoted", "mine": "1"}]},
    )
    shared = ma.fields.Boolean(load_default=False)


class ViewIdOut(Schema):
    id = ma.fields.UUID(required=True)


class PageOfViews(Schema):
    page = ma.fields.String(load_default="list", validate=ma.validate.OneOf(sorted(views.KEYS)))


@blueprint.route("/needs/stages")
class NeedStages(MethodView):
    @allowed("needs:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, StagesOut)
    def get(self) -> dict[str, Any]:
        """Return the stages of needs, and how many stand at each."""
        with reading(current_actor().org_id) as tx:
            return {"stages": board.stages_of(tx)}


@blueprint.route("/needs/funnel")
class NeedFunnel(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(NeedFilterQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, FunnelOut)
    def get(self, query: dict[str, Any]) -> funnel.Funnel:
        """Return how far the needs of a period came, how long they stayed, and why they were lost."""
        with reading(current_actor().org_id) as tx:
            return funnel.funnel(tx, queries.Filter(**query))


@blueprint.route("/needs/explore")
class NeedExplore(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(ExploreQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, PivotOut)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Group needs by one or two of their sides, and count or add them up."""
        with reading(current_actor().org_id) as tx:
            query["currency"] = query["currency"] or accounts.currency_of(tx)
            asked = {name: query.pop(name) for name in Question.__dataclass_fields__}
            pivot = explore.explore(tx, queries.Filter(**query), Question(**asked))
        return pivot_told(pivot)


def pivot_told(pivot: explore.Pivot) -> dict[str, Any]:
    """Return a pivot as a list of cells, and its sums."""
    question = pivot.question
    return {
        "measure": question.measure,
        "currency": question.currency if question.of_worth else None,
        "rows": pivot.rows,
        "columns": pivot.columns if question.columns else (),
        "cells": [
            {"row": row, "column": column or None, "count": sums.count, "value": pivot.told(sums)}
            for row in pivot.rows
            for column in pivot.columns
            if (sums := pivot.cells.get((row, column))) is not None
        ],
        "count": pivot.total.count,
        "total": pivot.told(pivot.total),
        "others": pivot.others,
    }


@blueprint.route("/needs/duplicates")
class Duplicates(MethodView):
    @allowed("needs:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, NeedPairsOut)
    def get(self) -> dict[str, Any]:
        """List open needs of one customer that say much the same, the likest first."""
        with reading(current_actor().org_id) as tx:
            return {"items": duplicates.pairs(tx)}


@blueprint.route("/needs/<uuid:need_id>/merge")
class NeedMerge(MethodView):
    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(MergeIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], need_id: UUID) -> None:
        """Merge another need into this one; nothing of either is lost, and it can be undone."""
        duplicates.merge(current_actor(), need_id, given["need_id"])


@blueprint.route("/needs/<uuid:need_id>/part")
class NeedPart(MethodView):
    @allowed("needs:write", Role.SALES)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(204)
    def post(self, need_id: UUID) -> None:
        """Let a need that was merged into another stand for itself again."""
        duplicates.part(current_actor(), need_id)


@blueprint.route("/needs/views")
class NeedViews(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(PageOfViews, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, ViewsOut)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List one's own views and those that others share."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return {"items": views.list_views(tx, actor, query["page"])}

    @allowed("needs:write")
    @blueprint.arguments(ViewIn)
    @refusals(blueprint, 401, 403, 409, 422)
    @blueprint.response(201, ViewIdOut)
    def post(self, given: dict[str, Any]) -> dict[str, UUID]:
        """Keep a view."""
        kept = views.keep(
            current_actor(), given["page"], given["name"], given["query"], shared=given["shared"]
        )
        return {"id": kept}


@blueprint.route("/needs/views/<uuid:view_id>")
class OneView(MethodView):
    @allowed("needs:write")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(204)
    def delete(self, view_id: UUID) -> None:
        """Take a view away."""
        views.forget(current_actor(), view_id)
