"""/api/v1/needs/feedback: what customers said of orders, as needs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import PageQuery, Schema, page_of, refusals
from app.api import blueprint as new_blueprint
from app.database import reading
from app.needs import given_types
from app.needs.commands import Saved
from app.needs.feedback import commands, queries, rules
from app.needs.given_types import GivenType
from app.needs.schemas import SavedNeedOut
from app.paging import after_moment, cut

blueprint = new_blueprint("need_feedback", __name__, "Feedback on orders that may be a need.")


class OfferedOut(Schema):
    id = ma.fields.UUID(required=True)
    order_id = ma.fields.UUID(required=True)
    order_number = ma.fields.String(required=True)
    customer_id = ma.fields.UUID(required=True)
    customer_name = ma.fields.String(required=True)
    score = ma.fields.Integer(required=True, allow_none=True)
    text = ma.fields.String(required=True)
    answered_at = ma.fields.AwareDateTime(required=True)
    need_id = ma.fields.UUID(required=True, allow_none=True)


class OfferedQuery(PageQuery):
    waiting = ma.fields.Boolean(load_default=False)


class FeedbackRuleOut(Schema):
    """Which feedback becomes a need by itself."""

    becomes = ma.fields.Enum(rules.FeedbackRule, by_value=True, required=True, metadata={"examples": ["low"]})


def _name(example: str) -> ma.fields.String:
    longest = ma.validate.Length(max=given_types.LONGEST)
    return ma.fields.String(load_default="", validate=longest, metadata={"examples": [example]})


class GivenTypes(Schema):
    """The type that a need gets of a question, of a complaint and of other feedback."""

    question = _name("question")
    complaint = _name("warranty")
    feedback = _name("feedback")


@blueprint.route("/needs/feedback")
class NeedFeedback(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(OfferedQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, page_of(OfferedOut))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List feedback that is low or has a text, the newest first, with the need that was made of it."""
        with reading(current_actor().org_id) as tx:
            rows = queries.list_offered(
                tx, after_moment(query["cursor"]), query["limit"] + 1, waiting=query["waiting"]
            )
        page, following = cut(rows, query["limit"], lambda row: (row.answered_at, row.id))
        return {"items": page, "next": following}


@blueprint.route("/needs/feedback/<uuid:feedback_id>/need")
class FeedbackNeed(MethodView):
    @allowed("needs:write", Role.SALES)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(201, SavedNeedOut)
    def post(self, feedback_id: UUID) -> Saved:
        """Make a need of what a customer said; asked again, it is the same need."""
        return commands.make_need(current_actor(), feedback_id)


@blueprint.route("/needs/feedback/rule")
class OneFeedbackRule(MethodView):
    @allowed("needs:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, FeedbackRuleOut)
    def get(self) -> rules.Rule:
        """Say which feedback becomes a need by itself."""
        with reading(current_actor().org_id) as tx:
            return rules.rule_of(tx)

    @allowed("needs:write", Role.ADMINISTRATOR)
    @blueprint.arguments(FeedbackRuleOut)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(204)
    def put(self, given: dict[str, Any]) -> None:
        """Choose which feedback becomes a need by itself."""
        rules.choose(current_actor(), given["becomes"])


@blueprint.route("/needs/feedback/types")
class FeedbackTypes(MethodView):
    @allowed("needs:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, GivenTypes)
    def get(self) -> dict[GivenType, str]:
        """Say which types needs of feedback and of observations get."""
        with reading(current_actor().org_id) as tx:
            return given_types.names_of(tx)

    @allowed("needs:write", Role.ADMINISTRATOR)
    @blueprint.arguments(GivenTypes)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(204)
    def put(self, given: dict[str, str]) -> None:
        """Choose the types that needs of feedback and of observations get from now on.

        One that is empty or left out is called in the language of the business again.
        """
        given_types.choose(current_actor(), {GivenType(name): text for name, text in given.items()})
